/**
 * Somebody's sound and pictures, whichever way they come: one `MediaStream` whose tracks are exchanged when a connection is
 * made anew, or the kernels relay. Rooms and the streams that show them meet here, in either order.
 */
import { exchangeTracks } from "./exchange_tracks";

/** Events: "track": other tracks; "finished": the peer left, and nothing comes any more. */
export class RemoteMedia extends EventTarget {
  readonly stream = new MediaStream();
  #finished = false;

  get finished(): boolean {
    return this.#finished;
  }

  /** Whether something came yet. */
  get there(): boolean {
    return this.stream.getTracks().length > 0;
  }

  /** Other tracks come from now on. */
  show(tracks: readonly MediaStreamTrack[]): void {
    if (exchangeTracks(this.stream, tracks)) this.dispatchEvent(new Event("track"));
  }

  finish(): void {
    this.#finished = true;
    this.dispatchEvent(new Event("finished"));
  }
}

interface Entry {
  readonly media: RemoteMedia;
  users: number;
}

const ENTRIES = new Map<string, Entry>();

/** The media of a participant, the same for all who ask while one of their signals has not aborted. */
export function remoteMedia(room: string, peer: string, signal: AbortSignal): RemoteMedia {
  const key = `${room} ${peer}`;
  let entry = ENTRIES.get(key);
  if (entry === undefined || entry.media.finished) ENTRIES.set(key, (entry = { media: new RemoteMedia(), users: 0 }));
  const used = entry;
  used.users += 1;
  signal.addEventListener(
    "abort",
    () => {
      used.users -= 1;
      if (used.users === 0 && ENTRIES.get(key) === used) ENTRIES.delete(key);
    },
    { once: true },
  );
  return used.media;
}
