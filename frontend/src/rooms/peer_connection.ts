/**
 * The connection of this page to one other: a `RTCPeerConnection` with one track of sound and one of pictures each way, and a
 * channel for a pulse. It looks for another way by itself where the one that it had breaks.
 */
import { ROOM_PULSE_S } from "../protocol/messages.gen";
import type { Negotiated } from "./negotiation";
import { candidateOf, Negotiation } from "./negotiation";
import type { PeerState } from "./peer_health";
import { PeerHealth } from "./peer_health";
import type { PeerSwitches } from "./pulse";
import { Pulse } from "./pulse";
import type { OwnTracks } from "./senders";
import { Senders } from "./senders";
import { wayOf } from "./way";

export interface PeerConnectionOptions {
  readonly configuration: RTCConfiguration;
  readonly polite: boolean;
  /** The stream that this side's tracks are said to belong to. */
  readonly stream: MediaStream;
  /** What this side sends now, told with each pulse. */
  switches(): PeerSwitches;
  send(signal: Negotiated): void;
}

/** Events: "state" (or the way), "tracks" (the peer's), "switches" (what the peer sends). */
export class PeerConnection extends EventTarget {
  switches: PeerSwitches | null = null;
  way = "";
  readonly senders: Senders;
  readonly #connection: RTCPeerConnection;
  readonly #negotiation: Negotiation;
  readonly #health: PeerHealth;
  readonly #pulse: Pulse;
  readonly #options: PeerConnectionOptions;
  readonly #signal: AbortSignal;
  #sincePulseS = 0;
  #told: PeerState = "connecting";

  /** Throws where the browser has no peer connections, or does not take the configuration. Closed by the signal. */
  constructor(options: PeerConnectionOptions, signal: AbortSignal) {
    super();
    const { configuration, polite, stream } = options;
    const send = (said: Negotiated): void => options.send(said);
    this.#options = options;
    this.#signal = signal;
    const connection = new RTCPeerConnection(configuration);
    this.#connection = connection;
    this.#health = new PeerHealth(polite);
    this.senders = new Senders(connection, stream);
    this.#negotiation = new Negotiation(connection, { polite, send, beforeAnswer: () => this.senders.adopt() }, signal);
    const on = (type: string, listener: (event: Event) => void): void =>
      connection.addEventListener(type, listener, { signal });
    on("negotiationneeded", () => void this.#negotiation.offer());
    on("icecandidate", (event) => {
      const { candidate } = event as RTCPeerConnectionIceEvent;
      if (candidate !== null) send({ candidate: candidateOf(candidate) });
    });
    on("track", () => this.dispatchEvent(new Event("tracks")));
    on("connectionstatechange", () => {
      this.#health.changed(connection.connectionState);
      void this.#tell();
    });
    this.#pulse = new Pulse(
      connection,
      {
        opened: () => this.#opened(),
        heard: (switches) => this.#heard(switches),
        ended: () => {
          this.#health.end();
          void this.#tell();
        },
      },
      signal,
    );
    signal.addEventListener("abort", () => this.#close(), { once: true });
    if (!polite) this.senders.open();
  }

  get state(): PeerState {
    return this.#health.state;
  }

  /** The peer's tracks; sound first. */
  get tracks(): MediaStreamTrack[] {
    return this.#connection.getReceivers().map(({ track }) => track);
  }

  get soundReceiver(): RTCRtpReceiver | undefined {
    return this.#connection.getReceivers().find(({ track }) => track.kind === "audio");
  }

  receive(signal: Negotiated): void {
    this.#negotiation.receive(signal);
  }

  carry(tracks: OwnTracks): void {
    this.senders.carry(tracks);
    this.#say();
  }

  /** Other servers, such as a TURN server's fresh password; used from the next restart on. */
  configure(configuration: RTCConfiguration): void {
    this.#connection.setConfiguration(configuration);
  }

  /** Looks for another way: the network changed. */
  restart(): void {
    if (this.#connection.remoteDescription !== null) this.#connection.restartIce();
  }

  /** Called a few times a second; what a page missed while it stood still is no silence of the peer's. */
  tick(seconds: number): void {
    if (this.#health.tick(seconds)) this.restart();
    this.#negotiation.tick(seconds);
    this.#sincePulseS += seconds;
    if (this.#sincePulseS >= ROOM_PULSE_S) this.#say();
    if (this.state !== this.#told) void this.#tell();
  }

  #opened(): void {
    this.#say();
    // Another pair of candidates may carry it later: a cable was pulled, a better way was found.
    const ice = this.#connection.sctp?.transport.iceTransport;
    ice?.addEventListener("selectedcandidatepairchange", () => void this.#tell(), { signal: this.#signal });
  }

  #say(): void {
    this.#sincePulseS = 0;
    this.#pulse.say(this.#options.switches());
  }

  #heard(switches: PeerSwitches): void {
    this.#health.heard();
    const before = this.switches;
    this.switches = switches;
    if (this.state !== this.#told) void this.#tell();
    if (JSON.stringify(before) !== JSON.stringify(switches)) this.dispatchEvent(new Event("switches"));
  }

  async #tell(): Promise<void> {
    this.#told = this.state;
    if (this.state === "connected") this.way = await wayOf(this.#connection).catch(() => this.way);
    if (!this.#signal.aborted) this.dispatchEvent(new Event("state"));
  }

  #close(): void {
    this.#pulse.bye();
    this.#connection.close();
  }
}
