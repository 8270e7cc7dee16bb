/**
 * Streams as models of a notebook's front end carry them, both ways: ours offer `stream` and `captureStream()`, as those
 * of ipywebrtc did; and other libraries' models that do are sources here (pythreejs, ipyvolume).
 */
import type { AnyModel } from "@anywidget/types";
import { isRecord } from "./record";

/** A Backbone model, as far as it concerns us. */
interface WidgetModel {
  /** ipywidgets': takes a state as if the kernel had sent it; Backbone's own `set` would be sent to the kernel. */
  set_state?: (state: Readonly<Record<string, unknown>>) => void;
  captureStream?: (fps?: number) => unknown;
  /** A promise in ipyvolume's and ours. */
  stream?: PromiseLike<unknown>;
}

/** Jupyter's widget manager; other hosts have none. */
interface WidgetManager {
  get_model(id: string): Promise<WidgetModel>;
}

const REFERENCE = /^IPY_MODEL_(.+)$/u;

export function managerOf(model: AnyModel): WidgetManager | null {
  const manager: unknown = (model as { widget_manager?: unknown }).widget_manager;
  return isRecord(manager) && typeof manager["get_model"] === "function" ? (manager as unknown as WidgetManager) : null;
}

/** The id in a trait that holds a widget; null when it holds none. */
export function referredId(value: unknown): string | null {
  return typeof value === "string" ? (REFERENCE.exec(value)?.[1] ?? null) : null;
}

/**
 * Lets other libraries take the stream from our model: `model.captureStream()` and `model.stream` give a promise. The
 * stream runs from the first time that it is asked for until the signal aborts.
 */
export async function offerStream(
  model: AnyModel,
  id: string,
  open: (signal: AbortSignal) => Promise<MediaStream>,
  signal: AbortSignal,
): Promise<void> {
  const manager = managerOf(model);
  if (manager === null || id === "") return;
  const own = await manager.get_model(id);
  let opened: Promise<MediaStream> | null = null;
  const stream = async (): Promise<MediaStream> => {
    opened ??= open(signal).catch((error: unknown) => {
      opened = null; // whoever asks again gets another attempt
      throw error;
    });
    return opened;
  };
  if (signal.aborted) return;
  own.captureStream = stream;
  Object.defineProperty(own, "stream", { get: stream, configurable: true });
}

/** Whether the widget is there, and another library's. */
export async function isForeign(model: AnyModel, id: string): Promise<boolean> {
  try {
    const other: unknown = await managerOf(model)?.get_model(id);
    const get: unknown = isRecord(other) ? other["get"] : undefined;
    return typeof get === "function" && typeof (get as (name: string) => unknown).call(other, "_stream") !== "string";
  } catch {
    return false; // it is not there yet
  }
}

/** Lets one of ipywidgets' players in this page play from an address; the kernel's model stays as it is. */
export async function playFrom(model: AnyModel, reference: unknown, address: string): Promise<void> {
  const id = referredId(reference);
  if (id === null) return;
  const player = await managerOf(model)?.get_model(id);
  player?.set_state?.({ format: "url", value: new DataView(new TextEncoder().encode(address).buffer) });
}

/**
 * The stream of another library's widget.
 *
 * Rejects with an error whose reason is `no_stream` when the widget gives none.
 */
export async function streamOfWidget(model: AnyModel, id: string, fps: number): Promise<MediaStream> {
  const manager = managerOf(model);
  const other = await manager?.get_model(id);
  let given: unknown = null;
  if (typeof other?.captureStream === "function") given = await Promise.resolve(other.captureStream(fps));
  else if (other?.stream !== undefined) given = await other.stream;
  if (given instanceof MediaStream) return given;
  throw Object.assign(new Error("This widget gives no stream: its model has neither captureStream() nor stream."), {
    reason: "no_stream",
  });
}
