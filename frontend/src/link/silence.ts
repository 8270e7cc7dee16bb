/** Decides whether a way still carries, from when something was last heard on it. */
import { PING_AFTER_S, PING_TIMEOUT_S } from "../protocol/messages.gen";

export type Verdict = "fine" | "ask" | "broken";

export class Silence {
  #heardMs = 0;
  #askedMs = -Infinity;
  #overdue = false;

  /** Any message tells that the way carries. */
  heard(nowMs: number): void {
    this.#heardMs = nowMs;
    this.#overdue = false;
  }

  /**
   * To be called now and then. An answer has to be overdue at two looks in a row: between them the page reads what
   * arrived while it was busy itself, or its timers were throttled.
   */
  look(nowMs: number): Verdict {
    if (nowMs - this.#heardMs < 1000 * PING_AFTER_S) return "fine";
    if (this.#askedMs < this.#heardMs) {
      this.#askedMs = nowMs;
      return "ask";
    }
    if (nowMs - this.#askedMs < 1000 * PING_TIMEOUT_S) return "fine";
    if (this.#overdue) return "broken";
    this.#overdue = true;
    return "fine";
  }
}
