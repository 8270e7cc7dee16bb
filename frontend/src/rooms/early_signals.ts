/** Signals of connections that this page has not made yet: the other side may have heard of this one first. */
import type { RoomSignal } from "../protocol/messages.gen";

/** Which connection is meant. */
export interface ConnectionKey {
  readonly peer: string;
  /** The peer's page load. */
  readonly call: string;
  readonly ownCall: string;
  readonly attempt: number;
}

const KEPT = 96;

export class EarlySignals {
  #kept: RoomSignal[] = [];

  keep(signal: RoomSignal): void {
    this.#kept.push(signal);
    if (this.#kept.length > KEPT) this.#kept.shift();
  }

  /** The connection is there: gives what was said to it, in order, and forgets what older ones of the peer were told. */
  claim(key: ConnectionKey): RoomSignal[] {
    const claimed = this.#kept.filter((signal) => isFor(signal, key));
    this.#kept = this.#kept.filter((signal) => signal.peer !== key.peer || isNewer(signal, key));
    return claimed;
  }

  /** Nothing is kept for anybody. */
  clear(): void {
    this.#kept = [];
  }
}

/** Whether a signal is meant for this connection, and not for one of another page load or attempt. */
export function isFor({ peer, own_call, call, attempt = 0 }: RoomSignal, key: ConnectionKey): boolean {
  return peer === key.peer && own_call === key.call && call === key.ownCall && attempt === key.attempt;
}

/** Of a connection that may still come: another page load of the peer's, or a later attempt. */
function isNewer({ own_call, call, attempt = 0 }: RoomSignal, key: ConnectionKey): boolean {
  return call === key.ownCall && (own_call !== key.call || attempt > key.attempt);
}
