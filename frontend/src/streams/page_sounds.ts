/** The sound that the kernel asks of the page that captures. */
import type * as SoundChunk from "../frames/sound_chunk";
import { loadChunk } from "../link/chunk";
import type { SoundStart } from "../protocol/messages.gen";
import type { Request } from "./early_requests";
import { failureOf } from "./failure";
import type { LiveStream } from "./live_stream";

export class PageSounds {
  readonly #live: LiveStream;
  readonly #signal: AbortSignal;
  #upload: { readonly epoch: number; readonly scope: AbortController } | null = null;
  /** Came before this page knew that it captures. */
  #early: SoundStart | null = null;

  /** @param early what was asked before the stream was there. @param signal ends with the widget's model. */
  constructor(live: LiveStream, early: readonly Request[], signal: AbortSignal) {
    this.#live = live;
    this.#signal = signal;
    const { link, id } = live;
    const start = (message: SoundStart): void => void this.#start(message).catch((error: unknown) => this.#failed(error));
    link.on("sound.start", (message) => message.stream === id && start(message), signal);
    link.on("sound.stop", (message) => message.stream === id && this.#stop(message.epoch), signal);
    queueMicrotask(() => {
      for (const request of early) {
        if (request.type === "sound.start") start(request);
        else if (request.type === "sound.stop") this.#stop(request.epoch);
      }
    });
  }

  /** This page captures from now on. */
  begin(): void {
    if (this.#early !== null) void this.#start(this.#early).catch((error: unknown) => this.#failed(error));
  }

  /** Another page captures. */
  end(): void {
    this.#upload?.scope.abort();
    this.#upload = null;
  }

  async #start(message: SoundStart): Promise<void> {
    const live = this.#live;
    this.#early = live.capturedElsewhere ? message : null;
    if (this.#early !== null || this.#upload?.epoch === message.epoch) return;
    this.end();
    const scope = new AbortController();
    this.#upload = { epoch: message.epoch, scope };
    const signal = AbortSignal.any([scope.signal, this.#signal]);
    live.link.hold(signal);
    live.hold(signal);
    if (live.phase === "failed") live.retry();
    const { SoundUpload } = await loadChunk<typeof SoundChunk>(live.link, "sound");
    if (signal.aborted) return;
    const failed = (error: unknown): void => void (signal.aborted || this.#failed(error));
    let upload: InstanceType<typeof SoundUpload> | null = null;
    const read = (): void => {
      const track = live.captured?.getAudioTracks()[0];
      if (track !== undefined) upload ??= new SoundUpload(live.link, message, failed, signal);
      // What had sound once is silent without it, in step with the time.
      upload?.read(track);
      if (upload === null && live.phase === "live") {
        live.link.send({ type: "sound.stop", stream: live.id, epoch: message.epoch });
      }
    };
    live.addEventListener("stream", read, { signal });
    live.addEventListener("phase", () => live.phase === "live" && read(), { signal });
    read();
  }

  #failed(error: unknown): void {
    const { link, id } = this.#live;
    const message = `The sound did not reach Python: ${failureOf(error, "encode_failed").message}`;
    link.send({ type: "error.report", stream: id, reason: "encode_failed", message });
  }

  #stop(epoch: number): void {
    if (this.#early?.epoch === epoch) this.#early = null;
    if (this.#upload?.epoch === epoch) this.end();
  }
}
