/** A stream that comes from the kernel: what a Python function made of another one. */
import type { FindOwnFrames } from "../frames/download";
import type { SoundDownload } from "../frames/sound_download";
import { Download } from "../frames/download";
import { Presenter } from "../frames/presenter";
import { delayedSound } from "./root_sound";
import { failureOf } from "./failure";
import type { StreamContext } from "./live_stream";
import { LiveStream } from "./live_stream";
import { hearKernel } from "./mapped_audio";
import { reportFigures } from "./reporting";
import { holdWhileVisible } from "./visibility";

/** A stream of this page, by the id that the kernel gave; null where there is none. */
export type FindStream = (stream: string) => Promise<LiveStream> | null;

export class MappedLive extends LiveStream {
  readonly #presenter = new Presenter();
  readonly #findOwn: FindOwnFrames;
  readonly #findStream: FindStream;
  /** What Python pushed. */
  #heard: MediaStream | null = null;
  /** The run that goes on; its sound, once somebody wanted it. */
  #run: { readonly signal: AbortSignal; sound: Promise<void> | null } | null = null;

  constructor(context: StreamContext, findOwn: FindOwnFrames, findStream: FindStream) {
    super(context);
    const { id, link, signal } = context;
    this.#findOwn = findOwn;
    this.#findStream = findStream;
    link.on(
      "error.report",
      (message) => {
        if (message.stream === id) this.setFailure({ reason: message.reason, message: message.message });
      },
      signal,
    );
  }

  override upstream(): Promise<LiveStream> | null {
    const source: unknown = this.model.get("_source");
    return typeof source === "string" ? this.#findStream(source) : null;
  }

  get size(): { width: number; height: number } {
    return { width: this.#presenter?.width ?? 0, height: this.#presenter?.height ?? 0 };
  }

  mount(host: HTMLElement, signal: AbortSignal): void {
    this.#presenter.mount(host, signal);
    holdWhileVisible(this, host, signal);
  }

  mediaStream(): MediaStream {
    return this.#presenter.mediaStream();
  }

  /** The sound that Python pushed, from the first time that there is any. */
  #hear(signal: AbortSignal): void {
    let hears = false;
    const hear = (): void => {
      if (hears || this.model.get("_has_sound") !== true) return;
      hears = true;
      const failed = (error: unknown): void => this.complain(failureOf(error, "decode_failed"));
      const ready = (download: SoundDownload): void => this.#takeSound(download.stream, signal);
      hearKernel(this, this.model, signal, ready, failed).catch(failed);
    };
    this.model.on("change:_has_sound", hear);
    signal.addEventListener("abort", () => this.model.off("change:_has_sound", hear), { once: true });
    hear();
  }

  override get sound(): MediaStream | null {
    return this.#heard;
  }

  #takeSound(sound: MediaStream, signal: AbortSignal): void {
    this.#heard = sound;
    signal.addEventListener("abort", () => (this.#heard = null), { once: true });
    const stream = this.mediaStream();
    for (const track of sound.getAudioTracks()) {
      stream.addTrack(track);
      signal.addEventListener("abort", () => stream.removeTrack(track), { once: true });
    }
    this.dispatchEvent(new Event("stream"));
  }

  /** With the sound of the stream that it comes from, as late as the pictures are. */
  override async open(signal: AbortSignal, picture = true): Promise<MediaStream> {
    const stream = await super.open(signal, picture);
    const run = this.#run;
    if (run !== null) {
      run.sound ??= this.#addSound(stream, run.signal).catch((error: unknown) => {
        run.sound = null; // whoever asks again gets another attempt
        throw error;
      });
      await run.sound;
    }
    signal.throwIfAborted();
    return stream;
  }

  async #addSound(stream: MediaStream, signal: AbortSignal): Promise<void> {
    const of: unknown = this.model.get("_sound_of");
    const root = typeof of === "string" && of !== "" ? await this.#findStream(of) : null;
    if (root === null) return;
    const track = await delayedSound(this, root, signal);
    if (track === null) return;
    stream.addTrack(track);
    signal.addEventListener("abort", () => stream.removeTrack(track), { once: true });
  }

  async grab(): Promise<ImageBitmap> {
    return this.#presenter.grab();
  }

  protected run(signal: AbortSignal): void {
    this.#run = { signal, sound: null };
    this.#hear(signal);
    runDownload(this, this.#presenter, this.#findOwn, signal, {
      live: () => this.recover(),
      figures: (figures) => {
        this.figures = figures;
        this.dispatchEvent(new Event("figures"));
      },
    });
  }
}

/** Watches a stream of the kernel and shows it through a presenter until the signal aborts. */
export function runDownload(
  live: LiveStream,
  presenter: Presenter,
  findOwn: FindOwnFrames,
  signal: AbortSignal,
  on: { live(): void; figures(figures: NonNullable<LiveStream["figures"]>): void },
): void {
  const download = new Download(live.link, live.id, presenter, findOwn, signal);
  let size = "";
  download.addEventListener("frame", () => {
    on.live();
    const now = `${presenter.width}x${presenter.height}`;
    if (now === size) return;
    size = now;
    live.dispatchEvent(new Event("size"));
  });
  reportFigures(live, download, signal, (figures) => on.figures(figures));
}
