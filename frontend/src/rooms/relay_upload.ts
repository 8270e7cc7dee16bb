/** Sends this side's media to the kernel, which relays it where pages find no way to each other. */
import { OwnFrames } from "../frames/own_frames";
import type * as SoundChunk from "../frames/sound_chunk";
import { Upload } from "../frames/upload";
import { loadChunk } from "../link/chunk";
import type { Link } from "../link/link";
import type { RoomRelay, TapStart } from "../protocol/messages.gen";
import type { Outgoing } from "./outgoing";

/** What a broker carries easily, where the kernel sets no bounds. */
const DEFAULTS = { width: 640, height: 480, max_fps: 20, bitrate_bps: 600_000 } as const;

interface Pictures {
  readonly upload: Upload;
  readonly scope: AbortController;
}

export class RelayUpload {
  readonly #link: Link;
  readonly #outgoing: Outgoing;
  readonly #signal: AbortSignal;
  #pictures: Pictures | null = null;
  #sound: { readonly key: string; readonly scope: AbortController } | null = null;

  /** @param signal ends what is sent. */
  constructor(link: Link, outgoing: Outgoing, signal: AbortSignal) {
    this.#link = link;
    this.#outgoing = outgoing;
    this.#signal = signal;
  }

  /** What the kernel wants from now on; the codecs are empty where it wants nothing. */
  set(request: RoomRelay): void {
    this.#setPictures(request);
    this.#setSound(request);
  }

  #setPictures(request: RoomRelay): void {
    if ((request.codec ?? "") === "") {
      this.#pictures?.scope.abort();
      this.#pictures = null;
      return;
    }
    const tap = tapOf(request);
    if (this.#pictures?.upload.epoch === tap.epoch) {
      this.#pictures.upload.change(tap);
      return;
    }
    this.#pictures?.scope.abort();
    const scope = new AbortController();
    const signal = AbortSignal.any([this.#signal, scope.signal]);
    const upload = new Upload(this.#link, tap, new OwnFrames(), (error) => this.#failed("picture", error), signal);
    this.#pictures = { upload, scope };
    let reading = new AbortController();
    let read: MediaStreamTrack | null = null;
    const follow = (): void => {
      const { video } = this.#outgoing.tracks;
      if (video === read) return;
      reading.abort();
      reading = new AbortController();
      read = video;
      if (video !== null) upload.read(video, reading.signal);
    };
    this.#outgoing.addEventListener("tracks", follow, { signal });
    follow();
  }

  #setSound({ relay, epoch = 0, sound = "" }: RoomRelay): void {
    const key = sound === "" ? "" : `${relay} ${epoch}`;
    if (key === (this.#sound?.key ?? "")) return;
    this.#sound?.scope.abort();
    this.#sound = null;
    if (key === "") return;
    const scope = new AbortController();
    this.#sound = { key, scope };
    const signal = AbortSignal.any([this.#signal, scope.signal]);
    void this.#sendSound(relay, epoch, signal).catch((error: unknown) => signal.aborted || this.#failed("sound", error));
  }

  async #sendSound(stream: string, epoch: number, signal: AbortSignal): Promise<void> {
    const { SoundUpload } = await loadChunk<typeof SoundChunk>(this.#link, "sound");
    if (signal.aborted) return;
    const upload = new SoundUpload(this.#link, { type: "sound.start", stream, epoch }, (error) => this.#failed("sound", error), signal);
    const follow = (): void => upload.read(this.#outgoing.tracks.audio ?? undefined);
    this.#outgoing.addEventListener("tracks", follow, { signal });
    follow();
  }

  #failed(what: string, error: unknown): void {
    const message = `Your ${what} was not relayed: ${error instanceof Error ? error.message : String(error)}`;
    this.#link.send({ type: "error.report", reason: "encode_failed", message });
  }
}

/** The kernel's request as that of a tap, which is what uploads know. */
export function tapOf({ relay, epoch = 0, codec = "", width, height, max_fps, bitrate_bps }: RoomRelay): TapStart {
  return {
    type: "tap.start",
    stream: relay,
    epoch,
    codec,
    width: width || DEFAULTS.width,
    height: height || DEFAULTS.height,
    max_fps: max_fps || DEFAULTS.max_fps,
    bitrate_bps: bitrate_bps || DEFAULTS.bitrate_bps,
  };
}
