/** Films and sounds: an element that nobody sees plays the file, and its pictures and sound are the stream. */
import { abortReason } from "../abort_reason";
import { CaptureFailure } from "./capture_error";
import type { ElementCapture } from "./element_capture";
import { captureElement } from "./element_capture";
import type { SourceContext } from "./kinds";
import { followMedia, loadFailure } from "./media_address";
import type { PageSource } from "./page_source";
import { isRecord } from "./record";

/** So near to the end counts as the end: it begins anew. */
const END_S = 0.1;
/** How far the kernel's time may be from the element's without a seek. */
const SAME_S = 0.001;

interface PlayedOptions {
  readonly playing: boolean;
  readonly muted: boolean;
  readonly loop: boolean;
  readonly time: number;
  readonly rate: number;
}

interface Running {
  readonly element: HTMLMediaElement;
  readonly capture: ElementCapture;
  readonly scope: AbortController;
}

export class PlayedSource implements PageSource {
  readonly events = new EventTarget();
  notice = "";
  readonly #context: SourceContext;
  readonly #what: "video" | "audio";
  #options: PlayedOptions;
  #running: Running | null = null;
  /** The time that this page told last: what comes back is no wish to seek. */
  #told = -1;
  /** Files that are being loaded. */
  #loads = 0;
  /** The browser keeps the sound off until the user does something. */
  #silenced = false;

  constructor(context: SourceContext, what: "video" | "audio") {
    this.#context = context;
    this.#what = what;
    this.#options = readOptions(context.options);
  }

