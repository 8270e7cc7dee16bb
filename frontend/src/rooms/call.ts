/** This page's part in a call: a connection to each of the others, as long as the page is the one in the call. */
import type { Link } from "../link/link";
import type { RoomCall, RoomSignal } from "../protocol/messages.gen";
import { FrameTimer } from "../streams/frame_timer";
import type { EarlySignals } from "./early_signals";
import type { Outgoing } from "./outgoing";
import type { CallContext } from "./person";
import { Person } from "./person";
import type { RemoteSound } from "./remote_sound";
import { Voice } from "./speaking";

const TICKS_PER_SECOND = 4;
/** A page that stood still for longer did not listen: nobody else was silent. */
const LONGEST_TICK_S = 0.5;
/** How often the size of what is sent is looked at: another one is bounded otherwise. */
const LIMIT_EVERY_S = 2;

interface Seat {
  readonly person: Person;
  readonly scope: AbortController;
}

interface CallOptions {
  readonly link: Link;
  readonly outgoing: Outgoing;
  readonly sound: RemoteSound;
  readonly early: EarlySignals;
  /** Whether somebody wants to know who speaks. */
  listened(): boolean;
}

/** Events: "people": somebody came, left, or changed; "speaking"; "failed": a `CustomEvent` that says why no connection can be made. */
export class Call extends EventTarget {
  readonly key: string;
  ownSpeaking = false;
  readonly #options: CallOptions;
  readonly #signal: AbortSignal;
  readonly #seats = new Map<string, Seat>();
  readonly #stream = new MediaStream();
  readonly #voice = new Voice();
  #call: RoomCall;
  #clock: AbortController | null = null;
  #tickedMs = 0;
  #sinceLimitS = 0;

