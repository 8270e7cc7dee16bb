import type { Device } from "../protocol/messages.gen";
import type { Attempt } from "./capture_error";
import { CaptureFailure, captureFailure } from "./capture_error";
import type { CameraOptions, TrackWish } from "./constraints";
import { completeConstraints, planTrack, readOptions } from "./constraints";
import { lossOf } from "./device_loss";
import { listDevices } from "./devices";
import type { OpenedTracks } from "./open_tracks";
import { openTracks } from "./open_tracks";
import type { PageSource } from "./page_source";

type Kind = "video" | "audio";

/** What runs of one kind: the track, what it was opened for, and which device it is. */
interface Running {
  readonly track: MediaStreamTrack;
  readonly wish: TrackWish;
  readonly id: string;
  readonly label: string;
}

/** A device that went away while it was used, to be opened again when it is back. */
interface Lost {
  readonly wish: TrackWish;
  readonly id: string;
  readonly label: string;
}

/**
 * Camera and microphone of this page.
 *
 * What changes the tracks goes through one queue, since opening a camera may take seconds (or a user's answer) and the
 * options may change meanwhile.
 */
export class CameraSource implements PageSource {
  readonly events = new EventTarget();
  notice = "";
  #options: CameraOptions;
  #stream = new MediaStream();
  readonly #running: Record<Kind, Running | null> = { video: null, audio: null };
  readonly #lost: Record<Kind, Lost | null> = { video: null, audio: null };
  /** Lives from start to stop; null when stopped. */
  #scope: AbortController | null = null;
  #queue: Promise<unknown> = Promise.resolve();

  constructor(options: unknown) {
    this.#options = readOptions(options);
  }

