/**
 * A room as it lives in a page. The kernel says who is in the room, and which page is the one in the call (`call`); that
 * page connects to those of the others, every other page of the notebook only shows the room.
 */
import type { AnyModel } from "@anywidget/types";
import type { Link } from "../link/link";
import type { RoomCall, RoomPeer, RoomText, RoomTexts } from "../protocol/messages.gen";
import { ROOM_KEPT_TEXTS } from "../protocol/messages.gen";
import type { Streams } from "../streams/streams";
import { Call, keyOf } from "./call";
import { EarlySignals } from "./early_signals";
import { Outgoing } from "./outgoing";
import type { Participant } from "./person";
import { RelayUpload } from "./relay_upload";
import { RemoteSound } from "./remote_sound";

export type { Participant } from "./person";

interface Running {
  readonly call: Call;
  readonly outgoing: Outgoing;
  readonly upload: RelayUpload;
  readonly scope: AbortController;
}

const NOWHERE: Omit<RoomCall, "room"> = { type: "room.call", participant: "", call: "" };

/** Events: "people", "speaking", "texts", "told", "own" (own stream, switches, devices), "call" (`here`, `joined`, `soundBlocked`). */
export class RoomLive extends EventTarget {
  readonly id: string;
  readonly link: Link;
  texts: readonly RoomText[] = [];
  readonly #model: AnyModel;
  readonly #streams: Streams;
  readonly #signal: AbortSignal;
  readonly #sound: RemoteSound;
  readonly #early = new EarlySignals();
  /** Who wants to know who speaks. */
  readonly #listeners = new Set<unknown>();
  #known: RoomCall;
  #running: Running | null = null;
  /** The call that was left here before the kernel knows of it. */
  #left = "";
  #told = "";
  #complaint = "";

