import type { AnyModel } from "@anywidget/types";
import { addressOf } from "../link/fetch_file";
import type { RecorderLive } from "../recorders/recorder";
import { saveFile } from "../recorders/recorder";
import { element } from "./element";
import type { IconName } from "./icons";
import { icon } from "./icons";
import { readBoolean, readError, readNumber, readString, setTrait, watchTraits } from "./traits";

type RecorderKind = "video_recorder" | "audio_recorder" | "image_recorder";

const TRAITS = ["recording", "paused", "state", "seconds", "size", "progress", "_error", "stream"] as const;
const STATES: Readonly<Record<string, string>> = {
  idle: "",
  starting: "Starting …",
  recording: "Recording",
  paused: "Paused",
  stopping: "Stopping …",
  saving: "Finishing the file …",
  done: "",
  failed: "",
};

function restOf(model: AnyModel): string {
  const part: unknown = model.get("_part");
  const where = typeof part === "string" && part !== "" ? ` What it had is on its machine, in ${part}, and plays.` : "";
  return `The kernel is gone.${where} What it had not written yet can be saved here.`;
}

const FULL = "The recording ended: the kernel took nothing for so long that the page could keep no more. What there is follows.";

function whatToSay(model: AnyModel, live: RecorderLive): string {
  if (live.rest !== null) return restOf(model);
  return readError(model)?.message ?? (live.wasFull ? FULL : "");
}

/** One view of a recorder: its buttons, how long and how large the recording is, and what was recorded last. */
export function renderRecorder(
  model: AnyModel,
  live: RecorderLive,
  kind: RecorderKind,
  el: HTMLElement,
  signal: AbortSignal,
): void {
  el.classList.add("ipymedia-view");
  const button = (className: string, click: () => void): HTMLButtonElement => {
    const made = element("button", `ipymedia-button ${className}`, { type: "button" });
    made.addEventListener("click", click, { signal });
    return made;
  };
  const record = button("ipymedia-record", () => setTrait(model, "recording", !readBoolean(model, "recording", false)));
  const pause = button("", () => setTrait(model, "paused", !readBoolean(model, "paused", false)));
  const save = button("", () => void downloadResult(live, signal));
  const status = element("span", "ipymedia-recorder-status", { role: "status" });
  const figures = element("span", "ipymedia-recorder-figures");
  const progress = element("progress", "ipymedia-progress", { max: "1", "aria-label": "Finishing the file" });
  const message = element("div", "ipymedia-recorder-message", { role: "alert" });
  const result = element("div", "ipymedia-recorder-result");
  const row = element("div", "ipymedia-recorder-row", { role: "toolbar", "aria-label": "Recorder" }, [
    record,
    pause,
    status,
    element("span", "ipymedia-gap"),
    figures,
    save,
  ]);
  const view = element(
    "div",
    "ipymedia-recorder",
    { role: "group", "aria-label": "Recorder", "data-lm-suppress-shortcuts": "true" },
    [row, progress, message, result],
  );
  el.replaceChildren(view);

  const still = kind === "image_recorder";
  const update = (): void => {
    const state = readString(model, "state");
    view.dataset["state"] = state;
    lookOfRecord(record, model, still);
    lookOfPause(pause, model, still);
    look(save, "download", "Save the recording");
    save.hidden = !live.result?.file && live.rest === null;
    status.textContent = STATES[state] ?? "";
    figures.textContent = still ? "" : describe(readNumber(model, "seconds"), readNumber(model, "size"));
    progress.hidden = state !== "saving";
    progress.value = readNumber(model, "progress");
    message.textContent = whatToSay(model, live);
    message.hidden = message.textContent === "";
  };
  watchTraits(model, TRAITS, update, signal);
  live.addEventListener("rest", update, { signal });
  let shown = new AbortController();
  const show = (): void => {
    update();
    shown.abort();
    shown = new AbortController();
    const part = AbortSignal.any([shown.signal, signal]);
    void showResult(live, kind, result, part).catch((error: unknown) => {
      if (!part.aborted) message.textContent = error instanceof Error ? error.message : String(error);
      message.hidden = message.textContent === "";
    });
  };
  live.addEventListener("result", show, { signal });
  show();
  signal.addEventListener("abort", () => view.remove(), { once: true });
}

/** The recording in a player of the page's own, from where the kernel hands it out. */
async function showResult(live: RecorderLive, kind: RecorderKind, host: HTMLElement, signal: AbortSignal): Promise<void> {
  const file = live.result?.file ?? null;
  if (file === null) {
    host.replaceChildren();
    return;
  }
  const address = await addressOf(live.link, file, () => undefined, signal);
  if (signal.aborted) return;
  host.replaceChildren(playerOf(kind, file.mime_type, address));
}

function playerOf(kind: RecorderKind, mimeType: string, address: string): HTMLElement {
  if (kind === "image_recorder" || mimeType.startsWith("image/")) {
    return element("img", "ipymedia-recorder-media", { src: address, alt: "What was recorded" });
  }
  const tag = kind === "audio_recorder" ? "audio" : "video";
  return element(tag, "ipymedia-recorder-media", { src: address, controls: "", preload: "metadata" });
}

/** Lets the browser save the recording, or what is left of it. */
async function downloadResult(live: RecorderLive, signal: AbortSignal): Promise<void> {
  const file = live.result?.file ?? null;
  if (live.rest !== null) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(live.rest);
    link.download = "rest-of-the-recording.webm";
    link.click();
  } else if (file !== null) await saveFile(live.link, file, signal);
}

function lookOfRecord(button: HTMLButtonElement, model: AnyModel, still: boolean): void {
  const recording = readBoolean(model, "recording", false);
  const state = readString(model, "state");
  if (recording) look(button, "stopped", "Stop");
  else if (still) look(button, "snapshot", "Take a picture");
  else look(button, "record", "Record");
  button.ariaPressed = String(recording);
  button.disabled = typeof model.get("stream") !== "string" || state === "saving" || state === "stopping";
}

function lookOfPause(button: HTMLButtonElement, model: AnyModel, still: boolean): void {
  const state = readString(model, "state");
  const paused = readBoolean(model, "paused", false);
  look(button, paused ? "play" : "pause", paused ? "Go on" : "Pause");
  button.hidden = still || (state !== "recording" && state !== "paused");
}

function look(button: HTMLButtonElement, name: IconName, label: string): void {
  if (button.dataset["icon"] !== name) {
    button.dataset["icon"] = name;
    button.replaceChildren(icon(name));
  }
  button.title = label;
  button.ariaLabel = label;
}

/** "1:05 · 12.3 MB"; empty before anything was recorded. */
export function describe(seconds: number, bytes: number): string {
  if (seconds === 0 && bytes === 0) return "";
  const whole = Math.floor(seconds);
  const minutes = Math.floor(whole / 60);
  const time = `${minutes}:${String(whole % 60).padStart(2, "0")}`;
  const size = bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
  return `${time} · ${size}`;
}
