/** What the model of a widget's stream asks for. */
import { referredId } from "../model_stream";
import { isRecord } from "../record";

/** The longest side of a picture. */
export const LARGEST_PX = 8192;

/** `auto` never asks the user. */
export type Method = "auto" | "compositor" | "tab";

export interface WidgetOptions {
  readonly widget: string | null;
  readonly maxFps: number | null;
  readonly method: Method;
  readonly width: number;
  readonly height: number;
}

/** The kernel checks what its user gave; this only keeps a stray value from stopping the page. */
export function readOptions(options: unknown): WidgetOptions {
  const { widget, max_fps: fps, _wish: method, width, height } = isRecord(options) ? options : {};
  return {
    widget: referredId(widget),
    maxFps: typeof fps === "number" && fps >= 0 ? fps : null,
    method: method === "compositor" || method === "tab" ? method : "auto",
    width: side(width),
    height: side(height),
  };
}

function side(value: unknown): number {
  return typeof value === "number" && value > 0 ? Math.min(LARGEST_PX, Math.round(value)) : 0;
}