  async start(signal: AbortSignal): Promise<MediaStream> {
    signal.throwIfAborted();
    this.stop();
    const scope = new AbortController();
    this.#scope = scope;
    signal.addEventListener("abort", () => this.#end(scope, signal.reason), { once: true, signal: scope.signal });
    return this.#enqueue(async () => {
      scope.signal.throwIfAborted();
      this.#stream = new MediaStream();
      const { video, audio } = wishes(this.#options);
      try {
        const request = { video: asked(video), audio: asked(audio) };
        this.#adopt(await openTracks(request, scope.signal), scope.signal);
      } catch (error) {
        this.#end(scope, error);
        throw error;
      }
      navigator.mediaDevices.addEventListener("devicechange", () => this.#onDeviceChange(scope.signal), {
        signal: scope.signal,
      });
      await this.#announceDevices();
      return this.#stream;
    });
  }

  async update(options: unknown): Promise<MediaStream> {
    this.#options = readOptions(options);
    return this.#enqueue(async () => {
      const scope = this.#scope;
      if (scope === null) {
        throw new CaptureFailure("closed", "The camera was not changed: it does not run. Start it first.");
      }
      const wanted = wishes(this.#options);
      await this.#change("video", wanted.video, scope.signal);
      await this.#change("audio", wanted.audio, scope.signal);
      return this.#stream;
    });
  }

  stop(): void {
    if (this.#scope !== null) this.#end(this.#scope, new DOMException("The camera was stopped.", "AbortError"));
  }

  #end(scope: AbortController, reason: unknown): void {
    if (this.#scope !== scope) return;
    this.#scope = null;
    scope.abort(reason);
    for (const kind of ["video", "audio"] as const) {
      this.#running[kind]?.track.stop();
      this.#running[kind] = null;
      this.#lost[kind] = null;
    }
    this.#setNotice("");
  }

  /** Runs one step after the other; a step that failed concerns only whoever asked for it. */
  async #enqueue<T>(step: () => Promise<T>): Promise<T> {
    const result = this.#queue.then(step);
    this.#queue = result.catch(() => undefined);
    return result;
  }

  #adopt(opened: OpenedTracks, signal: AbortSignal): void {
    const wanted = wishes(this.#options);
    if (opened.video !== null) this.#exchange("video", opened.video, wanted.video, signal);
    if (opened.audio !== null) this.#exchange("audio", opened.audio, wanted.audio, signal);
    this.#setNotice(opened.notice);
  }

  async #change(kind: Kind, wish: TrackWish, signal: AbortSignal): Promise<void> {
    const running = this.#running[kind];
    switch (planTrack(running?.wish ?? null, wish)) {
      case "keep":
        break;
      case "close":
        this.#close(kind);
        break;
      case "apply":
        // Chromium takes other constraints of a running microphone without a word, and goes on as it was.
        if (kind === "audio") await this.#reopen(kind, wish, signal);
        else if (running !== null) await this.#apply(kind, running, wish);
        break;
      case "open":
        await this.#reopen(kind, wish, signal);
        break;
    }
  }

  async #apply(kind: Kind, running: Running, wish: TrackWish): Promise<void> {
    try {
      await running.track.applyConstraints(completeConstraints(wish.constraints ?? {}, null, null));
    } catch (error) {
      throw captureFailure(error, attemptOf(kind, running.label));
    }
    this.#running[kind] = { ...running, wish };
    this.events.dispatchEvent(new Event("track"));
  }

  /** The new device first, so that there is no gap; where both can't be open at once, the old one is closed before. */
  async #reopen(kind: Kind, wish: TrackWish, signal: AbortSignal): Promise<void> {
    const before = this.#running[kind];
    try {
      await this.#openOne(kind, wish, signal);
    } catch (error) {
      if (before === null || !(error instanceof CaptureFailure) || error.reason !== "device_busy") throw error;
      this.#close(kind);
      try {
        await this.#openOne(kind, wish, signal);
      } catch (second) {
        await this.#goBack(kind, before, second, signal);
        throw second;
      }
    }
  }

  /** The new device failed after the old one was closed for it. */
  async #goBack(kind: Kind, before: Running, failure: unknown, signal: AbortSignal): Promise<void> {
    try {
      await this.#openOne(kind, { ...before.wish, device: before.id }, signal);
    } catch (error) {
      if (signal.aborted) throw error;
      // Both failed: the first failure says more about what the user wanted.
      if (kind === this.#main) this.#dispatchEnded(captureFailure(failure, attemptOf(kind, "")));
    }
  }

  /** `recorded` is what counts as wished for from now on: a device that came back has another id than was named. */
  async #openOne(kind: Kind, wish: TrackWish, signal: AbortSignal, recorded = wish): Promise<void> {
    const request = { video: null, audio: null, [kind]: wish };
    const track = (await openTracks(request, signal))[kind];
    if (track !== null) this.#exchange(kind, track, recorded, signal);
    if (kind === "audio") this.#setNotice("");
    await this.#announceDevices();
  }

  #exchange(kind: Kind, track: MediaStreamTrack, wish: TrackWish, signal: AbortSignal): void {
    const before = this.#running[kind];
    const returned = kind === this.#main && this.#lost[kind] !== null;
    const id = track.getSettings().deviceId ?? "";
    this.#running[kind] = { track, wish, id, label: track.label };
    this.#lost[kind] = null;
    // Added before the other goes: a <video> that shows the stream keeps its picture then.
    this.#stream.addTrack(track);
    if (before !== null) {
      track.enabled = before.track.enabled; // Who is muted stays muted with another microphone.
      this.#drop(before.track);
    }
    track.addEventListener("ended", () => this.#onTrackEnded(kind, track, signal), { once: true, signal });
    this.events.dispatchEvent(new Event("track"));
    if (returned) this.events.dispatchEvent(new Event("restored"));
  }

  #close(kind: Kind): void {
    const running = this.#running[kind];
    if (running === null) return;
    this.#running[kind] = null;
    this.#drop(running.track);
    this.events.dispatchEvent(new Event("track"));
  }

  #drop(track: MediaStreamTrack): void {
    this.#stream.removeTrack(track);
    track.stop();
  }

  /** Not dispatched for `track.stop()`: the device was unplugged, or the permission taken back. */
  #onTrackEnded(kind: Kind, track: MediaStreamTrack, signal: AbortSignal): void {
    void this.#enqueue(async () => {
      const running = this.#running[kind];
      if (signal.aborted || running?.track !== track) return;
      this.#close(kind);
      this.#lost[kind] = { wish: running.wish, id: running.id, label: running.label };
      const devices = await this.#announceDevices();
      const isThere = devices.some((device) => device.id !== "" && device.id === running.id);
      if (kind !== this.#main) {
        this.#setNotice(`No sound: the microphone “${running.label}” ended.`);
      } else {
        this.#dispatchEnded(await lossOf(kind, running.label, isThere));
      }
    });
  }

  #onDeviceChange(signal: AbortSignal): void {
    void this.#enqueue(async () => {
      if (signal.aborted) return;
      const devices = await this.#announceDevices();
      await this.#openReturned("video", devices, signal);
      await this.#openReturned("audio", devices, signal);
    });
  }

  /** Opens a lost device again when it is back. A failure leaves it lost: the next change of devices tries again. */
  async #openReturned(kind: Kind, devices: readonly Device[], signal: AbortSignal): Promise<void> {
    const lost = this.#lost[kind];
    const back = devices.find(({ id, label }) => id !== "" && (id === lost?.id || label === lost?.label));
    if (lost === null || back === undefined) return;
    try {
      await this.#openOne(kind, { ...lost.wish, device: back.id }, signal, lost.wish);
    } catch (error) {
      if (signal.aborted) return;
      if (!(error instanceof CaptureFailure)) throw error;
      if (kind === this.#main) this.#dispatchEnded(error);
    }
  }

  /** What the stream is about: without it the stream has ended; without the other it goes on with a remark. */
  get #main(): Kind {
    return this.#options.video === null ? "audio" : "video";
  }

  #dispatchEnded(failure: CaptureFailure): void {
    this.events.dispatchEvent(new CustomEvent("ended", { detail: failure }));
  }

  async #announceDevices(): Promise<Device[]> {
    const devices = await listDevices();
    this.events.dispatchEvent(new CustomEvent("devices", { detail: devices }));
    return devices;
  }

  #setNotice(notice: string): void {
    if (notice === this.notice) return;
    this.notice = notice;
    this.events.dispatchEvent(new Event("notice"));
  }
}

function wishes(options: CameraOptions): Record<Kind, TrackWish> {
  return {
    video: { constraints: options.video, device: options.device },
    audio: { constraints: options.audio, device: options.microphone },
  };
}

/** A wish without constraints is no request. */
function asked(wish: TrackWish): TrackWish | null {
  return wish.constraints === null ? null : wish;
}

function attemptOf(kind: Kind, device: string): Attempt {
  return { video: kind === "video", audio: kind === "audio", origin: location.origin, device, running: true };
}
