/**
 * What this side sends: the sound and the picture of the room's stream, or the screen in the picture's place, as the user
 * switched them. What is switched off is not sent, rather than sent black: it costs nothing then, and the camera's light goes
 * out where nobody else looks at its pictures.
 */
import type { AnyModel } from "@anywidget/types";
import type { LiveStream } from "../streams/live_stream";
import { sharingFailure } from "../streams/screen";
import type { Streams } from "../streams/streams";
import { exchangeTracks } from "./exchange_tracks";
import { keepPicture } from "./kept_picture";
import type { PeerSwitches } from "./pulse";
import type { OwnTracks } from "./senders";

/** Kinds whose pictures never stand still, or whose browser sends them again by itself. */
const MOVING: ReadonlySet<string> = new Set(["camera", "pattern", "screen", "remote"]);

/** A track of pictures that may stand still, and what is sent in its place. */
interface Kept {
  readonly of: MediaStreamTrack;
  readonly track: MediaStreamTrack;
  readonly scope: AbortController;
}

/** Events: "tracks": others are sent; "switches": the user, or the browser, switched something. */
export class Outgoing extends EventTarget {
  /** What the others get, for a view of one's own. */
  readonly stream = new MediaStream();
  readonly #model: AnyModel;
  readonly #streams: Streams;
  readonly #signal: AbortSignal;
  #microphone = true;
  #camera = true;
  #widget = "";
  #source: MediaStream | null = null;
  #still = false;
  #kept: Kept | null = null;
  /** Whose stream is taken now; empty: nobody's. */
  #followed = "";
  #following: AbortController | null = null;
  #screen: MediaStreamTrack | null = null;

