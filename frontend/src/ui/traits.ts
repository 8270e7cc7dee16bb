import type { AnyModel } from "@anywidget/types";
import type { Failure } from "../streams/failure";
import { isRecord } from "../streams/record";

/** The traits that the page may set; the kernel drops a write to any other. */
export type WritableTrait = "playing" | "muted" | "mirrored" | "badge" | "device" | "microphone" | "recording" | "paused";

export function readBoolean(model: AnyModel, name: string, otherwise: boolean): boolean {
  const value: unknown = model.get(name);
  return typeof value === "boolean" ? value : otherwise;
}

export function readString(model: AnyModel, name: string): string {
  const value: unknown = model.get(name);
  return typeof value === "string" ? value : "";
}

export function readNumber(model: AnyModel, name: string): number {
  const value: unknown = model.get(name);
  return typeof value === "number" && Number.isFinite(value) ? value : 0;
}

/** Whether the kernel's side of this model has the trait at all: a mapped stream has no `device`. */
export function hasTrait(model: AnyModel, name: string): boolean {
  return (model.get(name) as unknown) !== undefined;
}

/** What the kernel found wrong, such as an exception of the user's function; null when nothing is. */
export function readError(model: AnyModel): Failure | null {
  const value: unknown = model.get("_error");
  if (!isRecord(value)) return null;
  const { reason, message, detail } = value;
  if (typeof message !== "string" || message === "") return null;
  return {
    reason: typeof reason === "string" ? reason : "unknown",
    message,
    detail: typeof detail === "string" ? detail : "",
  };
}

/** Whether the constraints ask for sound. */
export function asksForSound(model: AnyModel): boolean {
  const value: unknown = model.get("constraints");
  return isRecord(value) && Boolean(value["audio"]);
}

export function setTrait(model: AnyModel, name: WritableTrait, value: boolean | string): void {
  model.set(name, value);
  model.save_changes();
}

/** Sets the time of a film, within it; the page that plays it follows. */
export function seekTo(model: AnyModel, timeS: number): void {
  const duration = readNumber(model, "duration");
  model.set("time", Math.max(0, duration > 0 ? Math.min(timeS, duration) : timeS));
  model.save_changes();
}

export function toggleTrait(model: AnyModel, name: WritableTrait, otherwise: boolean): void {
  setTrait(model, name, !readBoolean(model, name, otherwise));
}

/** Calls back when one of the traits changes, until the signal aborts. */
export function watchTraits(
  model: AnyModel,
  names: readonly string[],
  callback: () => void,
  signal: AbortSignal,
): void {
  for (const name of names) {
    model.on(`change:${name}`, callback);
    signal.addEventListener("abort", () => model.off(`change:${name}`, callback), { once: true });
  }
}
