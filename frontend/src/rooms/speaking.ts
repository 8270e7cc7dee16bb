/** Who speaks: judged from how loud everybody is, a few times a second, and only while somebody wants to know. */

/** About -30 dB: over the noise of a room, under a quiet voice. */
const LOUD = 0.03;
/** Between words nobody stops to speak. */
const HANGS_S = 0.8;
/** A level that is older says nothing: browsers keep the last one for ten seconds. */
const FRESH_MS = 500;

/** One person's voice. */
export class Voice {
  #quietS = Infinity;

  get speaking(): boolean {
    return this.#quietS < HANGS_S;
  }

  /** How loud it is now, and how long after the last time. Gives whether `speaking` changed. */
  hear(level: number, seconds: number): boolean {
    const before = this.speaking;
    this.#quietS = level > LOUD ? 0 : this.#quietS + seconds;
    return this.speaking !== before;
  }
}

/** How loud what a receiver got lately is, 0 to 1; read without asking for all of a connection's statistics. */
export function receivedLevel(receiver: RTCRtpReceiver | undefined): number {
  const nowMs = performance.timeOrigin + performance.now();
  const sources = receiver?.getSynchronizationSources() ?? [];
  return Math.max(0, ...sources.map(({ audioLevel = 0, timestamp }) => (nowMs - timestamp < FRESH_MS ? audioLevel : 0)));
}