  async start(signal: AbortSignal): Promise<MediaStream> {
    signal.throwIfAborted();
    this.stop();
    const scope = new AbortController();
    signal.addEventListener("abort", () => this.stop(), { once: true, signal: scope.signal });
    const element = document.createElement(this.#what);
    element.preload = "auto";
    if (element instanceof HTMLVideoElement) element.playsInline = true;
    const tracks = (): void => void this.events.dispatchEvent(new Event("track"));
    const running = { element, scope, capture: captureElement(element, tracks, scope.signal) };
    this.#running = running;
    scope.signal.addEventListener(
      "abort",
      () => {
        element.pause();
        element.removeAttribute("src");
        element.load(); // lets go of what was loaded, and of the connection
      },
      { once: true },
    );
    try {
      await this.#first(running);
    } catch (error) {
      this.stop();
      throw signal.aborted ? abortReason(signal) : error;
    }
    this.#follow(running);
    return running.capture.stream;
  }

  update(options: unknown): Promise<MediaStream> {
    const before = this.#options;
    this.#options = readOptions(options);
    const running = this.#running;
    if (running === null) {
      return Promise.reject(new CaptureFailure("closed", `The ${this.#what} was not changed: it does not play. Start it first.`));
    }
    const { playing, time } = this.#options;
    this.#apply(running);
    if (playing !== before.playing) this.#play(running);
    if (time !== before.time && Math.abs(time - this.#told) > SAME_S) this.#seek(running, time);
    return Promise.resolve(running.capture.stream);
  }

  stop(): void {
    const running = this.#running;
    this.#running = null;
    running?.scope.abort(new DOMException("It was stopped.", "AbortError"));
    this.#remark("");
  }

  /** Resolves when the first file can be played; later ones replace it. */
  async #first(running: Running): Promise<void> {
    const { scope } = running;
    await new Promise<void>((resolve, reject) => {
      scope.signal.addEventListener("abort", () => reject(abortReason(scope.signal)), { once: true });
      let loaded = false;
      const failed = (error: unknown): void => {
        if (loaded && !scope.signal.aborted) this.#ended(error);
        else reject(asError(error));
      };
      followMedia(
        this.#context,
        this.#what,
        {
          progress: (share) => this.#remark(share < 1 ? `Loading the ${this.#what}: ${Math.round(100 * share)} %` : ""),
          failed,
          address: (address, given) => {
            this.#remark("");
            this.#load(running, address, given, loaded ? 0 : this.#options.time)
              .then(() => {
                loaded = true;
                resolve();
              })
              .catch(failed);
          },
        },
        scope.signal,
      );
    });
  }

  async #load(running: Running, address: string, given: boolean, atS: number): Promise<void> {
    const { element, scope } = running;
    const loading = scope.signal;
    this.#loads += 1;
    if (new URL(address).origin !== location.origin && /^https?:/u.test(address)) element.crossOrigin = "anonymous";
    else element.removeAttribute("crossorigin");
    element.src = address;
    try {
      await once(element, "loadeddata", loading);
    } catch (error) {
      if (loading.aborted) throw error;
      throw await loadFailure(this.#what, address, given, element.error?.message ?? "");
    } finally {
      this.#loads -= 1;
    }
    this.#apply(running);
    if (atS > 0 && !(atS > element.duration - END_S)) {
      element.currentTime = atS;
      await once(element, "seeked", loading);
    }
    this.#play(running);
    this.#tell(running);
  }

  #follow(running: Running): void {
    const { element, scope } = running;
    const on = (type: string, listener: () => void): void => element.addEventListener(type, listener, { signal: scope.signal });
    for (const type of ["timeupdate", "durationchange", "seeked"]) on(type, () => this.#tell(running));
    on("ended", () => {
      this.#tell(running);
      this.events.dispatchEvent(new Event("finished"));
    });
    on("error", () => {
      if (this.#loads > 0) return; // of another file, and told by who loads it
      const said = element.error?.message ?? "";
      this.#ended(new CaptureFailure("decode_failed", `The ${this.#what} broke off: the browser could not read on.`, said));
    });
  }

  #apply({ element, capture }: Running): void {
    const { rate, loop, muted } = this.#options;
    element.playbackRate = rate;
    element.loop = loop;
    capture.setLoud(!muted && !this.#silenced);
  }

  #seek({ element }: Running, timeS: number): void {
    element.currentTime = Number.isFinite(element.duration) ? Math.min(timeS, element.duration) : timeS;
  }

  /** Plays or pauses. A page in which the user did nothing yet may play only without being heard. */
  #play(running: Running): void {
    const { element, scope } = running;
    if (!this.#options.playing) {
      element.pause();
      return;
    }
    element.play().catch((error: unknown) => {
      if (scope.signal.aborted || !this.#options.playing) return;
      if (!(error instanceof DOMException && error.name === "NotAllowedError") || this.#silenced) {
        if (!(error instanceof DOMException && error.name === "AbortError")) this.#ended(error);
        return;
      }
      this.#silence(running);
      this.#play(running);
    });
  }

  #silence(running: Running): void {
    this.#silenced = true;
    this.#apply(running);
    this.#remark("The browser keeps the sound off until you click anywhere in this page.");
    const clicked = new AbortController();
    const signal = AbortSignal.any([clicked.signal, running.scope.signal]);
    const hear = (): void => {
      clicked.abort();
      this.#silenced = false;
      this.#remark("");
      this.#apply(running);
    };
    for (const type of ["pointerup", "keydown"]) document.addEventListener(type, hear, { signal, capture: true });
  }

  /** Tells the views of this page by the model, and the kernel by the link: a comm message would make it look busy. */
  #tell({ element }: Running): void {
    const { model, link, id } = this.#context;
    const time = element.currentTime;
    const duration = Number.isFinite(element.duration) ? element.duration : 0;
    if (model.get("duration") !== duration) model.set("duration", duration);
    if (this.#told !== time) {
      this.#told = time;
      this.#options = { ...this.#options, time };
      model.set("time", time);
    }
    link.send({ type: "media.time", stream: id, time, duration });
  }

  #ended(error: unknown): void {
    this.events.dispatchEvent(new CustomEvent("ended", { detail: asError(error) }));
  }

  #remark(notice: string): void {
    if (notice === this.notice) return;
    this.notice = notice;
    this.events.dispatchEvent(new Event("notice"));
  }
}

/** Resolves with the event; rejects when the element fails first, or the signal aborts. */
async function once(element: HTMLMediaElement, type: string, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const scope = new AbortController();
    const settle = (then: () => void) => (): void => {
      scope.abort();
      then();
    };
    const options = { signal: scope.signal };
    element.addEventListener(type, settle(resolve), options);
    element.addEventListener("error", settle(() => reject(new Error(element.error?.message ?? "It can't be read."))), options);
    signal.addEventListener("abort", settle(() => reject(abortReason(signal))), options);
  });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

function readOptions(options: unknown): PlayedOptions {
  const { playing, muted, loop, time, rate } = isRecord(options) ? options : {};
  return {
    playing: playing !== false,
    muted: muted === true,
    loop: loop !== false,
    time: typeof time === "number" && time > 0 ? time : 0,
    rate: typeof rate === "number" && rate > 0 ? Math.min(10, Math.max(0.1, rate)) : 1,
  };
}
