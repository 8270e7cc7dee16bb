/** A stream of sound that comes from the kernel: what a Python function made of another one's. */
import type { AnyModel } from "@anywidget/types";
import type { SoundDownload } from "../frames/sound_download";
import type * as SoundChunk from "../frames/sound_chunk";
import { loadChunk } from "../link/chunk";
import { failureOf } from "./failure";
import { LiveStream } from "./live_stream";
import { holdWhileVisible } from "./visibility";

export class MappedAudioLive extends LiveStream {
  readonly size = { width: 0, height: 0 };
  readonly #stream = new MediaStream();

  mount(host: HTMLElement, signal: AbortSignal): void {
    holdWhileVisible(this, host, signal);
  }

  override get captured(): MediaStream {
    return this.#stream;
  }

  mediaStream(): MediaStream {
    return this.#stream;
  }

  grab(): Promise<ImageBitmap> {
    return Promise.reject(new Error("This stream has no picture."));
  }

  /** Figures for `stream.stats` in Python. */
  #report({ latencyMs, dropped, bytes }: SoundDownload): void {
    const [latency_ms, latency_p95_ms] = [latencyMs, latencyMs];
    this.link.send({ type: "stats.report", stream: this.id, fps: 0, latency_ms, latency_p95_ms, dropped, bytes });
  }

  protected run(signal: AbortSignal): void {
    const ready = (download: SoundDownload): void => {
      for (const track of this.#stream.getTracks()) this.#stream.removeTrack(track);
      for (const track of download.stream.getTracks()) this.#stream.addTrack(track);
      this.dispatchEvent(new Event("stream"));
      download.addEventListener("sound", () => this.recover(), { signal });
      download.addEventListener("figures", () => this.#report(download), { signal });
    };
    const failed = (error: unknown): void => this.fail(failureOf(error, "decode_failed"));
    hearKernel(this, this.model, signal, ready, failed).catch(failed);
  }
}

/** Takes the kernel's sound of a stream until the signal aborts; it is heard as its model's switches say. */
export async function hearKernel(
  { link, id }: LiveStream,
  model: AnyModel,
  signal: AbortSignal,
  ready: (download: SoundDownload) => void,
  failed: (error: unknown) => void,
): Promise<void> {
  const { SoundDownload: Download } = await loadChunk<typeof SoundChunk>(link, "sound");
  if (signal.aborted) return;
  const download = new Download(link, id, signal);
  const follow = (): void => download.setLoud(model.get("playing") !== false && model.get("muted") !== true);
  for (const name of ["playing", "muted"]) {
    model.on(`change:${name}`, follow);
    signal.addEventListener("abort", () => model.off(`change:${name}`, follow), { once: true });
  }
  follow();
  ready(download);
  download.addEventListener("failed", (event) => failed((event as CustomEvent<unknown>).detail), { signal });
}