  /** @param signal ends the call: all connections are closed. */
  constructor(call: RoomCall, options: CallOptions, signal: AbortSignal) {
    super();
    this.key = keyOf(call);
    this.#call = call;
    this.#options = options;
    this.#signal = signal;
    const { link, outgoing } = options;
    link.hold(signal);
    outgoing.addEventListener("tracks", () => this.#carry(), { signal });
    signal.addEventListener("abort", () => this.#clock?.abort(), { once: true });
    this.#watchNetwork();
  }

  /** In the order in which they came. */
  get people(): readonly Person[] {
    return (this.#call.peers ?? []).flatMap(({ peer }) => this.#seats.get(peer)?.person ?? []);
  }

  /** What the kernel knows changed. */
  update(call: RoomCall): void {
    const before = this.#configuration;
    this.#call = call;
    if (JSON.stringify(before) !== JSON.stringify(this.#configuration)) this.#configure();
    const peers = call.peers ?? [];
    for (const [peer, seat] of this.#seats) {
      if (peers.some((about) => about.peer === peer)) continue;
      this.#seats.delete(peer);
      seat.person.finish();
      seat.scope.abort();
    }
    for (const about of peers) {
      const seat = this.#seats.get(about.peer);
      if (seat === undefined) this.#seat(about.peer, (context, signal) => new Person(context, about, signal));
      else seat.person.update(about);
    }
    for (const person of this.people) person.connection?.senders.limit(peers.length);
    this.#runClock();
    this.dispatchEvent(new Event("people"));
  }

  receive(signal: RoomSignal): void {
    if (this.#seats.get(signal.peer)?.person.receive(signal) !== true) this.#options.early.keep(signal);
  }

  /** A kernel that knows nothing of before is told how all connections are. */
  tell(): void {
    for (const person of this.people) person.tell(true);
  }

  /** The room was left: nothing comes of anybody any more. */
  finish(): void {
    for (const person of this.people) person.finish();
  }

  #seat(peer: string, make: (context: CallContext, signal: AbortSignal) => Person): void {
    const scope = new AbortController();
    const signal = AbortSignal.any([this.#signal, scope.signal]);
    const { link, outgoing, early, sound } = this.#options;
    const call = (): RoomCall => this.#call;
    const configuration = (): RTCConfiguration => this.#configuration;
    const context: CallContext = {
      room: call().room,
      call: call().call,
      link,
      outgoing,
      early,
      stream: this.#stream,
      get others() {
        return call().peers?.length ?? 0;
      },
      get configuration() {
        return configuration();
      },
      changed: () => void this.dispatchEvent(new Event("people")),
      failed: (detail) => void this.dispatchEvent(new CustomEvent("failed", { detail })),
    };
    const person = make(context, signal);
    this.#seats.set(peer, { person, scope });
    sound.play(person.media, signal);
  }

  get #configuration(): RTCConfiguration {
    return configurationOf(this.#call);
  }

  #configure(): void {
    for (const person of this.people) {
      try {
        person.connection?.configure(this.#configuration);
      } catch (detail) {
        this.dispatchEvent(new CustomEvent("failed", { detail }));
      }
    }
  }

  #carry(): void {
    for (const person of this.people) person.connection?.carry(this.#options.outgoing.tracks);
  }

  #watchNetwork(): void {
    const restart = (): void => this.people.forEach((person) => person.connection?.restart());
    window.addEventListener("online", restart, { signal: this.#signal });
    // Where the browser tells: from Wi-Fi to the mobile network. It also tells of each new estimate of the speed.
    const network = (navigator as { connection?: EventTarget & { readonly type?: string } }).connection;
    let type = network?.type;
    const changed = (): void => {
      if (network?.type === type) return;
      type = network?.type;
      restart();
    };
    network?.addEventListener("change", changed, { signal: this.#signal });
  }

  /** Ticks while there is anybody. */
  #runClock(): void {
    if (this.#signal.aborted || (this.#clock !== null) === this.#seats.size > 0) return;
    this.#clock?.abort();
    this.#clock = null;
    if (this.#seats.size === 0) return;
    this.#clock = new AbortController();
    this.#tickedMs = performance.now();
    new FrameTimer(() => this.#tick(), this.#clock.signal).start(TICKS_PER_SECOND);
  }

  #tick(): void {
    const nowMs = performance.now();
    const seconds = Math.min(LONGEST_TICK_S, (nowMs - this.#tickedMs) / 1000);
    this.#tickedMs = nowMs;
    this.#sinceLimitS += seconds;
    const { people } = this;
    for (const { connection } of people) {
      connection?.tick(seconds);
      if (this.#sinceLimitS >= LIMIT_EVERY_S) connection?.senders.limit(people.length);
    }
    if (this.#sinceLimitS >= LIMIT_EVERY_S) this.#sinceLimitS = 0;
    if (this.#options.listened()) void this.#listen(people, seconds);
  }

  async #listen(people: readonly Person[], seconds: number): Promise<void> {
    const changed = people.map((person) => person.listen(seconds)).includes(true);
    const sends = people.find(({ connection }) => connection?.state === "connected")?.connection;
    const level = (this.#options.outgoing.sent.microphone ? await sends?.senders.level() : 0) ?? 0;
    const own = this.#voice.hear(level, seconds);
    this.ownSpeaking = this.#voice.speaking;
    if ((changed || own) && !this.#signal.aborted) this.dispatchEvent(new Event("speaking"));
  }
}

/** The same while this side is the same participant by the same page load. */
export function keyOf({ participant, call }: Pick<RoomCall, "participant" | "call">): string {
  return `${participant} ${call}`;
}

export function configurationOf({ ice_servers = [], relay_only = false }: RoomCall): RTCConfiguration {
  return {
    iceServers: ice_servers.map(({ urls, username = "", credential = "" }) => ({
      urls,
      ...(username === "" ? {} : { username, credential }),
    })),
    iceTransportPolicy: relay_only ? "relay" : "all",
    bundlePolicy: "max-bundle",
  };
}
