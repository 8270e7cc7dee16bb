/**
 * The page's own frames, kept for a moment: a function that returns overlays alone sends no picture back, so the
 * overlays are drawn on the frame that they belong to. Copies, since held camera frames would stall the camera; made
 * only while somebody needs them.
 */
export interface OwnFrame {
  readonly canvas: OffscreenCanvas;
  epoch: number;
  index: number;
  timeUs: number;
}

/** Half a second at 30 frames a second; a slower function draws on the newest frame that is still there. */
const KEPT = 16;

export class OwnFrames {
  #ring: OwnFrame[] = [];
  #next = 0;
  #users = 0;
  readonly #listeners = new Set<() => void>();

  /** Keep copies until the signal aborts, and hear of each new one. */
  use(listener: () => void, signal: AbortSignal): void {
    this.#users += 1;
    this.#listeners.add(listener);
    signal.addEventListener(
      "abort",
      () => {
        this.#users -= 1;
        this.#listeners.delete(listener);
        if (this.#users === 0) this.#forget();
      },
      { once: true },
    );
  }

  keep(frame: VideoFrame, epoch: number, index: number, timeUs: number): void {
    if (this.#users === 0) return;
    const { displayWidth: width, displayHeight: height } = frame;
    let own = this.#ring[this.#next];
    if (own === undefined || own.canvas.width !== width || own.canvas.height !== height) {
      own = { canvas: new OffscreenCanvas(width, height), epoch, index, timeUs };
      this.#ring[this.#next] = own;
    }
    own.canvas.getContext("2d", { alpha: false, willReadFrequently: false })?.drawImage(frame, 0, 0);
    Object.assign(own, { epoch, index, timeUs });
    this.#next = (this.#next + 1) % KEPT;
    for (const listener of this.#listeners) listener();
  }

  /** A frame by its number. */
  get(epoch: number, index: number): OwnFrame | null {
    return this.#ring.find((own) => own.epoch === epoch && own.index === index) ?? null;
  }

  /** The newest frame that is not newer than a time. */
  atOrBefore(timeUs: number): OwnFrame | null {
    let best: OwnFrame | null = null;
    for (const own of this.#ring) {
      if (own.timeUs <= timeUs && (best === null || own.timeUs > best.timeUs)) best = own;
    }
    return best;
  }

  #forget(): void {
    this.#ring = [];
    this.#next = 0; // a ring with holes would be read as if it had frames there
  }
}
