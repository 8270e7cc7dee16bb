/** One recording in the page: from the stream's tracks to numbered chunks on their way to the kernel. */
import { takePicture } from "../frames/still";
import type { Link } from "../link/link";
import type { Bytes } from "../protocol/framing";
import type { Reason, RecorderStart } from "../protocol/messages.gen";
import { RECORDER_TIMESLICE_MS } from "../protocol/messages.gen";
import type { LiveStream } from "../streams/live_stream";
import { Chunks } from "./chunks";
import { Shelf } from "./shelf";

type Open = (signal: AbortSignal) => Promise<MediaStream>;

const BITS_PER_PIXEL = 0.1;

export class Take {
  readonly request: RecorderStart;
  readonly #link: Link;
  readonly #scope = new AbortController();
  readonly #chunks: Chunks;
  readonly #over: () => void;
  readonly #changed: () => void;
  #recorder: MediaRecorder | null = null;
  /** Settles when the recorder has stopped and all that it gave is in the chunks. */
  #written: Promise<void> = Promise.resolve();
  #stopped = false;
  #paused = false;
  stream: MediaStream | null = null;
  /** Whether it was stopped as the page could keep no more of what the kernel did not take. */
  wasFull = false;

  /** @param signal ends with the recorder's model. @param on `over`: the kernel has all, or nothing comes any more. */
  constructor(request: RecorderStart, link: Link, signal: AbortSignal, on: { over: () => void; changed: () => void }) {
    this.request = request;
    this.#link = link;
    this.#over = on.over;
    this.#changed = on.changed;
    signal.addEventListener("abort", () => this.end(), { once: true, signal: this.#scope.signal });
    const { recorder, take } = request;
    this.#chunks = new Chunks(
      {
        send: (sequence, last, bytes) => link.send({ type: "recorder.chunk", recorder, take, sequence, last }, bytes),
        done: () => this.end(),
        full: () => this.#full(),
        lost: (error) =>
          this.fail("recording_cut", `The recording was cut short: the browser lost a part that waited (${String(error)}).`),
      },
      new Shelf(`ipymedia-${take}`),
    );
    link.hold(this.#scope.signal);
  }

  /** Records until it is stopped; rejects with what hinders it, as an error that has a `reason`. */
  async run(live: Promise<LiveStream> | null, open: Open): Promise<void> {
    if (this.request.what === "still") await this.#takeStill(await live, open);
    else await this.#takeFilm(await open(this.#scope.signal));
  }

  stop(): void {
    this.#stopped = true;
    if (this.#recorder !== null && this.#recorder.state !== "inactive") this.#recorder.stop();
  }

  pause(paused: boolean): void {
    this.#paused = paused;
    const recorder = this.#recorder;
    if (recorder === null || recorder.state === "inactive") return;
    if (paused) recorder.pause();
    else recorder.resume();
  }

  acknowledge(sequence: number): void {
    this.#chunks.acknowledge(sequence);
  }

  resume(sequence: number): void {
    this.#chunks.resume(sequence);
  }

  resend(): void {
    this.#chunks.resend();
  }

  async rest(): Promise<Blob> {
    this.stop();
    await this.#written;
    return this.#chunks.rest();
  }

  fail(reason: Reason | (string & {}), message: string): void {
    if (this.#scope.signal.aborted) return;
    const { recorder, take } = this.request;
    this.#link.send({ type: "recorder.failed", recorder, take, reason, message });
    this.end();
  }

  /** Ends at once, and lets go of what waits. */
  end(): void {
    if (this.#scope.signal.aborted) return;
    this.#scope.abort();
    this.stop();
    this.#chunks.end();
    this.#over();
  }

  async #takeFilm(stream: MediaStream): Promise<void> {
    const tracks = this.request.what === "sound" ? stream.getAudioTracks() : stream.getTracks();
    if (tracks.length === 0) throw failure("no_stream", "the stream has no sound.");
    const mimeType = this.request.mime_types.find((type) => MediaRecorder.isTypeSupported(type));
    if (mimeType === undefined) {
      const asked = this.request.mime_types.join(", ");
      throw failure("no_codec", `this browser records none of ${asked}. Choose another format, or other codecs.`);
    }
    this.stream = new MediaStream(tracks);
    const videoBitsPerSecond = bitrateOf(tracks);
    const recorder = new MediaRecorder(this.stream, { mimeType, ...(videoBitsPerSecond > 0 ? { videoBitsPerSecond } : {}) });
    this.#recorder = recorder;
    let written = Promise.resolve();
    recorder.addEventListener("dataavailable", ({ data }) => {
      written = written.then(async () => {
        const bytes: Bytes = new Uint8Array(await data.arrayBuffer());
        if (bytes.length > 0) this.#chunks.add(bytes);
      });
    });
    recorder.addEventListener("error", (event) => {
      const cause: unknown = (event as { error?: unknown }).error;
      this.fail("encode_failed", `The recording ended: ${cause instanceof Error ? cause.message : "the browser can't encode it."}`);
    });
    this.#written = new Promise((resolve) => {
      recorder.addEventListener("stop", () => void written.then(() => this.#chunks.finish()).then(resolve), { once: true });
    });
    recorder.start(RECORDER_TIMESLICE_MS);
    this.#started(recorder.mimeType, 0, 0);
    if (this.#stopped) recorder.stop(); // it was stopped before it could start
    else if (this.#paused) recorder.pause();
  }

  async #takeStill(live: LiveStream | null, open: Open): Promise<void> {
    const { signal } = this.#scope;
    const stream = await open(signal);
    const bitmap = live === null ? await takePicture(trackOf(stream)) : await live.grab();
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext("2d", { alpha: false })?.drawImage(bitmap, 0, 0);
    bitmap.close();
    // A browser that can't make the type makes a PNG, and says so.
    const blob = await canvas.convertToBlob({ type: this.request.mime_types[0] ?? "image/png", quality: 0.95 });
    if (signal.aborted) return;
    this.#started(blob.type, canvas.width, canvas.height);
    this.#chunks.add(new Uint8Array(await blob.arrayBuffer()));
    this.#chunks.finish();
  }

  #started(mimeType: string, width: number, height: number): void {
    const { recorder, take } = this.request;
    this.#link.send({ type: "recorder.started", recorder, take, mime_type: mimeType, width, height });
  }

  #full(): void {
    if (this.#stopped) return;
    this.stop();
    this.wasFull = true;
    this.#changed();
  }
}

function bitrateOf(tracks: readonly MediaStreamTrack[]): number {
  const { width = 0, height = 0, frameRate = 30 } = tracks.find(({ kind }) => kind === "video")?.getSettings() ?? {};
  return Math.round(width * height * frameRate * BITS_PER_PIXEL);
}

function trackOf(stream: MediaStream): MediaStreamTrack {
  const [track] = stream.getVideoTracks();
  if (track === undefined) throw failure("no_stream", "the stream has no picture.");
  return track;
}

function failure(reason: Reason, message: string): Error {
  return Object.assign(new Error(message), { reason });
}
