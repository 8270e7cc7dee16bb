/**
 * How many frames may be on the wire, and at which bitrate and size: the sender's side of flow control. The same rules as
 * `src/ipymedia/frames/pace.py`, which says why. Times in seconds of one monotonic clock, given by the caller.
 */
import { CREDIT_TIMEOUT_S, MAX_IN_FLIGHT, MIN_IN_FLIGHT } from "../protocol/messages.gen";

const BITS_PER_PIXEL = 0.22;
const MIN_BITRATE_BPS = 120_000;
const QUEUE_HIGH_S = 0.06;
const QUEUE_LOW_S = 0.035;
const STEP_S = 0.25;
const FALL = 0.8;
const FALLS_TO_JUDGE = 6;
const STILL_LONG = 0.85;
const RISE_STEP_S = 0.5;
const RISE = 1.15;
const REMEMBERED_S = 10;
const SCALES = [1, 0.75, 0.5, 0.375] as const;
const POOR_BITS_PER_PIXEL = 0.03;

export function fullBitrateBps(width: number, height: number, fps: number): number {
  return Math.max(
    MIN_BITRATE_BPS,
    Math.trunc(BITS_PER_PIXEL * width * height * 30 * (Math.max(fps, 1) / 30) ** 0.7),
  );
}

export class Pace {
  maxBitrateBps: number;
  bitrateBps: number;
  fps = 30;
  lost = 0;
  scale = 1;
  readonly #inFlight = new Map<number, number>();
  #roundTrips: { nowS: number; rttS: number }[] = [];
  #smoothS = 0;
  #changedS = 0;
  #falls = 0;
  #fellFromBps = 0;
  #longestS = 0;

  constructor(maxBitrateBps: number) {
    this.maxBitrateBps = maxBitrateBps;
    this.bitrateBps = maxBitrateBps;
  }

  get inFlight(): number {
    return this.#inFlight.size;
  }

  get roundTripS(): number {
    if (this.#roundTrips.length === 0) return 0;
    return this.#roundTrips.reduce((least, { rttS }) => Math.min(least, rttS), Infinity);
  }

  get window(): number {
    const usualS = Math.min(this.#smoothS, this.roundTripS + QUEUE_LOW_S);
    return Math.max(MIN_IN_FLIGHT, Math.min(MAX_IN_FLIGHT, Math.ceil(usualS * this.fps) + 1));
  }

  maySend(): boolean {
    return this.#inFlight.size < this.window;
  }

  sent(sequence: number, nowS: number): void {
    this.#inFlight.set(sequence, nowS);
  }

  credited(sequence: number, nowS: number): void {
    const sentS = this.#inFlight.get(sequence);
    if (sentS === undefined) return;
    for (const oldest of this.#inFlight.keys()) {
      this.#inFlight.delete(oldest);
      if (oldest === sequence) break;
      this.lost += 1;
    }
    const rttS = nowS - sentS;
    this.#roundTrips.push({ nowS, rttS });
    while ((this.#roundTrips[0]?.nowS ?? nowS) < nowS - REMEMBERED_S) this.#roundTrips.shift();
    this.#smoothS = this.#smoothS === 0 ? rttS : 0.8 * this.#smoothS + 0.2 * rttS;
    this.#follow(nowS);
  }

  /** Takes frames for lost that were not acknowledged in time; true when there were any: a key frame is due. */
  expire(nowS: number): boolean {
    const limitS = Math.max(CREDIT_TIMEOUT_S, 4 * this.#smoothS);
    let any = false;
    for (const [sequence, sentS] of this.#inFlight) {
      if (sentS >= nowS - limitS) continue;
      this.#inFlight.delete(sequence);
      this.lost += 1;
      any = true;
    }
    return any;
  }

  /** Another carrier: what was under way on the old one is gone, and what was learnt about it is worthless. */
  reset(): void {
    this.lost += this.#inFlight.size;
    this.#inFlight.clear();
    this.#roundTrips = [];
    this.#smoothS = 0;
    this.#judged();
    this.bitrateBps = this.maxBitrateBps;
  }

  chooseScale(width: number, height: number): number {
    const pixelsPerSecond = Math.max(1, width * height * Math.max(this.fps, 1));
    if (this.bitrateBps < POOR_BITS_PER_PIXEL * pixelsPerSecond * this.scale ** 2) {
      this.scale = SCALES.find((scale) => scale < this.scale) ?? this.scale;
    } else {
      const larger = SCALES.findLast((scale) => scale > this.scale) ?? this.scale;
      if (this.bitrateBps > 2 * POOR_BITS_PER_PIXEL * pixelsPerSecond * larger ** 2) this.scale = larger;
    }
    return this.scale;
  }

  #follow(nowS: number): void {
    const queueS = this.#smoothS - this.roundTripS;
    const sinceS = nowS - this.#changedS;
    if (queueS > QUEUE_HIGH_S) {
      this.#longestS = Math.max(this.#longestS, this.#smoothS);
      if (sinceS > Math.max(STEP_S, this.#smoothS)) this.#fall(nowS);
      return;
    }
    this.#judged();
    if (queueS < QUEUE_LOW_S && sinceS > RISE_STEP_S && this.bitrateBps < this.maxBitrateBps) {
      this.bitrateBps = Math.min(this.maxBitrateBps, Math.trunc(this.bitrateBps * RISE));
      this.#changedS = nowS;
    }
  }

  #fall(nowS: number): void {
    if (this.#falls === 0) this.#fellFromBps = this.bitrateBps;
    if (this.#falls >= FALLS_TO_JUDGE && this.#smoothS > STILL_LONG * this.#longestS) {
      this.#roundTrips = this.#roundTrips.filter((trip) => trip.nowS >= this.#changedS);
      this.bitrateBps = this.#fellFromBps;
      this.#judged();
    } else {
      this.bitrateBps = Math.max(MIN_BITRATE_BPS, Math.trunc(this.bitrateBps * FALL));
      this.#falls += 1;
    }
    this.#changedS = nowS;
  }

  #judged(): void {
    this.#falls = 0;
    this.#longestS = 0;
  }
}
