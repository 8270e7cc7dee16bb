/**
 * A page with one view of a room and no kernel: the browser and the view are what is tested, the room is only data that
 * the test sets, and what the view asks of it is kept in `calls`.
 */
import { Link } from "../../../frontend/src/link/link";
import type { RoomText } from "../../../frontend/src/protocol/messages.gen";
import { RemoteSound } from "../../../frontend/src/rooms/remote_sound";
import { RoomLive } from "../../../frontend/src/rooms/room_live";
import { renderRoom } from "../../../frontend/src/rooms/room_view";
import type { OwnSide, Participant, RoomFace } from "../../../frontend/src/rooms/view/room_face";
import { STREAM_KINDS } from "../../../frontend/src/streams/kinds";
import { LiveStream } from "../../../frontend/src/streams/live_stream";
import { PageLive } from "../../../frontend/src/streams/page_live";
import type { Streams } from "../../../frontend/src/streams/streams";
import { installStyle } from "../../../frontend/src/ui/install_style";
import type { AnyModel, Traits } from "./model";
import { Model } from "./model";
import { paint } from "./paint";

interface RoomData {
  here: boolean;
  joined: boolean;
  people: readonly Participant[];
  own: OwnSide;
  texts: readonly RoomText[];
  told: string;
  soundBlocked: boolean;
}

type Calls = (readonly unknown[])[];

class PlainRoom extends EventTarget implements RoomFace {
  readonly id = "room";
  readonly link: Link;
  readonly speaker = "";
  readonly calls: Calls = [];
  here = true;
  joined = true;
  people: readonly Participant[] = [];
  own: OwnSide = { stream: null, microphone: true, camera: true, screen: false, speaking: false };
  texts: readonly RoomText[] = [];
  told = "";
  soundBlocked = false;
  /** What `shareScreen` rejects with. */
  refusal: Error | null = null;

  constructor(link: Link) {
    super();
    this.link = link;
  }

  async useSpeaker(device: string): Promise<void> {
    this.calls.push(["useSpeaker", device]);
  }
  setMicrophone(on: boolean): void {
    this.calls.push(["setMicrophone", on]);
  }
  setCamera(on: boolean): void {
    this.calls.push(["setCamera", on]);
  }
  async shareScreen(): Promise<void> {
    this.calls.push(["shareScreen"]);
    if (this.refusal !== null) throw this.refusal;
  }
  stopSharing(): void {
    this.calls.push(["stopSharing"]);
  }
  say(text: string): void {
    this.calls.push(["say", text]);
  }
  rename(nickname: string): void {
    this.calls.push(["rename", nickname]);
  }
  leave(): void {
    this.calls.push(["leave"]);
  }
  rejoin(): void {
    this.calls.push(["rejoin"]);
  }
  takeOver(): void {
    this.calls.push(["takeOver"]);
  }
  unblockSound(): void {
    this.calls.push(["unblockSound"]);
  }
}

/** Somebody else's stream: a painted picture, as tracks of a canvas. */
class PaintedLive extends LiveStream {
  readonly size = { width: 0, height: 0 };
  readonly #stream: MediaStream;

  constructor(link: Link, model: AnyModel, number: number, screen: boolean, signal: AbortSignal) {
    super({ id: `s${number}`, kind: "mapped", link, model, signal });
    const canvas = paint(number, screen, signal);
    Object.assign(this.size, { width: canvas.width, height: canvas.height });
    this.#stream = canvas.captureStream(15);
  }

  mount(host: HTMLElement, signal: AbortSignal): void {
    const video = document.createElement("video");
    video.className = "ipymedia-picture";
    video.muted = true;
    video.autoplay = true;
    video.srcObject = this.#stream;
    host.append(video);
    signal.addEventListener("abort", () => video.remove(), { once: true });
    this.hold(signal);
  }

  mediaStream(): MediaStream {
    return this.#stream;
  }

  async grab(): Promise<ImageBitmap> {
    throw new Error("nobody takes pictures here");
  }

  protected run(): void {
    this.setPhase("live");
  }
}

type Person = Partial<Participant> & { readonly nickname: string };

interface Shown {
  readonly people?: readonly Person[];
  readonly traits?: Traits;
  readonly data?: Partial<RoomData>;
  /** Style of the element around the view, such as "width: 260px". */
  readonly style?: string;
  /** Whether there is a camera of this side's own. */
  readonly camera?: boolean;
}

const TRAITS: Traits = {
  room: "standup",
  nickname: "Grace",
  invite: "ipymedia-invite-of-a-room-that-nobody-else-is-in-0123456789abcdef",
  state: "joined",
  stream: "IPY_MODEL_own",
  _error: {},
};

let scope = new AbortController();

