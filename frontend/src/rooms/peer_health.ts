/** Judges from what is heard of a peer whether the connection to them stands. No clock: told how much time passed. */
import { ROOM_RELAY_AFTER_S, ROOM_SILENT_S } from "../protocol/messages.gen";

/** `lost`: nothing comes any more; `blocked`: no way was found in time, though it is still tried. */
export type PeerState = "connecting" | "connected" | "blocked" | "lost";

/** So long may a connection be interrupted before another way is looked for: a moment's loss mends itself. */
const INTERRUPTED_S = 0.75;
/** The polite side lets the other one begin, so that there is one offer, not two. */
const POLITE_WAIT_S = 1;
const RESTART_AFTER_S = [0, 2, 4, 8, 15, 30] as const;

export class PeerHealth {
  readonly #polite: boolean;
  #up = false;
  #broken = false;
  #wasUp = false;
  #over = false;
  #downS = 0;
  #silentS = 0;
  #brokenS = 0;
  #restarts = 0;

  constructor(polite: boolean) {
    this.#polite = polite;
  }

  get state(): PeerState {
    if (this.#over) return "lost";
    if (this.#up) return this.#silentS < ROOM_SILENT_S ? "connected" : "lost";
    if (this.#downS >= ROOM_RELAY_AFTER_S) return "blocked";
    return this.#wasUp && this.#silentS >= ROOM_SILENT_S ? "lost" : "connecting";
  }

  /** The browser's own word for the connection changed. */
  changed(state: RTCPeerConnectionState): void {
    const up = state === "connected";
    if (up && !this.#up) {
      this.#silentS = 0;
      this.#downS = 0;
      this.#restarts = 0;
    }
    this.#up = up;
    this.#wasUp ||= up;
    const broken = state === "disconnected" || state === "failed";
    if (broken !== this.#broken) this.#brokenS = state === "failed" ? INTERRUPTED_S : 0;
    this.#broken = broken;
  }

  /** The peer said that they are there. */
  heard(): void {
    this.#silentS = 0;
  }

  /** The peer said goodbye, or their channel was closed: only another connection brings them back. */
  end(): void {
    this.#over = true;
  }

  /** Time passed. Gives whether another way is to be looked for now. */
  tick(seconds: number): boolean {
    this.#silentS += seconds;
    if (this.#up) return false;
    this.#downS += seconds;
    if (!this.#broken || this.#over) return false;
    this.#brokenS += seconds;
    const waitS = RESTART_AFTER_S[Math.min(this.#restarts, RESTART_AFTER_S.length - 1)] ?? 0;
    if (this.#brokenS < INTERRUPTED_S + (this.#polite ? POLITE_WAIT_S : 0) + waitS) return false;
    this.#restarts += 1;
    this.#brokenS = INTERRUPTED_S;
    return true;
  }
}
