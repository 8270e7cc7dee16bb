/**
 * One picture for each refresh of the display.
 *
 * At the display's own rate pictures come now a little before a refresh, now a little after it: two in one, none in the
 * next. The second one of two waits for the next refresh then; drawn at once it would cover one that nobody saw.
 */

/** Draws; called once, at once or after the next refresh. */
type Draw = () => void;

export class RefreshGate {
  /** Whether something was drawn that the display has not shown. */
  #drawn = false;
  #waiting: { readonly draw: Draw; readonly drop: () => void } | null = null;
  readonly #afterPaint = new MessageChannel();

  constructor() {
    this.#afterPaint.port1.addEventListener("message", () => this.#refreshed());
    this.#afterPaint.port1.start();
  }

  /** Draws now, or after the next refresh; `keep` is called where it waits, `drop` where a newer one took its place. */
  pass(draw: Draw, keep: () => Draw, drop: () => void): void {
    if (!this.#drawn) {
      draw();
      this.#watch();
      return;
    }
    this.#waiting?.drop();
    this.#waiting = { draw: keep(), drop };
  }

  /** Forgets what waits: the page is hidden, where nothing refreshes, or the stream ended. */
  clear(): void {
    this.#waiting?.drop();
    this.#waiting = null;
    this.#drawn = false;
  }

  #watch(): void {
    this.#drawn = true;
    // What is drawn in an animation frame is in the picture that follows it: the next may be drawn only after that.
    requestAnimationFrame(() => this.#afterPaint.port2.postMessage(null));
  }

  #refreshed(): void {
    this.#drawn = false;
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting === null) return;
    waiting.draw();
    this.#watch();
  }
}