/** What the test drives. */
const page = {
  room: new PlainRoom(new Link("", "", Promise.resolve({ encode: [], decode: [] }))),
  model: new Model({}),
  own: null as PageLive | null,
  painted: new Map<string, PaintedLive>(),
  /** Keys that the notebook around the view would have got. */
  leaked: [] as string[],

  show({ people = [], traits = {}, data = {}, style = "", camera = true }: Shown): void {
    scope.abort();
    scope = new AbortController();
    const { signal } = scope;
    document.body.replaceChildren();
    const host = document.createElement("div");
    host.setAttribute("style", style);
    document.body.append(host);
    installStyle(document);
    const link = new Link("session", "page", Promise.resolve({ encode: [], decode: [] }));
    const cameraModel = new Model({ _capture_page: "page", constraints: { audio: true, video: true }, device: "", microphone: "", playing: true });
    page.model = new Model({ ...TRAITS, ...(camera ? {} : { stream: null }), ...traits }, new Map([["own", cameraModel]]));
    page.own = new PageLive({ id: "own", kind: "camera", link, model: cameraModel.asAny(), signal }, STREAM_KINDS.camera.make ?? never());
    page.painted = new Map();
    page.room = new PlainRoom(link);
    Object.assign(page.room, data, { people: page.persons(people) });
    const own = page.own;
    const streams: Streams = {
      live(widget) {
        if (widget === "own") return Promise.resolve(own);
        const known = page.painted.get(widget);
        if (known !== undefined) return Promise.resolve(known);
        const screen = page.room.people.find((person) => person.widget === widget)?.screen === true;
        const made = new PaintedLive(link, page.model.asAny(), Number(widget.slice(1)), screen, signal);
        page.painted.set(widget, made);
        return Promise.resolve(made);
      },
      find: async (_model, widget) => streams.live(widget) ?? never(),
      open: async (_model, widget, ends) => (await streams.live(widget) ?? never()).open(ends),
    };
    renderRoom(page.model.asAny(), page.room, streams, host, signal);
  },

  persons(people: readonly Person[]): Participant[] {
    return people.map((person, index) => ({
      peer: `peer${index + 1}${person.nickname}`,
      widget: `w${index + 1}`,
      state: "connected",
      microphone: true,
      camera: true,
      screen: false,
      speaking: false,
      ...person,
    }));
  },

  /** Sets data of the room, and says so. */
  change(event: string, data: Partial<RoomData> & { readonly persons?: readonly Person[] }): void {
    const { persons, ...rest } = data;
    Object.assign(page.room, rest, persons === undefined ? {} : { people: page.persons(persons) });
    page.room.dispatchEvent(new Event(event));
  },

  /** Plays somebody's sound from one loudspeaker after the other; tells what each element was set to. */
  async hear(devices: readonly string[]): Promise<{ sinks: string[]; speaker: string; refused: string }> {
    const { signal } = scope;
    const made: HTMLAudioElement[] = [];
    const create = document.createElement.bind(document);
    document.createElement = ((tag: string) => {
      const element = create(tag);
      if (element instanceof HTMLAudioElement) made.push(element);
      return element;
    }) as typeof document.createElement;
    const sound = new RemoteSound(signal);
    const play = (): void => {
      const { stream } = new AudioContext().createMediaStreamDestination();
      sound.play(Object.assign(new EventTarget(), { stream }) as Parameters<RemoteSound["play"]>[0], signal);
    };
    play();
    let refused = "";
    for (const device of devices) await sound.useSpeaker(device).catch((error: unknown) => (refused = String(error)));
    play(); // who comes later is heard there too
    const wanted = (element: HTMLAudioElement): boolean => element.srcObject === null || element.sinkId === sound.speaker;
    while (!made.every(wanted)) await new Promise(requestAnimationFrame);
    return { sinks: made.filter(({ srcObject }) => srcObject !== null).map(({ sinkId }) => sinkId), speaker: sound.speaker, refused };
  },

  /** Whether a room says that it is joined, before and after its user left, though the kernel did not say so yet. */
  leaveRoom(): boolean[] {
    const said = new Map<string, (message: unknown) => void>();
    const link = Object.assign(new EventTarget(), {
      phase: "comm",
      send: () => undefined,
      on: (type: string, handler: (message: unknown) => void) => said.set(type, handler),
    }) as unknown as Link;
    const live = new RoomLive("room", link, page.model.asAny(), { live: () => null, find: async () => null, open: async () => never() }, scope.signal);
    said.get("room.call")?.({ type: "room.call", room: "room", participant: "p1", call: "" });
    const before = live.joined;
    live.leave();
    return [before, live.joined];
  },

  /** Ends the view, and tells what is left of it. */
  end(): { elements: number; consumers: number } {
    scope.abort();
    const consumers = [...page.painted.values(), page.own].reduce((sum, live) => sum + (live?.consumers ?? 0), 0);
    return { elements: document.querySelectorAll(".ipymedia-room, video").length, consumers };
  },
};

function never(): never {
  throw new Error("not in this page");
}

document.addEventListener("keydown", (event) => page.leaked.push(event.key));
Object.assign(globalThis, { page });
