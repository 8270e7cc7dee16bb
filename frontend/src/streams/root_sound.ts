/** The sound of the stream that a mapped one comes from, as late as its pictures are. */
import type * as SoundChunk from "../frames/sound_chunk";
import { loadChunk } from "../link/chunk";
import type { LiveStream } from "./live_stream";

/** Runs until the signal aborts, beside `live`, whose pictures it waits for. Gives null where the root has no sound. */
export async function delayedSound(live: LiveStream, root: LiveStream, signal: AbortSignal): Promise<MediaStreamTrack | null> {
  const stream = await root.open(signal);
  if (stream.getAudioTracks().length === 0) return null;
  const { DelayedSound } = await loadChunk<typeof SoundChunk>(live.link, "sound");
  if (signal.aborted) return null;
  const sound = new DelayedSound(signal);
  const read = (): void => sound.read(root.mediaStream().getAudioTracks()[0] ?? null);
  const follow = (): void => {
    const latencyMs = live.figures?.latencyMs;
    if (latencyMs !== undefined) sound.follow(latencyMs);
  };
  root.addEventListener("stream", read, { signal });
  live.addEventListener("figures", follow, { signal });
  read();
  follow();
  return sound.stream.getAudioTracks()[0] ?? null;
}
