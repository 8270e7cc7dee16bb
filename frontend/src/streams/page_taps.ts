/** What the kernel asks of the page that captures: its frames, by an upload, and stills at full size. */
import { takeStill } from "../frames/still";
import type { OwnFrames } from "../frames/own_frames";
import { Upload } from "../frames/upload";
import type { SnapshotRequest, TapStart } from "../protocol/messages.gen";
import type { Request } from "./early_requests";
import { failureOf } from "./failure";
import type { LiveStream } from "./live_stream";

/** A live stream whose pictures this page may make. Its event "stream" tells that the track is another one. */
export interface CapturingStream extends LiveStream {
  readonly own: OwnFrames;
  readonly videoTrack: MediaStreamTrack | undefined;
  readonly trackSignal: AbortSignal;
}

export class PageTaps {
  readonly #live: CapturingStream;
  readonly #signal: AbortSignal;
  #upload: { readonly upload: Upload; readonly scope: AbortController } | null = null;
  /** Came before this page knew that it captures: messages and traits take different ways. */
  #early: TapStart | null = null;

  /** @param early what was asked before the stream was there. @param signal ends with the widget's model. */
  constructor(live: CapturingStream, early: readonly Request[], signal: AbortSignal) {
    this.#live = live;
    this.#signal = signal;
    const { link, id } = live;
    for (const type of ["tap.start", "tap.stop", "snapshot.request"] as const) {
      link.on(type, (request) => request.stream === id && this.#take(request), signal);
    }
    // The stream is still being made.
    queueMicrotask(() => early.forEach((request) => this.#take(request)));
  }

  #take(request: Request): void {
    if (request.type === "tap.start") this.#start(request);
    else if (request.type === "tap.stop") this.#stop(request.epoch);
    else if (request.type === "snapshot.request") void this.#snapshot(request);
  }

  /** Another track makes the pictures from now on, until the signal aborts. */
  read(track: MediaStreamTrack, signal: AbortSignal): void {
    this.#upload?.upload.read(track, signal);
  }

  /** This page captures from now on. */
  begin(): void {
    if (this.#early !== null) this.#start(this.#early);
  }

  /** Another page captures. */
  end(): void {
    this.#upload?.scope.abort();
    this.#upload = null;
  }

  #start(message: TapStart): void {
    const live = this.#live;
    this.#early = live.capturedElsewhere ? message : null;
    if (this.#early !== null) return;
    if (this.#upload?.upload.epoch === message.epoch) {
      this.#upload.upload.change(message);
      return;
    }
    this.end();
    const scope = new AbortController();
    const signal = AbortSignal.any([scope.signal, this.#signal]);
    const failed = (error: unknown): void => {
      const failure = failureOf(error, "encode_failed");
      live.link.send({
        type: "error.report",
        stream: live.id,
        reason: "encode_failed",
        message: `The camera's pictures could not be encoded as ${message.codec}: ${failure.message}`,
      });
    };
    const upload = new Upload(live.link, message, live.own, failed, signal);
    this.#upload = { upload, scope };
    live.link.hold(signal);
    live.hold(signal);
    // Whoever asks anew gets a new attempt, or hears why there is none.
    if (live.phase === "failed") live.retry();
    const track = live.videoTrack;
    if (track !== undefined) upload.read(track, live.trackSignal);
  }

  #stop(epoch: number): void {
    if (this.#early?.epoch === epoch) this.#early = null;
    if (this.#upload?.upload.epoch === epoch) this.end();
  }

  async #snapshot(request: SnapshotRequest): Promise<void> {
    const live = this.#live;
    const scope = new AbortController();
    live.hold(scope.signal);
    if (live.phase === "failed") live.retry();
    try {
      const track = await this.#track(AbortSignal.any([scope.signal, this.#signal]));
      const { bytes, width, height } = await takeStill(track, request.format, request.quality);
      live.link.send(
        { type: "snapshot.picture", request: request.request, format: request.format, width, height },
        bytes,
      );
    } catch (error) {
      const { reason, message } = failureOf(error, "unknown");
      live.link.send({ type: "error.report", stream: live.id, reason, message, request: request.request });
    } finally {
      scope.abort();
    }
  }

  /** The video track, as soon as the source has started. */
  async #track(signal: AbortSignal): Promise<MediaStreamTrack> {
    const live = this.#live;
    await live.until(() => live.videoTrack !== undefined, signal);
    const track = live.videoTrack;
    if (track === undefined) throw new Error("The picture ended before it was taken.");
    return track;
  }
}
