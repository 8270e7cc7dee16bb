/**
 * One stream as it lives in a page: shared by all its views, recorders and uploads, counted, and ended a second after
 * the last of them left (so that a cell run again does not blink, and no camera's light stays on).
 */
import type { AnyModel } from "@anywidget/types";
import type { Link } from "../link/link";
import { LINGER_S } from "../protocol/messages.gen";
import { abortReason } from "../abort_reason";
import type { Failure } from "./failure";
import type { StreamKindName } from "./kinds";

export type StreamPhase = "idle" | "starting" | "live" | "stopped" | "failed";

/** What a stream is made from. The signal ends with the widget's model. */
export interface StreamContext {
  readonly id: string;
  readonly kind: StreamKindName;
  readonly link: Link;
  readonly model: AnyModel;
  readonly signal: AbortSignal;
}

/** What the badge shows. */
export interface StreamFigures {
  readonly carrier: "socket" | "comm" | "page";
  readonly codec?: string;
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly latencyMs?: number;
  readonly latencyP95Ms?: number;
  readonly dropped: number;
  readonly bytesPerSecond?: number;
  readonly functionMs?: number;
  readonly kernelFps?: number;
}

/** Events: "phase", "failure", "figures", "size", "devices", "elsewhere", "notice", "needs_click", "stream". */
export abstract class LiveStream extends EventTarget {
  readonly kind: StreamKindName;
  readonly id: string;
  readonly link: Link;
  readonly model: AnyModel;
  figures: StreamFigures | null = null;
  notice = "";
  #over = false;
  #phase: StreamPhase = "idle";
  #failure: Failure | null = null;
  #consumers = 0;
  #lookers = 0;
  #lingering: ReturnType<typeof setTimeout> | undefined;
  #running: AbortController | null = null;

  constructor({ id, kind, link, model, signal }: StreamContext) {
    super();
    this.model = model;
    this.id = id;
    this.kind = kind;
    this.link = link;
    signal.addEventListener("abort", () => this.end(), { once: true });
    link.addEventListener("phase", () => link.phase === "gone" && this.end(), { signal });
    link.addEventListener("loaded", () => this.announce(), { signal });
  }

  /** The stream of this page that this one is made of; null where it is made of none. */
  upstream(): Promise<LiveStream> | null {
    return null;
  }

  get phase(): StreamPhase {
    return this.#phase;
  }

  get failure(): Failure | null {
    return this.#failure;
  }

  get consumers(): number {
    return this.#consumers;
  }

  get capturedElsewhere(): boolean {
    return false;
  }

  /** The captured stream, in the page that captures, once it is there. */
  get captured(): MediaStream | null {
    return null;
  }

  /** The sound that is shown and heard with it, if there is any; event "stream" tells that it is another one. */
  get sound(): MediaStream | null {
    return this.captured;
  }

  abstract readonly size: { width: number; height: number };
  abstract mount(host: HTMLElement, signal: AbortSignal): void;
  abstract grab(): Promise<ImageBitmap>;
  /** What the stream shows, as tracks; the same object while it runs. Event "stream" tells that its tracks changed. */
  abstract mediaStream(): MediaStream;

