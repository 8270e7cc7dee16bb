/**
 * Credits on the comm leave a moment after a frame did, not when they are due.
 *
 * jupyter_server leaves Nagle's algorithm on: the kernel's busy status goes out for each of our messages, and what
 * follows it (the result) waits until the browser's TCP acknowledges the status, which takes up to 40 ms unless the page
 * sends something. So a credit that waits until the result is about to be written carries the acknowledgement that lets
 * it go; sent at once, it would only make another status (measured at 640×480: 24 frames a second and 36 ms).
 */
import type { FrameCredit } from "../protocol/messages.gen";

/** About what the kernel needs for a frame of 640×480. */
const AFTER_FRAME_MS = 14;
/** Where no frames go up, credits must not wait for one. */
const RECENT_MS = 100;

export class HeldCredits {
  readonly #send: (credit: FrameCredit) => void;
  #held: FrameCredit[] = [];
  #frameMs = -Infinity;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (credit: FrameCredit) => void) {
    this.#send = send;
  }

  /** A frame left over the comm. */
  frameSent(): void {
    this.#frameMs = performance.now();
    this.#schedule(AFTER_FRAME_MS);
  }

  take(credit: FrameCredit): void {
    this.#held.push(credit);
    const sinceMs = performance.now() - this.#frameMs;
    if (sinceMs > RECENT_MS) this.flush();
    else if (this.#timer === undefined) this.#schedule(RECENT_MS - sinceMs);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const held = this.#held;
    this.#held = [];
    for (const credit of held) this.#send(credit);
  }

  #schedule(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.flush(), ms);
  }
}
