/**
 * The page's end of a stream that comes from the kernel: watches it, decodes, acknowledges, presents.
 *
 * Overlays alone come without a picture: they are drawn on the page's own frame that they belong to. The own frames are
 * shown in step, each as old as its overlays take to come, so that the picture keeps the camera's rate although the
 * function may be slower.
 */
import type { Link } from "../link/link";
import { nowUs } from "../page";
import type { Bytes } from "../protocol/framing";
import type { FrameData, FrameShapes, Shapes } from "../protocol/messages.gen";
import { FrameDecoder } from "./decoder";
import { Meter } from "./figures";
import type { OwnFrames } from "./own_frames";
import type { Overlay, Presents } from "./presenter";

/** How a stream's own frames are found, for overlays on them. */
export type FindOwnFrames = (stream: string) => OwnFrames | null;

interface Placed {
  readonly timeUs: number;
  readonly index: number;
  readonly overlay: Overlay;
}

const KEPT_OVERLAYS = 16;
/** Frames from one overlay to the next, on average, below which the function keeps up with the camera. */
const KEEPS_UP = 1.3;
/** How much longer than usual the overlays of a function that keeps up may take. */
const GRACE_US = 100_000;

/** Events: "frame" when a picture was presented. */
export class Download extends EventTarget {
  readonly meter = new Meter();
  codec = "";
  readonly #link: Link;
  readonly #stream: string;
  readonly #presenter: Presents;
  readonly #findOwn: FindOwnFrames;
  readonly #signal: AbortSignal;
  readonly #decoder: FrameDecoder;
  readonly #overlays = new Map<number, Overlay>();
  #epoch = -1;
  #expected = 0;
  #needKey = true;
  #own: { frames: OwnFrames; scope: AbortController } | null = null;
  #placed: Placed[] = [];
  #delayUs = 0;
  #shownUs = 0;
  #step = 1;