  /** @param signal ends what runs: streams are let go, sharing the screen stops. */
  constructor(model: AnyModel, streams: Streams, signal: AbortSignal) {
    super();
    this.#model = model;
    this.#streams = streams;
    this.#signal = signal;
    signal.addEventListener("abort", () => this.#end(), { once: true });
  }

  get microphone(): boolean {
    return this.#microphone;
  }

  get camera(): boolean {
    return this.#camera;
  }

  get screen(): boolean {
    return this.#screen !== null;
  }

  get tracks(): OwnTracks {
    const [audio = null] = this.stream.getAudioTracks();
    const [video = null] = this.stream.getVideoTracks();
    return { audio, video, screen: this.screen };
  }

  /** What the others can see and hear now, whatever the switches say. */
  get sent(): PeerSwitches {
    const { audio, video, screen } = this.tracks;
    return { microphone: audio?.enabled === true, camera: video !== null && !screen, screen };
  }

  /** The stream of another widget, by the id of its model; empty: nothing. The one before stays until it is there. */
  show(widget: string): void {
    this.#widget = widget;
    this.#follow();
  }

  switch(microphone: boolean, camera: boolean): void {
    if (microphone === this.#microphone && camera === this.#camera) return;
    this.#microphone = microphone;
    this.#camera = camera;
    this.#switched();
  }

  /** Called in a click's own event. Rejects with what the browser says, as an error with a `reason`. */
  async shareScreen(): Promise<void> {
    let shared: MediaStream;
    try {
      shared = await navigator.mediaDevices.getDisplayMedia({ video: { frameRate: { ideal: 15, max: 30 } }, audio: false });
    } catch (error) {
      throw sharingFailure(error);
    }
    const [track] = shared.getVideoTracks();
    if (track === undefined) return;
    if (this.#signal.aborted) {
      track.stop();
      return;
    }
    this.#screen?.stop();
    track.contentHint = "detail"; // text has to be legible
    this.#screen = track;
    // By the browser's own button, or as what was shared is gone; our own stop() raises no event.
    track.addEventListener("ended", () => this.#screen === track && this.stopSharing(), { signal: this.#signal });
    this.#switched();
  }

  stopSharing(): void {
    if (this.#screen === null) return;
    this.#screen.stop();
    this.#screen = null;
    this.#switched();
  }

  #switched(): void {
    this.#follow();
    this.#choose();
    this.dispatchEvent(new Event("switches"));
  }

  /** Takes the widget's stream as far as it is sent, or lets go of it. */
  #follow(): void {
    const picture = this.#camera && this.#screen === null;
    const needed = this.#widget !== "" && (picture || this.#microphone);
    const key = needed ? `${this.#widget} ${String(picture)}` : "";
    if (key === this.#followed) return;
    this.#followed = key;
    const before = this.#following;
    this.#following = null;
    if (!needed) {
      before?.abort();
      this.#take(null);
      return;
    }
    const scope = new AbortController();
    this.#following = scope;
    const signal = AbortSignal.any([scope.signal, this.#signal]);
    // The one before is let go when this one is there, so that a camera that both use stays on.
    void this.#open(this.#widget, picture, signal).then(() => before?.abort());
  }

  async #open(widget: string, picture: boolean, signal: AbortSignal): Promise<void> {
    const live = await this.#streams.find(this.#model, widget, signal).catch(() => null);
    if (signal.aborted) return;
    if (live !== null) {
      await this.#followLive(live, picture, signal);
      return;
    }
    // Another library's, which tells no changes beside its tracks' own.
    const stream = await this.#streams.open(this.#model, widget, signal).catch(() => null);
    if (signal.aborted) return;
    for (const type of ["addtrack", "removetrack"]) stream?.addEventListener(type, () => this.#take(stream, true), { signal });
    this.#take(stream, true);
  }

  /** Resolves when it is live for the first time, or failed; goes on with each other track until the signal aborts. */
  async #followLive(live: LiveStream, picture: boolean, signal: AbortSignal): Promise<void> {
    const still = !MOVING.has(live.kind);
    let holding = new AbortController();
    let opening = false;
    const open = async (): Promise<void> => {
      opening = true;
      const before = holding;
      holding = new AbortController();
      try {
        const stream = await live.open(AbortSignal.any([signal, holding.signal]), picture);
        if (!signal.aborted) this.#take(stream, still);
      } catch {
        // The stream's own view says what hinders it; it is still wanted, for when it can.
        if (!signal.aborted) this.#take(null);
      }
      before.abort();
      opening = false;
    };
    const opened = open();
    live.addEventListener(
      "phase",
      () => {
        // Opened anew, since a mapped stream's sound comes with its opening.
        if (live.phase === "live" && !opening) void open();
        else if (live.phase === "failed" || live.phase === "stopped") this.#take(null);
      },
      { signal },
    );
    live.addEventListener("stream", () => live.phase === "live" && this.#take(live.mediaStream(), still), { signal });
    await opened;
  }

  /** @param still whether its pictures may stand still. */
  #take(source: MediaStream | null, still = false): void {
    this.#source = source;
    this.#still = still;
    this.#choose();
  }

  #choose(): void {
    const audio = this.#microphone ? this.#source?.getAudioTracks()[0] : undefined;
    const wanted = [audio, this.#screen ?? this.#picture()].filter((track) => track !== undefined);
    if (exchangeTracks(this.stream, wanted)) this.dispatchEvent(new Event("tracks"));
  }

  #picture(): MediaStreamTrack | undefined {
    const track = this.#camera && this.#screen === null ? this.#source?.getVideoTracks()[0] : undefined;
    if (this.#kept !== null && (this.#kept.of !== track || !this.#still)) {
      this.#kept.scope.abort();
      this.#kept = null;
    }
    if (track === undefined || !this.#still) return track;
    if (this.#kept === null) {
      const scope = new AbortController();
      const kept = keepPicture(track, AbortSignal.any([this.#signal, scope.signal]));
      this.#kept = { of: track, track: kept, scope };
    }
    return this.#kept.track;
  }

  #end(): void {
    this.#screen?.stop();
    this.#screen = null;
    this.#following?.abort();
    for (const track of this.stream.getTracks()) this.stream.removeTrack(track);
  }
}
