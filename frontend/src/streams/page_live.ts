/**
 * A stream that a page makes: a camera, a test card. The page that captures runs the source; every other page of the
 * notebook shows what the kernel sends on, and offers to take over (rule 4: one page captures).
 */
import { OwnFrames } from "../frames/own_frames";
import { Presenter } from "../frames/presenter";
import { takePicture } from "../frames/still";
import { answerCaptures } from "./capture_requests";
import { CameraSource } from "./camera";
import { clientOf } from "./client";
import { listDevices } from "./devices";
import type { StreamKind } from "./kinds";
import { STREAM_KINDS } from "./kinds";
import { failureOf } from "./failure";
import type { StreamContext } from "./live_stream";
import { LiveStream } from "./live_stream";
import { runDownload } from "./mapped";
import type { PageSource } from "./page_source";
import { earlyRequests } from "./early_requests";
import { PageSounds } from "./page_sounds";
import { PageTaps } from "./page_taps";
import { isRecord } from "./record";
import { mountPreview } from "./preview";
import { holdWhileVisible } from "./visibility";

export class PageLive extends LiveStream {
  readonly own = new OwnFrames();
  readonly #about: StreamKind;
  readonly #make: NonNullable<StreamKind["make"]>;
  readonly #signal: AbortSignal;
  readonly #presenter = new Presenter();
  #source: PageSource | null = null;
  #stream: MediaStream | null = null;
  readonly #taps: PageTaps;
  readonly #sounds: PageSounds;
  #trackScope = new AbortController();
  #here: boolean;
  /** Whether the source was last asked for pictures. */
  #pictured = true;
  #size = { width: 0, height: 0 };