  /**
   * The stream for a recorder, a room, or another library's widget: it runs until the signal aborts.
   *
   * Resolves once it is live; rejects with what hinders it, as an error with a `reason`. `picture` as for `hold`.
   */
  async open(signal: AbortSignal, picture = true): Promise<MediaStream> {
    signal.throwIfAborted();
    this.hold(signal, picture);
    if (this.#phase === "failed") this.retry();
    await this.until(() => this.#phase === "live", signal);
    return this.mediaStream();
  }

  /** Resolves when the condition holds; rejects when the stream fails or is stopped, or the signal aborts. */
  async until(condition: () => boolean, signal: AbortSignal): Promise<void> {
    for (;;) {
      if (signal.aborted) throw abortReason(signal);
      if (condition()) return;
      if (this.#phase === "stopped") throw Object.assign(new Error("The stream was closed."), { reason: "closed" });
      if (this.#phase === "failed" && this.#failure !== null) {
        throw Object.assign(new Error(this.#failure.message), { reason: this.#failure.reason });
      }
      await this.#nextChange(signal);
    }
  }

  async #nextChange(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const scope = new AbortController();
      const done = (): void => {
        scope.abort();
        resolve();
      };
      for (const type of ["stream", "failure", "phase"]) this.addEventListener(type, done, { signal: scope.signal });
      signal.addEventListener("abort", done, { signal: scope.signal });
    });
  }

  /** Whether the browser waits for the user to click in the view; event "needs_click". */
  get needsClick(): boolean {
    return false;
  }

  /** The user clicked; called in the click's own event. */
  click(): void {
    // Only what a page makes may wait for it.
  }

  /** Whether it was closed, or its kernel is gone: it does not begin again. */
  get over(): boolean {
    return this.#over;
  }

  takeOver(): void {
    this.link.send({ type: "stream.take", stream: this.id });
  }

  /** Counts a consumer until the signal aborts; the stream runs while there is one. `picture`: whether it wants more than sound. */
  hold(signal: AbortSignal, picture = true): void {
    if (signal.aborted) return;
    const looks = Number(picture);
    this.#consumers += 1;
    this.#lookers += looks;
    this.#start();
    if (this.#lookers === looks) this.looked();
    signal.addEventListener(
      "abort",
      () => {
        this.#consumers -= 1;
        this.#lookers -= looks;
        clearTimeout(this.#lingering);
        this.#lingering = setTimeout(() => (this.#consumers === 0 ? this.#stop() : this.looked()), 1000 * LINGER_S);
      },
      { once: true },
    );
  }

  /** Whether anybody wants more than sound. */
  protected get pictureWanted(): boolean {
    return this.#lookers > 0;
  }

  /** Somebody wants a picture, or nobody any more. */
  protected looked(): void {
    // Only what a page makes can leave its picture out.
  }

  /** Starts again after a failure. */
  retry(): void {
    if (this.#over) return;
    this.#stop();
    this.setFailure(null);
    if (this.#consumers > 0) this.#start();
  }

  /** Ends at once: the widget was closed, or the kernel is gone. */
  end(): void {
    clearTimeout(this.#lingering);
    this.#over = true;
    this.#stop();
    this.setPhase("stopped");
  }

  /** The source came to its end by itself; it begins again only when the user, or Python, asks (`retry`). */
  protected finish(): void {
    this.#stop();
    this.setPhase("stopped");
  }

  /** Starts; everything that it opens ends with the signal. */
  protected abstract run(signal: AbortSignal): void;

  /** Tells a kernel that knows nothing of this page what it needs to know. */
  protected announce(): void {
    if (this.speaks && this.#failure !== null) this.#report(this.#failure);
    this.#sendPhase();
  }

  protected setPhase(phase: StreamPhase): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    if (phase === "live") this.setFailure(null);
    this.#sendPhase();
    this.dispatchEvent(new Event("phase"));
  }

  protected setFailure(failure: Failure | null): void {
    if (failure === this.#failure) return;
    this.#failure = failure;
    this.dispatchEvent(new Event("failure"));
  }

  protected fail(failure: Failure): void {
    // The error first: who waits in Python for the state finds the error there.
    this.complain(failure);
    this.setPhase("failed");
  }

  /** Something that was asked for failed; what ran before goes on. */
  protected complain(failure: Failure): void {
    this.setFailure(failure);
    this.#report(failure);
  }

  /** It is live; what it complained about is over. */
  protected recover(): void {
    if (this.#phase === "live" && this.#failure !== null) {
      this.setFailure(null);
      this.#sendPhase();
    }
    this.setPhase("live");
  }

  /** Whether the kernel is told this stream's state: the page that makes its pictures tells. */
  protected get speaks(): boolean {
    return true;
  }

  protected restart(): void {
    this.#stop();
    if (this.#consumers > 0) this.#start();
  }

  #start(): void {
    if (this.#lookers > 0) clearTimeout(this.#lingering);
    if (this.#running !== null || this.#phase === "stopped") return;
    this.#running = new AbortController();
    this.setFailure(null); // of an attempt before this one
    this.setPhase("starting");
    this.run(this.#running.signal);
  }

  #stop(): void {
    const running = this.#running;
    this.#running = null;
    running?.abort();
    this.figures = null;
    if (this.#phase !== "failed") this.setPhase("idle");
    this.dispatchEvent(new Event("figures"));
  }

  #report({ reason, message, detail = "" }: Failure): void {
    this.link.send({ type: "error.report", stream: this.id, reason, message, detail });
  }

  /** Tells the kernel the state anew: more than the phase changed. */
  protected tellState(): void {
    this.#sendPhase();
  }

  #sendPhase(): void {
    if (!this.speaks) return;
    const { width, height } = this.size ?? { width: 0, height: 0 };
    const needs_click = this.needsClick;
    this.link.send({ type: "stream.state", stream: this.id, state: this.#phase, width, height, needs_click });
  }
}
