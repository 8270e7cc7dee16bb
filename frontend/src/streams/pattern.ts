import { abortReason } from "../abort_reason";
import { CaptureFailure } from "./capture_error";
import { FrameTimer } from "./frame_timer";
import type { PageSource } from "./page_source";
import { isRecord } from "./record";
import { TestCard } from "./test_card";

/** What a `PatternStream` model asks for. */
export interface PatternOptions {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
}

/** Takes the pictures of a canvas to a track. */
interface TrackWriter {
  readonly stream: MediaStream;
  /** The canvas holds a new picture. */
  write(): void;
}

/** `MediaStreamTrackGenerator` on the window: Chromium has it, outside of the standard, and TypeScript does not know it. */
type TrackGenerator = MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> };
declare global {
  var MediaStreamTrackGenerator: (new (init: { kind: "video" }) => TrackGenerator) | undefined;
}

interface FrameOnRequest {
  requestFrame(): void;
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

function writeTrack(canvas: HTMLCanvasElement, fps: number, signal: AbortSignal): TrackWriter {
  const Generator = globalThis.MediaStreamTrackGenerator;
  return Generator === undefined
    ? captureCanvas(canvas, fps)
    : generateTrack(canvas, new Generator({ kind: "video" }), signal);
}

/** Frames of our own: exact in time, and not bound to what the page paints. */
function generateTrack(canvas: HTMLCanvasElement, track: TrackGenerator, signal: AbortSignal): TrackWriter {
  const writer = track.writable.getWriter();
  signal.addEventListener("abort", () => void writer.abort(signal.reason).catch(() => undefined), { once: true });
  const write = (): void => {
    // Nobody takes the frames, or not fast enough: this one is left out, none is kept back.
    if (signal.aborted || (writer.desiredSize ?? 0) <= 0) return;
    const frame = new VideoFrame(canvas, { timestamp: Math.round(performance.now() * 1000) });
    writer.write(frame).catch(() => frame.close()); // The track ended between the question and the write.
  };
  return { stream: new MediaStream([track]), write };
}

/** Where there is no generator (Firefox): a canvas stream that takes a picture when it is told to. */
function captureCanvas(canvas: HTMLCanvasElement, fps: number): TrackWriter {
  const stream = canvas.captureStream(0);
  const [track] = stream.getVideoTracks();
  // The standard has it on the track; Firefox has it on the stream.
  for (const owner of [track, stream]) {
    if (owner !== undefined && canRequestFrame(owner)) return { stream, write: () => owner.requestFrame() };
  }
  return { stream: canvas.captureStream(fps), write: () => undefined };
}

function canRequestFrame(owner: MediaStreamTrack | MediaStream): owner is (MediaStreamTrack | MediaStream) & FrameOnRequest {
  return "requestFrame" in owner && typeof owner.requestFrame === "function";
}