  /** @param signal ends with the room's model. */
  constructor(id: string, link: Link, model: AnyModel, streams: Streams, signal: AbortSignal) {
    super();
    this.id = id;
    this.link = link;
    this.#model = model;
    this.#streams = streams;
    this.#signal = signal;
    this.#known = { ...NOWHERE, room: id };
    this.#sound = new RemoteSound(signal);
    this.#sound.addEventListener("blocked", () => this.#dispatch("call"), { signal });
    const hello = (): void => {
      link.send({ type: "room.hello", room: id });
      this.#running?.call.tell();
    };
    link.addEventListener("loaded", hello, { signal });
    link.on("room.call", (message) => message.room === id && this.#update(message), signal);
    link.on("room.signal", (message) => message.room === id && this.#receive(message), signal);
    link.on("room.texts", (message) => message.room === id && this.#take(message), signal);
    link.on("room.relay", (message) => message.room === id && message.call === this.#known.call && this.#running?.upload.set(message), signal);
    link.on("room.told", (message) => message.room === id && this.#tell(message.text), signal);
    link.addEventListener("phase", () => link.phase === "gone" && this.#update({ ...NOWHERE, room: id }), { signal });
    window.addEventListener("pagehide", () => this.#end(), { signal });
    signal.addEventListener("abort", () => this.#end(), { once: true });
    hello(); // what the kernel said before this was there is said again
  }

  /** Whether this page is the one in the call. */
  get here(): boolean {
    return this.#running !== null;
  }

  /** Whether the kernel is in the room, and the user did not leave here. */
  get joined(): boolean {
    return this.#known.participant !== "" && keyOf(this.#known) !== this.#left;
  }

  /** The others, in the order in which they came. */
  get people(): readonly Participant[] {
    return this.#running?.call.people ?? (this.#known.peers ?? []).map((peer) => seenFromElsewhere(peer));
  }

  get own(): { stream: MediaStream | null; microphone: boolean; camera: boolean; screen: boolean; speaking: boolean } {
    const running = this.#running;
    if (running === null) {
      const { microphone = true, camera = true } = this.#known;
      return { stream: null, microphone, camera, screen: false, speaking: false };
    }
    const { stream, microphone, camera, screen } = running.outgoing;
    return { stream, microphone, camera, screen, speaking: running.call.ownSpeaking };
  }

  /** Something for the user, such as that the broker is away; empty: nothing. */
  get told(): string {
    return this.#told || this.#complaint;
  }

  /** Where the others are heard: a device's id; empty: the system's choice. */
  get speaker(): string {
    return this.#sound.speaker;
  }

  async useSpeaker(device: string): Promise<void> {
    await this.#sound.useSpeaker(device);
  }

  /** Whether the browser waits for a click before it plays sound. */
  get soundBlocked(): boolean {
    return this.#sound.blocked;
  }

  setMicrophone(on: boolean): void {
    const { outgoing } = this.#running ?? {};
    outgoing?.switch(on, outgoing.camera);
  }

  setCamera(on: boolean): void {
    const { outgoing } = this.#running ?? {};
    outgoing?.switch(outgoing.microphone, on);
  }

  /** Called in a click's own event. Rejects with what the browser says. */
  async shareScreen(): Promise<void> {
    await this.#running?.outgoing.shareScreen();
  }

  stopSharing(): void {
    this.#running?.outgoing.stopSharing();
  }

  say(text: string): void {
    this.link.send({ type: "room.say", room: this.id, text });
  }

  rename(nickname: string): void {
    this.link.send({ type: "room.rename", room: this.id, nickname });
  }

  /** Nothing is sent or heard from now on, also where the kernel is slow to hear of it. */
  leave(): void {
    this.#left = keyOf(this.#known);
    this.#running?.call.finish();
    this.#end();
    this.link.send({ type: "room.quit", room: this.id });
    this.#changed();
  }

  rejoin(): void {
    this.#left = "";
    this.link.send({ type: "room.quit", room: this.id, again: true });
  }

  /** The call is to go on in this page. */
  takeOver(): void {
    this.link.send({ type: "room.take", room: this.id });
  }

  /** Called in a click's own event. */
  unblockSound(): void {
    this.#sound.unblock();
  }

  override addEventListener(...[type, listener, options]: Parameters<EventTarget["addEventListener"]>): void {
    super.addEventListener(type, listener, options);
    if (type !== "speaking") return;
    this.#listeners.add(listener);
    const signal = typeof options === "object" ? options.signal : undefined;
    signal?.addEventListener("abort", () => this.#listeners.delete(listener), { once: true });
  }

  override removeEventListener(...[type, listener, options]: Parameters<EventTarget["removeEventListener"]>): void {
    super.removeEventListener(type, listener, options);
    if (type === "speaking") this.#listeners.delete(listener);
  }

  // --- what the kernel says ------------------------------------------------------------------------------------------

  #update(message: RoomCall): void {
    this.#known = message;
    const key = keyOf(message);
    if (this.#running !== null && this.#running.call.key !== key) {
      // Where the call goes on in another page the others did not leave.
      if (message.participant === "") this.#running.call.finish();
      this.#end();
    }
    if (message.call !== "" && message.participant !== "" && key !== this.#left && !this.#signal.aborted) {
      this.#running ??= this.#begin(message);
      this.#running.outgoing.show(message.stream ?? "");
      this.#running.call.update(message);
    }
    this.#changed();
  }

  #begin(message: RoomCall): Running {
    const scope = new AbortController();
    const signal = AbortSignal.any([this.#signal, scope.signal]);
    this.#complaint = "";
    const outgoing = new Outgoing(this.#model, this.#streams, signal);
    outgoing.switch(message.microphone ?? true, message.camera ?? true);
    const upload = new RelayUpload(this.link, outgoing, signal);
    const options = { link: this.link, outgoing, sound: this.#sound, early: this.#early, listened: () => this.#listeners.size > 0 };
    const call = new Call(message, options, signal);
    const on = (target: EventTarget, type: string, listener: (event: Event) => void): void =>
      target.addEventListener(type, listener, { signal });
    on(outgoing, "tracks", () => this.#dispatch("own"));
    on(outgoing, "switches", () => {
      const { microphone, camera, screen } = outgoing;
      this.link.send({ type: "room.switches", room: this.id, microphone, camera, screen });
      this.#dispatch("own");
    });
    on(call, "people", () => this.#dispatch("people"));
    on(call, "speaking", () => this.#dispatch("speaking"));
    on(call, "failed", (event) => this.#failed((event as CustomEvent<unknown>).detail));
    return { call, outgoing, upload, scope };
  }

  #receive(message: Parameters<Call["receive"]>[0]): void {
    if (this.#running === null) this.#early.keep(message);
    else this.#running.call.receive(message);
  }

  #take({ texts, whole }: RoomTexts): void {
    const before = whole ? [] : this.texts.filter(({ id }) => !texts.some((text) => text.id === id));
    this.texts = [...before, ...texts].slice(-ROOM_KEPT_TEXTS);
    this.#dispatch("texts");
  }

  #tell(text: string): void {
    this.#told = text;
    this.#dispatch("told");
  }

  #failed(error: unknown): void {
    const detail = error instanceof Error ? error.message : String(error);
    this.#complaint =
      "RTCPeerConnection" in globalThis
        ? `This page can't connect to others: the browser does not take the room's servers (ice_servers=). ${detail}`
        : "This page can't connect to others: its browser has no WebRTC, or an extension or a policy turned it off.";
    this.link.send({ type: "error.report", reason: "not_connected", message: this.#complaint, detail });
    this.#dispatch("told");
  }

  // --- the end of a call ---------------------------------------------------------------------------------------------

  /** Closes all connections; those that are open say goodbye first. */
  #end(): void {
    this.#running?.scope.abort();
    this.#running = null;
    this.#early.clear();
  }

  #changed(): void {
    for (const type of ["call", "people", "own"]) this.#dispatch(type);
  }

  #dispatch(type: string): void {
    this.dispatchEvent(new Event(type));
  }
}

/** Somebody in a call that another page of this notebook is in: as the kernel knows them. */
function seenFromElsewhere(about: RoomPeer): Participant {
  const { peer, nickname, widget, call, microphone = true, camera = true, screen = false, relayed = false } = about;
  const state = call === "" ? "away" : relayed ? "relayed" : "connected";
  return { peer, nickname, widget, state, microphone, camera, screen, speaking: false };
}
