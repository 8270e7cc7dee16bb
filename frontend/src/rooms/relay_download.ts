/** What the kernels relay of somebody, as tracks. */
import { Download } from "../frames/download";
import type { SoundDownload } from "../frames/sound_download";
import type * as SoundChunk from "../frames/sound_chunk";
import { loadChunk } from "../link/chunk";
import type { Link } from "../link/link";
import { relayedPicture } from "./relayed_picture";

/** Events: "tracks": there are tracks, or more of them. */
export class RelayDownload extends EventTarget {
  #picture: MediaStreamTrack | null = null;
  #sound: SoundDownload | null = null;

  /** Watches the relayed stream until the signal aborts. */
  constructor(link: Link, relay: string, signal: AbortSignal) {
    super();
    const picture = relayedPicture(signal);
    const download = new Download(link, relay, picture, () => null, signal);
    download.addEventListener("frame", () => this.#shown(picture.track), { signal });
    // Without sound there is still a picture.
    void this.#hear(link, relay, signal).catch(() => undefined);
  }

  /** Sound first. */
  get tracks(): MediaStreamTrack[] {
    return [...(this.#sound?.stream.getAudioTracks() ?? []), ...(this.#picture === null ? [] : [this.#picture])];
  }

  /** How loud it is lately, 0 to 1. */
  get level(): number {
    return this.#sound?.level ?? 0;
  }

  #shown(track: MediaStreamTrack | undefined): void {
    if (track === undefined || track === this.#picture) return;
    this.#picture = track;
    this.dispatchEvent(new Event("tracks"));
  }

  async #hear(link: Link, relay: string, signal: AbortSignal): Promise<void> {
    const { SoundDownload: Sound } = await loadChunk<typeof SoundChunk>(link, "sound");
    if (signal.aborted) return;
    const sound = new Sound(link, relay, signal);
    this.#sound = sound;
    sound.addEventListener("sound", () => this.dispatchEvent(new Event("tracks")), { signal });
  }
}