  constructor(context: StreamContext, make: NonNullable<StreamKind["make"]>) {
    super(context);
    const { model, signal } = context;
    this.#about = STREAM_KINDS[context.kind];
    this.#make = make;
    this.#signal = signal;
    this.#here = this.#capturesHere();
    const early = earlyRequests(this.link).claim(this.id, signal);
    this.#taps = new PageTaps(this, early, signal);
    this.#sounds = new PageSounds(this, early, signal);
    for (const name of this.#about.options) this.#observe(name, () => void this.#update(name));
    if (context.kind === "widget") answerCaptures(this, model, async (wanted) => this.#source?.picture?.(wanted), signal);
    for (const name of ["_capture_page", "_capture_client"]) this.#observe(name, () => this.#move());
    for (const name of ["muted", "playing"]) this.#observe(name, () => this.#applySwitches());
  }

  get size(): { width: number; height: number } {
    return this.#here ? this.#size : { width: this.#presenter.width, height: this.#presenter.height };
  }

  override get capturedElsewhere(): boolean {
    return !this.#here;
  }

  mount(host: HTMLElement, signal: AbortSignal): void {
    let scope = new AbortController();
    const fill = (): void => {
      scope.abort();
      scope = new AbortController();
      const part = AbortSignal.any([signal, scope.signal]);
      if (!this.#about.picture) return;
      if (this.#here) mountPreview(this, this.model, host, part);
      else this.#presenter.mount(host, part);
    };
    fill();
    this.addEventListener("elsewhere", fill, { signal });
    holdWhileVisible(this, host, signal);
  }

  override get captured(): MediaStream | null {
    return this.#stream;
  }

  /** The preview knows the size of what it shows before the track's settings do. */
  resized(width: number, height: number): void {
    this.#size = { width, height };
    this.dispatchEvent(new Event("size"));
  }

  mediaStream(): MediaStream {
    return this.#here && this.#stream !== null ? this.#stream : this.#presenter.mediaStream();
  }

  async grab(): Promise<ImageBitmap> {
    const track = this.#stream?.getVideoTracks()[0];
    if (!this.#here) return this.#presenter.grab();
    if (track === undefined) throw new Error(`There is no picture yet: wait until the ${this.#about.noun} has started.`);
    return takePicture(track);
  }

  override get needsClick(): boolean {
    return this.#source?.needsClick === true;
  }

  override click(): void {
    this.#source?.click?.();
  }

  protected override get speaks(): boolean {
    return this.#here;
  }

  protected override announce(): void {
    super.announce();
    if (this.#here) this.#tellDevices();
  }

  protected override looked(): void {
    const changed = this.#source instanceof CameraSource && this.pictureWanted !== this.#pictured;
    if (changed && this.phase !== "failed") void this.#update("constraints");
  }

  protected run(signal: AbortSignal): void {
    if (this.#here) void this.#capture(signal);
    else if (this.#about.picture) {
      runDownload(this, this.#presenter, () => null, signal, {
        live: () => this.setPhase("live"),
        figures: (figures) => {
          this.figures = figures;
          this.dispatchEvent(new Event("figures"));
        },
      });
    }
  }

  // --- capturing in this page ----------------------------------------------------------------------------------------

  async #capture(signal: AbortSignal): Promise<void> {
    let source: PageSource;
    try {
      source = await this.#makeSource();
    } catch (error) {
      if (!signal.aborted) this.fail(failureOf(error, "unknown"));
      return;
    }
    if (signal.aborted) return;
    this.#source = source;
    signal.addEventListener(
      "abort",
      () => {
        source.stop();
        if (this.#source === source) this.#source = null;
        this.#setStream(null);
      },
      { once: true },
    );
    const on = (type: string, listener: (event: Event) => void): void =>
      source.events.addEventListener(type, listener, { signal });
    on("track", () => this.#setStream(this.#stream));
    on("devices", () => this.#tellDevices());
    on("restored", () => this.setPhase("live"));
    on("ended", (event) => this.#ended(event));
    on("finished", () => this.finish());
    on("needs_click", () => {
      this.tellState();
      this.dispatchEvent(new Event("needs_click"));
    });
    on("notice", () => {
      this.notice = source.notice;
      this.dispatchEvent(new Event("notice"));
    });
    try {
      const stream = await source.start(signal);
      if (signal.aborted) return;
      this.#setStream(stream);
      this.setPhase("live");
      this.#tellDevices();
    } catch (error) {
      if (!signal.aborted) this.fail(failureOf(error, "unknown"));
    }
  }

  async #makeSource(): Promise<PageSource> {
    const options = (): Record<string, unknown> => this.#options();
    const context = {
      id: this.id,
      model: this.model,
      link: this.link,
      get options() {
        return options(); // as they are when the source reads them: what makes it may have to be loaded
      },
    };
    return this.#make(context);
  }

  #ended(event: Event): void {
    const detail: unknown = event instanceof CustomEvent ? event.detail : undefined;
    this.fail(failureOf(detail ?? new Error(`The ${this.#about.noun} ended.`), "device_lost"));
  }

  async #update(name: string): Promise<void> {
    const source = this.#source;
    if (source === null || this.phase === "failed") {
      const begins = this.phase === "stopped" && this.#about.finished?.begunBy?.includes(name) === true;
      if (this.phase === "failed" || begins) this.retry();
      return;
    }
    try {
      const stream = await source.update(this.#options());
      if (this.#source !== source) return;
      this.#setStream(stream);
      this.recover();
    } catch (error) {
      // The stream goes on as it was, unless it was stopped meanwhile.
      if (this.#source === source) this.complain(failureOf(error, "constraints_unmet"));
    }
  }

  /** The captured video track, in the page that captures, once it is there. */
  get videoTrack(): MediaStreamTrack | undefined {
    return this.#stream?.getVideoTracks()[0];
  }

  /** Until the track is exchanged. */
  get trackSignal(): AbortSignal {
    return this.#trackScope.signal;
  }

  #setStream(stream: MediaStream | null): void {
    this.#stream = stream;
    this.#trackScope.abort();
    this.#trackScope = new AbortController();
    const track = stream?.getVideoTracks()[0];
    const { width = 0, height = 0 } = track?.getSettings() ?? {};
    this.#size = { width, height };
    this.#applySwitches();
    this.dispatchEvent(new Event("stream"));
    this.dispatchEvent(new Event("size"));
    if (track !== undefined) this.#taps.read(track, this.#trackScope.signal);
  }

  #applySwitches(): void {
    const playing = this.model.get("playing") !== false;
    for (const track of this.#stream?.getAudioTracks() ?? []) track.enabled = playing && this.model.get("muted") !== true;
  }

  #tellDevices(): void {
    if (!(this.#source instanceof CameraSource)) return;
    void listDevices().then((devices) => {
      this.link.send({ type: "stream.devices", stream: this.id, devices });
      this.dispatchEvent(new Event("devices"));
    });
  }

  // --- which page captures -------------------------------------------------------------------------------------------

  #capturesHere(): boolean {
    const page: unknown = this.model.get("_capture_page");
    if (typeof page === "string" && page !== "") return page === this.link.page;
    const client: unknown = this.model.get("_capture_client");
    return typeof client === "string" && client !== "" && client === clientOf(this.model);
  }

  #move(): void {
    const here = this.#capturesHere();
    if (here === this.#here) return;
    if (!here) {
      this.#taps.end();
      this.#sounds.end();
    }
    this.#here = here;
    this.setFailure(null);
    this.restart();
    if (here) {
      this.#taps.begin();
      this.#sounds.begin();
    }
    this.dispatchEvent(new Event("elsewhere"));
  }

  #options(): Record<string, unknown> {
    const options = Object.fromEntries(this.#about.options.map((name) => [name, this.model.get(name) as unknown]));
    const { constraints } = options;
    this.#pictured = this.pictureWanted;
    // Who only speaks shows no light.
    const whole = this.#pictured || !isRecord(constraints) || !constraints["audio"];
    return whole ? options : { ...options, constraints: { ...constraints, video: false } };
  }

  #observe(name: string, listener: () => void): void {
    this.model.on(`change:${name}`, listener);
    this.#signal.addEventListener("abort", () => this.model.off(`change:${name}`, listener), { once: true });
  }
}
