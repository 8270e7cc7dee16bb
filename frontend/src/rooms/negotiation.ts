/**
 * Perfect negotiation: both sides may offer at any time, and where they do so at once the polite one gives way.
 *
 * Source: W3C WebRTC, https://www.w3.org/TR/webrtc/#perfect-negotiation-example. Beside it: the polite side does not make
 * the first offer, candidates wait for the description that they belong to, and an offer that nobody answers is said again,
 * since the comm may drop messages when a cell prints a flood.
 */
import type { RoomCandidate, RoomDescription } from "../protocol/messages.gen";

export interface Negotiated {
  readonly description?: RoomDescription | null;
  readonly candidate?: RoomCandidate | null;
}

/** What of a browser's connection is negotiated. */
export type NegotiatedConnection = Pick<
  RTCPeerConnection,
  | "addIceCandidate"
  | "connectionState"
  | "localDescription"
  | "remoteDescription"
  | "setLocalDescription"
  | "setRemoteDescription"
  | "signalingState"
>;

interface NegotiationOptions {
  readonly polite: boolean;
  send(signal: Negotiated): void;
  /** The other side's offer is set, the answer not made: which tracks go with it? */
  beforeAnswer(): void;
}

/** Candidates that may wait; browsers find one to two for each interface and server. */
const KEPT_CANDIDATES = 64;
/** An offer that was not answered for so long is said again. */
const OFFER_AGAIN_S = 2;

export class Negotiation {
  readonly #connection: NegotiatedConnection;
  readonly #options: NegotiationOptions;
  readonly #signal: AbortSignal;
  #offering = false;
  #ignoresOffer = false;
  #candidates: RoomCandidate[] = [];
  #queue: Promise<void> = Promise.resolve();
  #unansweredS = 0;
  /** What the browser would not take of what the other side said. */
  refused = 0;

  constructor(connection: NegotiatedConnection, options: NegotiationOptions, signal: AbortSignal) {
    this.#connection = connection;
    this.#options = options;
    this.#signal = signal;
  }

  /** The browser says that something has to be negotiated. */
  async offer(): Promise<void> {
    // The first offer is the other side's: two at once would only cost a round trip.
    if (this.#options.polite && this.#connection.remoteDescription === null) return;
    this.#offering = true;
    try {
      await this.#connection.setLocalDescription();
      this.#sendDescription();
    } catch {
      this.#refuse(); // the state changed meanwhile: the browser asks for a negotiation again
    } finally {
      this.#offering = false;
    }
  }

  /** What the other side said; one after the other, as each changes what the next one means. */
  receive(signal: Negotiated): void {
    this.#queue = this.#queue.then(async () => {
      if (this.#signal.aborted) return;
      try {
        if (signal.description) await this.#describe(signal.description);
        if (signal.candidate) await this.#add(signal.candidate);
      } catch {
        this.#refuse(); // nothing that a page can be told may end its own negotiation
      }
    });
  }

  /** Called once in a while: says an offer again that was not answered. */
  tick(seconds: number): void {
    this.#unansweredS = this.#connection.signalingState === "have-local-offer" ? this.#unansweredS + seconds : 0;
    if (this.#unansweredS < OFFER_AGAIN_S) return;
    this.#unansweredS = 0;
    this.#sendDescription();
  }

  async #describe({ kind, sdp = "" }: RoomDescription): Promise<void> {
    if (kind === "offer") await this.#answer(sdp);
    else if (kind === "answer") await this.#setAnswer(sdp);
    else this.#refuse();
  }

  async #answer(sdp: string): Promise<void> {
    const connection = this.#connection;
    const collides = this.#offering || connection.signalingState !== "stable";
    this.#ignoresOffer = collides && !this.#options.polite;
    if (this.#ignoresOffer) return;
    await connection.setRemoteDescription({ type: "offer", sdp }); // takes an own offer back
    await this.#addWaiting();
    if (this.#signal.aborted) return;
    this.#options.beforeAnswer();
    await connection.setLocalDescription();
    this.#sendDescription();
  }

  async #setAnswer(sdp: string): Promise<void> {
    if (this.#connection.signalingState !== "have-local-offer") return; // to an offer that was said twice
    this.#ignoresOffer = false;
    await this.#connection.setRemoteDescription({ type: "answer", sdp });
    await this.#addWaiting();
  }

  async #add(candidate: RoomCandidate): Promise<void> {
    if (this.#connection.remoteDescription === null) {
      this.#keep(candidate);
      return;
    }
    try {
      await this.#connection.addIceCandidate(iceOf(candidate));
    } catch {
      // One of an offer that was ignored, or one that came before the description of a restart.
      if (!this.#ignoresOffer) this.#keep(candidate);
    }
  }

  #keep(candidate: RoomCandidate): void {
    this.#candidates.push(candidate);
    if (this.#candidates.length > KEPT_CANDIDATES) this.#candidates.shift();
  }

  async #addWaiting(): Promise<void> {
    const waiting = this.#candidates;
    this.#candidates = [];
    for (const candidate of waiting) await this.#connection.addIceCandidate(iceOf(candidate)).catch(() => this.#refuse());
  }

  #sendDescription(): void {
    const description = this.#connection.localDescription;
    if (this.#signal.aborted || description === null) return;
    this.#options.send({ description: { kind: description.type, sdp: description.sdp } });
  }

  #refuse(): void {
    if (!this.#signal.aborted) this.refused += 1;
  }
}

function iceOf({ candidate, mid, line, fragment }: RoomCandidate): RTCIceCandidateInit {
  return { candidate, sdpMid: mid ?? null, sdpMLineIndex: line ?? null, usernameFragment: fragment ?? null };
}

export function candidateOf({ candidate, sdpMid, sdpMLineIndex, usernameFragment }: RTCIceCandidate): RoomCandidate {
  return { candidate, mid: sdpMid, line: sdpMLineIndex, fragment: usernameFragment };
}
