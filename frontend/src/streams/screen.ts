import type { Reason } from "../protocol/messages.gen";
import { abortReason } from "../abort_reason";
import { CaptureFailure, insecureContext } from "./capture_error";
import type { PageSource } from "./page_source";
import { isRecord } from "./record";

interface ScreenOptions {
  readonly surface: string;
  readonly audio: boolean;
  readonly constraints: MediaTrackConstraints;
}

/** What newer browsers take beside the standard's two; others leave it unread. */
interface DisplayOptions extends DisplayMediaStreamOptions {
  readonly systemAudio: "include" | "exclude";
  readonly selfBrowserSurface: "include";
  readonly surfaceSwitching: "include";
}

/**
 * The screen, a window or a tab of the user's choice.
 *
 * ``idle --start--> asking | waiting for a click --click--> asking --> sharing --> finished``: a browser opens its question
 * only while a click or key is fresh (transient activation), so that where none is, `needsClick` says so until `click()`.
 */
export class ScreenSource implements PageSource {
  readonly events = new EventTarget();
  notice = "";
  needsClick = false;
  #options: ScreenOptions;
  #stream: MediaStream | null = null;
  #clicked: (() => void) | null = null;

  constructor(options: unknown) {
    this.#options = readOptions(options);
  }

  async start(signal: AbortSignal): Promise<MediaStream> {
    this.stop();
    checkSupport();
    while (!hasFreshClick()) await this.#waitForClick(signal);
    for (;;) {
      try {
        const stream = await navigator.mediaDevices.getDisplayMedia(this.#request());
        if (signal.aborted) {
          stopTracks(stream);
          throw abortReason(signal);
        }
        return this.#adopt(stream);
      } catch (error) {
        if (signal.aborted) throw abortReason(signal);
        if (!(error instanceof DOMException && error.name === "InvalidStateError")) throw sharingFailure(error);
        await this.#waitForClick(signal); // the click was not fresh any more
      }
    }
  }

  async update(options: unknown): Promise<MediaStream> {
    const before = this.#options;
    this.#options = readOptions(options);
    if (this.#stream === null) {
      throw new CaptureFailure("closed", "The screen was not changed: it is not shared. Share it first.");
    }
    if (before.surface !== this.#options.surface || before.audio !== this.#options.audio) {
      this.#setNotice("What is shared changes when you share again: the browser asks each time.");
    }
    try {
      await this.#stream.getVideoTracks()[0]?.applyConstraints(this.#options.constraints);
    } catch (error) {
      throw sharingFailure(error);
    }
    return this.#stream;
  }

  stop(): void {
    if (this.#stream !== null) stopTracks(this.#stream);
    this.#stream = null;
    this.#setNotice("");
  }

  /** The user clicked where the view asked for it. */
  click(): void {
    this.#clicked?.();
  }

  #request(): DisplayOptions {
    const { surface, audio, constraints } = this.#options;
    return {
      video: { ...constraints, ...(surface === "" ? {} : { displaySurface: surface }) },
      audio,
      systemAudio: audio ? "include" : "exclude",
      selfBrowserSurface: "include",
      surfaceSwitching: "include",
    };
  }

  #adopt(stream: MediaStream): MediaStream {
    this.#stream = stream;
    // Ended by the browser's own "Stop sharing", or by closing what was shared; our own stop() raises no event.
    stream.getVideoTracks()[0]?.addEventListener("ended", () => {
      if (this.#stream !== stream) return;
      this.stop();
      this.events.dispatchEvent(new Event("finished"));
    });
    if (this.#options.audio && stream.getAudioTracks().length === 0) {
      this.#setNotice("No sound: the browser gives none of what was chosen. A tab gives it.");
    }
    return stream;
  }

  async #waitForClick(signal: AbortSignal): Promise<void> {
    this.#setNeedsClick(true);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#clicked = resolve;
        signal.addEventListener("abort", () => reject(abortReason(signal)), { once: true });
      });
    } finally {
      this.#clicked = null;
      this.#setNeedsClick(false);
    }
  }

  #setNeedsClick(needed: boolean): void {
    this.needsClick = needed;
    this.events.dispatchEvent(new Event("needs_click"));
  }

  #setNotice(notice: string): void {
    if (notice === this.notice) return;
    this.notice = notice;
    this.events.dispatchEvent(new Event("notice"));
  }
}

function checkSupport(): void {
  if (!globalThis.isSecureContext) throw insecureContext(location.origin, "screen");
  const devices = navigator.mediaDevices as { getDisplayMedia?: unknown } | undefined;
  if (typeof devices?.getDisplayMedia === "function") return;
  throw new CaptureFailure(
    "no_device",
    "The screen was not shared: this browser can't share screens. Use one on a desktop computer.",
  );
}

function hasFreshClick(): boolean {
  const activation = navigator.userActivation as UserActivation | undefined;
  return activation?.isActive ?? true; // a browser that does not tell says so when it is asked to share
}

/** Turns what `getDisplayMedia` throws into a failure with a reason and a next step. */
export function sharingFailure(error: unknown): CaptureFailure {
  const name = error instanceof Error ? error.name : "";
  const detail = error instanceof Error ? error.message : String(error);
  const fail = (reason: Reason, what: string): CaptureFailure =>
    new CaptureFailure(reason, `The screen was not shared: ${what}`, detail);
  switch (name) {
    case "NotAllowedError":
      return /system/iu.test(detail)
        ? fail("permission_denied", "the operating system keeps it from the browser. Allow screen recording in its privacy settings.")
        : fail("permission_denied", "the browser's question was answered with no, or closed. Try again, and choose what to share.");
    case "NotFoundError":
      return fail("no_device", "there is nothing to share.");
    case "NotReadableError":
    case "AbortError":
      return fail("device_busy", "the browser could not read it. Close other programs that record the screen, then try again.");
    case "OverconstrainedError":
    case "TypeError":
      return fail("constraints_unmet", "the constraints can't be met. Plain values such as {'width': 1280} work, 'min' and 'exact' don't.");
    default:
      return fail("unknown", detail);
  }
}

function readOptions(options: unknown): ScreenOptions {
  const given = isRecord(options) ? options : {};
  const { surface, audio, constraints } = given;
  return {
    surface: typeof surface === "string" ? surface : "",
    audio: audio !== false,
    constraints: isRecord(constraints) ? constraints : {},
  };
}

function stopTracks(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}
