/** One of the others in a call: the connection to them, or what the kernels relay in its place. */
import type { Link } from "../link/link";
import type { RoomPeer, RoomSignal } from "../protocol/messages.gen";
import type { ConnectionKey, EarlySignals } from "./early_signals";
import { isFor } from "./early_signals";
import type { Outgoing } from "./outgoing";
import { PeerConnection } from "./peer_connection";
import type { PeerState } from "./peer_health";
import type { PeerSwitches } from "./pulse";
import { RelayDownload } from "./relay_download";
import type { RemoteMedia } from "./remote_media";
import { remoteMedia } from "./remote_media";
import { receivedLevel, Voice } from "./speaking";

/** Somebody else in the room. */
export interface Participant {
  readonly peer: string;
  readonly nickname: string;
  /** The model id of their stream. */
  readonly widget: string;
  readonly state: "away" | PeerState | "relayed";
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen: boolean;
  readonly speaking: boolean;
}

/** What all connections of one call have in common. */
export interface CallContext {
  readonly room: string;
  /** This page's load. */
  readonly call: string;
  readonly link: Link;
  readonly outgoing: Outgoing;
  readonly early: EarlySignals;
  /** The stream that this side's tracks are said to belong to. */
  readonly stream: MediaStream;
  /** How many others there are. */
  readonly others: number;
  readonly configuration: RTCConfiguration;
  changed(): void;
  /** The browser makes no connection. */
  failed(error: unknown): void;
}

interface Connected {
  readonly key: ConnectionKey;
  /** null: the browser makes none. */
  readonly connection: PeerConnection | null;
  readonly scope: AbortController;
}

interface Relayed {
  readonly relay: string;
  readonly download: RelayDownload;
  readonly scope: AbortController;
}

export class Person implements Participant {
  readonly media: RemoteMedia;
  readonly #context: CallContext;
  readonly #signal: AbortSignal;
  readonly #voice = new Voice();
  #about: RoomPeer;
  #connected: Connected | null = null;
  #relayed: Relayed | null = null;
  #told = "";

  /** @param signal ends with the call, or as they left. */
  constructor(context: CallContext, about: RoomPeer, signal: AbortSignal) {
    this.#context = context;
    this.#about = about;
    this.#signal = signal;
    this.media = remoteMedia(context.room, about.peer, signal);
    this.update(about);
  }

  get peer(): string {
    return this.#about.peer;
  }

  get nickname(): string {
    return this.#about.nickname;
  }

  get widget(): string {
    return this.#about.widget;
  }

  get state(): Participant["state"] {
    if (this.#about.call === "") return "away";
    const direct = this.#direct;
    return direct !== "connected" && this.#about.relayed === true ? "relayed" : direct;
  }

  get microphone(): boolean {
    return this.#switches.microphone;
  }

  get camera(): boolean {
    return this.#switches.camera;
  }

  get screen(): boolean {
    return this.#switches.screen;
  }

  get speaking(): boolean {
    return this.#voice.speaking;
  }

  get connection(): PeerConnection | null {
    return this.#connected?.connection ?? null;
  }

  /** What the kernel knows of them changed. */
  update(about: RoomPeer): void {
    this.#about = about;
    this.#connect();
    this.#relay();
  }

  /** Gives whether the signal was for the connection that is there. */
  receive(signal: RoomSignal): boolean {
    if (this.#connected === null || !isFor(signal, this.#connected.key)) return false;
    this.connection?.receive(signal);
    return true;
  }

  /** Says to the kernel how the connection is; `again` also where that is known. */
  tell(again = false): void {
    const key = this.#connected?.key;
    if (key === undefined) return;
    const { peer, call, attempt } = key;
    const state = this.#direct;
    const way = this.connection?.way ?? "";
    const text = [call, attempt, state, way].join(" ");
    if (text === this.#told && !again) return;
    this.#told = text;
    this.#context.link.send({ type: "room.peer_state", room: this.#context.room, peer, call, attempt, state, way });
  }

  /** Gives whether they began, or stopped, to speak. */
  listen(seconds: number): boolean {
    const level = this.state === "relayed" ? (this.#relayed?.download.level ?? 0) : receivedLevel(this.connection?.soundReceiver);
    return this.#voice.hear(level, seconds);
  }

  /** They left: nothing comes any more. */
  finish(): void {
    this.media.finish();
  }

  get #direct(): PeerState {
    return this.#connected?.connection === null ? "blocked" : (this.connection?.state ?? "connecting");
  }

  get #switches(): PeerSwitches {
    const { microphone = true, camera = true, screen = false } = this.#about;
    // The pulse is quicker than the kernels, but only while it comes.
    const pulse = this.#direct === "connected" ? this.connection?.switches : null;
    return pulse ?? { microphone, camera, screen };
  }

  #connect(): void {
    const { peer, call, attempt = 0, polite } = this.#about;
    const key: ConnectionKey = { peer, call, attempt, ownCall: this.#context.call };
    const before = this.#connected;
    if (before !== null && before.key.call === call && before.key.attempt === attempt) return;
    before?.scope.abort();
    this.#connected = null;
    if (call === "") return;
    const scope = new AbortController();
    const signal = AbortSignal.any([this.#signal, scope.signal]);
    this.#connected = { key, scope, connection: this.#open(key, polite, signal) };
    for (const early of this.#context.early.claim(key)) this.connection?.receive(early);
    this.tell();
  }

  #open(key: ConnectionKey, polite: boolean, signal: AbortSignal): PeerConnection | null {
    const { configuration, stream, outgoing, link, room, others } = this.#context;
    const { peer, call, attempt, ownCall } = key;
    const send: PeerConnection["receive"] = (said) =>
      link.send({ type: "room.signal", room, peer, own_call: ownCall, call, attempt, ...said });
    let connection: PeerConnection;
    try {
      connection = new PeerConnection({ configuration, polite, stream, send, switches: () => outgoing.sent }, signal);
    } catch (error) {
      this.#context.failed(error);
      return null;
    }
    connection.senders.limit(others);
    connection.carry(outgoing.tracks);
    const changed = (): void => {
      this.#show();
      this.tell();
      this.#context.changed();
    };
    for (const type of ["state", "tracks"]) connection.addEventListener(type, changed, { signal });
    connection.addEventListener("switches", () => this.#context.changed(), { signal });
    return connection;
  }

  #relay(): void {
    const { relayed = false, relay = "" } = this.#about;
    const wanted = relayed ? relay : "";
    if (wanted === (this.#relayed?.relay ?? "")) return;
    this.#relayed?.scope.abort();
    this.#relayed = null;
    if (wanted === "") return;
    const scope = new AbortController();
    const signal = AbortSignal.any([this.#signal, scope.signal]);
    const download = new RelayDownload(this.#context.link, wanted, signal);
    this.#relayed = { relay: wanted, download, scope };
    download.addEventListener("tracks", () => this.#show(), { signal });
  }

  /** The straight way, where there is one; else what is relayed; else what there was, until something comes again. */
  #show(): void {
    if (this.#direct === "connected") this.media.show(this.connection?.tracks ?? []);
    else if (this.#relayed !== null && this.#relayed.download.tracks.length > 0) this.media.show(this.#relayed.download.tracks);
  }
}