  constructor(link: Link, stream: string, presenter: Presents, findOwn: FindOwnFrames, signal: AbortSignal) {
    super();
    this.#link = link;
    this.#stream = stream;
    this.#presenter = presenter;
    this.#findOwn = findOwn;
    this.#signal = signal;
    this.#decoder = new FrameDecoder(
      (picture, message) => this.#present(picture, message),
      () => this.#askKey(),
    );
    link.on("frame.data", (message, buffer) => this.#data(message, buffer), signal);
    link.on("frame.shapes", (message, buffer) => this.#shapes(message, buffer), signal);
    link.addEventListener("loaded", () => this.#watch(), { signal });
    signal.addEventListener(
      "abort",
      () => {
        link.send({ type: "stream.watch", stream, watch: false });
        this.#decoder.reset();
        this.#own?.scope.abort();
      },
      { once: true },
    );
    link.hold(signal);
    this.#watch();
  }

  #watch(): void {
    this.#link.send({ type: "stream.watch", stream: this.#stream, watch: true });
  }

  #data(message: FrameData, buffer: Bytes): void {
    if (message.stream !== this.#stream || !this.#accept(message.epoch)) return;
    this.#leaveOwn();
    this.meter.bytes += buffer.length;
    if (message.sequence !== this.#expected) {
      this.meter.dropped += Math.max(0, message.sequence - this.#expected);
      this.#needKey = true;
    }
    this.#expected = message.sequence + 1;
    if (this.#needKey && !message.key) {
      this.#askKey();
      this.#credit(message.epoch, message.sequence);
      return;
    }
    this.#needKey = false;
    this.codec = message.codec;
    const maskBytes = message.shapes?.mask_bytes ?? 0;
    if (message.shapes) {
      this.#overlays.set(message.sequence, { shapes: message.shapes, masks: buffer.slice(buffer.length - maskBytes) });
    }
    this.#decoder.decode(message, buffer.subarray(0, buffer.length - maskBytes));
  }

  #present(picture: VideoFrame | ImageBitmap, message: FrameData): void {
    const overlay = this.#overlays.get(message.sequence) ?? null;
    for (const sequence of this.#overlays.keys()) if (sequence <= message.sequence) this.#overlays.delete(sequence);
    if (!this.#signal.aborted) {
      this.#presenter.present(picture, overlay, message.width, message.height);
      this.#measure(message.time_us);
    }
    picture.close();
    this.#credit(message.epoch, message.sequence);
  }

  #shapes(message: FrameShapes, buffer: Bytes): void {
    if (message.stream !== this.#stream || !this.#accept(message.epoch)) return;
    this.#expected = message.sequence + 1;
    this.#needKey = true;
    this.#credit(message.epoch, message.sequence);
    this.meter.bytes += buffer.length;
    const own = this.#enterOwn(message.source);
    if (own === null) return;
    this.codec = "overlay";
    this.#place(message.shapes, buffer, message.index, message.time_us);
    const tookUs = nowUs() - message.time_us;
    // Quickly longer, slowly shorter: the delay that nearly all overlays make.
    this.#delayUs = tookUs > this.#delayUs ? 0.5 * (this.#delayUs + tookUs) : 0.98 * this.#delayUs + 0.02 * tookUs;
    this.#showOwn();
  }

  #place(shapes: Shapes, masks: Bytes, index: number, timeUs: number): void {
    const last = this.#placed.at(-1);
    if (last !== undefined && index > last.index) this.#step = 0.9 * this.#step + 0.1 * (index - last.index);
    this.#placed.push({ index, timeUs, overlay: { shapes, masks: masks.slice() } });
    if (this.#placed.length > KEPT_OVERLAYS) this.#placed.shift();
  }

  /** Presents the own frame that is as old as overlays take to come, with the newest overlay that is not newer. */
  #showOwn(): void {
    const newest = this.#placed.at(-1);
    if (this.#own === null || newest === undefined) return;
    // A function that keeps up has an overlay for each frame: it is worth the wait. One that does not leaves frames out;
    // they are shown when they are as old as the others, with the overlay before.
    const graceUs = this.#step < KEEPS_UP ? GRACE_US : 0;
    const dueUs = Math.max(newest.timeUs, nowUs() - this.#delayUs - graceUs);
    const frame = this.#own.frames.atOrBefore(dueUs);
    if (frame === null || frame.timeUs <= this.#shownUs) return;
    const placed = this.#placed.findLast(({ timeUs }) => timeUs <= frame.timeUs);
    this.#shownUs = frame.timeUs;
    this.#presenter.present(frame.canvas, placed?.overlay ?? null, frame.canvas.width, frame.canvas.height);
    this.#measure(frame.timeUs);
  }

  #enterOwn(source: string): OwnFrames | null {
    if (this.#own !== null) return this.#own.frames;
    const frames = this.#findOwn(source);
    if (frames === null) return null;
    const scope = new AbortController();
    frames.use(() => this.#showOwn(), scope.signal);
    this.#own = { frames, scope };
    return frames;
  }

  #leaveOwn(): void {
    this.#own?.scope.abort();
    this.#own = null;
    this.#placed = [];
  }

  #accept(epoch: number): boolean {
    if (epoch < this.#epoch) return false;
    if (epoch > this.#epoch) {
      this.#epoch = epoch;
      this.#expected = 0;
      this.#needKey = true;
    }
    return true;
  }

  #measure(timeUs: number): void {
    const atMs = performance.now();
    this.meter.presented(atMs, (nowUs() - timeUs) / 1000);
    this.dispatchEvent(new Event("frame"));
  }

  #askKey(): void {
    this.#needKey = true;
    if (this.#epoch >= 0) this.#link.send({ type: "frame.key_request", stream: this.#stream, epoch: this.#epoch });
  }

  #credit(epoch: number, sequence: number): void {
    this.#link.send({ type: "frame.credit", stream: this.#stream, epoch, sequence });
  }
}
