/** Gives the pictures of a canvas out as a track: when they are new, not more often than wished, and now and then at rest. */
import { FrameTimer } from "../frame_timer";
import type { TrackWriter } from "../track_writer";
import { writeTrack } from "../track_writer";

/** How often a picture that does not change is given out, for whoever comes later. */
const STILL_FPS = 2;
/** A canvas's track wants a rate; pictures come as they change. */
const NOMINAL_FPS = 60;
/** Who attaches to the track in its first moments sees the first picture too. */
const FIRST_AGAIN_MS = [50, 200, 500] as const;
/** Timers and frames come a little early or late. */
const SLACK_MS = 2;

export class PacedWriter {
  readonly #writer: TrackWriter;
  readonly #maxFps: () => number | null;
  readonly #signal: AbortSignal;
  #wroteMs = 0;
  /** When the next picture may be given out; kept apart from when it was, so that the bound holds on average. */
  #dueMs = 0;
  #late: ReturnType<typeof setTimeout> | undefined;

  /** @param maxFps null: each; 0: none but by `writeNow`. */
  constructor(canvas: HTMLCanvasElement, maxFps: () => number | null, signal: AbortSignal) {
    this.#writer = writeTrack(canvas, NOMINAL_FPS, signal);
    this.#maxFps = maxFps;
    this.#signal = signal;
    signal.addEventListener("abort", () => clearTimeout(this.#late), { once: true });
  }

  get stream(): MediaStream {
    return this.#writer.stream;
  }

  /** The first picture is on the canvas. */
  begin(): void {
    this.writeNow();
    for (const ms of FIRST_AGAIN_MS) setTimeout(() => this.#repeat(), ms);
    const still = new FrameTimer(() => {
      const fps = Math.min(STILL_FPS, this.#maxFps() ?? STILL_FPS);
      if (fps > 0 && performance.now() - this.#wroteMs > 900 / fps) this.#repeat();
    }, this.#signal);
    still.start(STILL_FPS);
  }

  /** A new picture is on the canvas; one that comes too early is given out when it is due. */
  write(): void {
    const maxFps = this.#maxFps();
    if (maxFps === 0 || this.#signal.aborted) return;
    const waitMs = maxFps === null ? 0 : this.#dueMs - SLACK_MS - performance.now();
    if (waitMs <= 0) {
      this.writeNow();
      return;
    }
    this.#late ??= setTimeout(() => {
      this.#late = undefined;
      this.write();
    }, waitMs);
  }

  writeNow(): void {
    this.#wroteMs = performance.now();
    const maxFps = this.#maxFps() ?? 0;
    const everyMs = maxFps > 0 ? 1000 / maxFps : 0;
    this.#dueMs = Math.max(this.#dueMs + everyMs, this.#wroteMs + everyMs - SLACK_MS);
    this.#writer.write();
  }

  #repeat(): void {
    if (!this.#signal.aborted) this.#writer.write();
  }
}
