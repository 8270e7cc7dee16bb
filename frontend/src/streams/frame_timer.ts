/**
 * Runs in a worker, since hidden pages have their timers slowed to one a second and less, but not those of workers.
 * Each tick is planned from the start, not from the tick before, so that the mean rate is exact; slots that were missed
 * are left out, not made up for.
 */
const CLOCK = `
let timer, start, period, slot;
function plan() {
  const now = performance.now();
  slot = Math.max(slot + 1, Math.ceil((now - start) / period));
  timer = setTimeout(() => { postMessage(slot); plan(); }, start + slot * period - now);
}
onmessage = ({ data }) => { clearTimeout(timer); start = performance.now(); period = data; slot = -1; plan(); };
`;

/** A timer with an exact mean rate. Call `start` again to change the rate. */
export class FrameTimer {
  readonly #tick: (slot: number) => void;
  readonly #signal: AbortSignal;
  #worker: Worker | null = null;
  #interval: ReturnType<typeof setInterval> | undefined;
  #periodMs = 0;
  /** The count goes on when the rate changes: `#first` is what slot 0 of the present rate counts as. */
  #first = 0;
  #next = 0;

  /** Ticks until the signal aborts. `index` counts the times at which a frame was due; a missed one leaves a gap. */
  constructor(tick: (index: number) => void, signal: AbortSignal) {
    this.#tick = (slot) => {
      const index = this.#first + slot;
      this.#next = index + 1;
      tick(index);
    };
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#stop(), { once: true });
  }

  start(fps: number): void {
    if (this.#signal.aborted) return;
    this.#periodMs = 1000 / fps;
    this.#first = this.#next;
    if (this.#interval !== undefined) {
      this.#startInterval();
      return;
    }
    this.#worker ??= this.#openWorker();
    this.#worker?.postMessage(this.#periodMs);
  }

  /** A content security policy may forbid workers from blobs: by an exception in some browsers, by an event in others. */
  #openWorker(): Worker | null {
    const url = URL.createObjectURL(new Blob([CLOCK], { type: "text/javascript" }));
    try {
      const worker = new Worker(url);
      worker.addEventListener("message", ({ data }: MessageEvent<number>) => this.#tick(data));
      worker.addEventListener("error", () => this.#startInterval());
      return worker;
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.#startInterval();
      return null;
    } finally {
      // The worker's fetch has taken hold of the blob when the constructor returns.
      URL.revokeObjectURL(url);
    }
  }

  #startInterval(): void {
    this.#stop();
    if (this.#signal.aborted) return;
    const start = performance.now();
    let last = -1;
    // Twice as often as frames are due, so that a late interval does not cost one.
    this.#interval = setInterval(() => {
      const slot = Math.floor((performance.now() - start) / this.#periodMs);
      if (slot === last) return;
      last = slot;
      this.#tick(slot);
    }, this.#periodMs / 2);
  }

  #stop(): void {
    this.#worker?.terminate();
    this.#worker = null;
    clearInterval(this.#interval);
    this.#interval = undefined;
  }
}
