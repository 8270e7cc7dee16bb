import { abortReason } from "../abort_reason";
import { CaptureFailure } from "./capture_error";
import { FrameTimer } from "./frame_timer";
import type { PageSource } from "./page_source";
import { isRecord } from "./record";
import { TestCard } from "./test_card";
import { writeTrack } from "./track_writer";

/** What a `PatternStream` model asks for. */
export interface PatternOptions {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

/** A moving test card, for machines without a camera. */
export class PatternSource implements PageSource {
  readonly events = new EventTarget();
  readonly notice = "";
  #options: PatternOptions;
  #running: { scope: AbortController; card: TestCard; timer: FrameTimer; stream: MediaStream } | null = null;

  constructor(options: unknown) {
    this.#options = readPatternOptions(options);
  }

  start(signal: AbortSignal): Promise<MediaStream> {
    if (signal.aborted) return Promise.reject(abortReason(signal));
    this.stop();
    const { width, height, fps } = this.#options;
    const scope = new AbortController();
    const card = new TestCard(width, height);
    card.draw(0, new Date());
    const writer = writeTrack(card.canvas, fps, scope.signal);
    const timer = new FrameTimer((index) => {
      card.draw(index, new Date());
      writer.write();
    }, scope.signal);
    signal.addEventListener("abort", () => this.stop(), { once: true, signal: scope.signal });
    this.#running = { scope, card, timer, stream: writer.stream };
    timer.start(fps);
    return Promise.resolve(writer.stream);
  }

  update(options: unknown): Promise<MediaStream> {
    const before = this.#options;
    this.#options = readPatternOptions(options);
    const running = this.#running;
    if (running === null) {
      return Promise.reject(
        new CaptureFailure("closed", "The test card was not changed: it does not run. Start it first."),
      );
    }
    const { width, height, fps } = this.#options;
    if (width !== before.width || height !== before.height) running.card.resize(width, height);
    if (fps !== before.fps) running.timer.start(fps);
    return Promise.resolve(running.stream);
  }

  stop(): void {
    const running = this.#running;
    this.#running = null;
    if (running === null) return;
    running.scope.abort(new DOMException("The test card was stopped.", "AbortError"));
    for (const track of running.stream.getTracks()) track.stop();
  }
}

/** The kernel checks what its user gave; this only keeps a stray value from stopping the page. */
export function readPatternOptions(options: unknown): PatternOptions {
  const given = isRecord(options) ? options : {};
  return {
    width: Math.round(bounded(given["width"], 640, 16, 4096)),
    height: Math.round(bounded(given["height"], 480, 16, 4096)),
    fps: bounded(given["fps"], 30, 0.1, 120),
  };
}

function bounded(value: unknown, otherwise: number, least: number, most: number): number {
  if (typeof value !== "number" || !Number.isFinite(value)) return otherwise;
  return Math.min(most, Math.max(least, value));
}
