import { renderGrid } from "./grid";
import type { RoomContext } from "./room_context";

/** The grid, wherever it stands: in the notebook, in a window of its own, or nowhere. */
export class People {
  readonly #context: RoomContext;
  readonly #beside: HTMLElement;
  readonly #signal: AbortSignal;
  #host: HTMLElement | null = null;
  #scope = new AbortController();
  #refresh: (() => void) | null = null;

  /** @param beside a tile for what there is to say; no tile while it is empty. */
  constructor(context: RoomContext, beside: HTMLElement, signal: AbortSignal) {
    this.#context = context;
    this.#beside = beside;
    this.#signal = signal;
  }

  /** Streams are mounted anew there: elements that change their document would stop. */
  show(host: HTMLElement | null): void {
    if (host === this.#host) return;
    this.#host = host;
    this.#scope.abort();
    this.#scope = new AbortController();
    this.#refresh = host === null ? null : renderGrid(this.#context, this.#beside, host, AbortSignal.any([this.#signal, this.#scope.signal]));
  }

  /** What stands beside people has changed. */
  refresh(): void {
    this.#refresh?.();
  }
}
