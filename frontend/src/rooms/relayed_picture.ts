/**
 * Relayed pictures as a track: as they were decoded, where the browser makes tracks of frames; else by way of a canvas,
 * which costs a drawing and a reading for each, and waits for the page to paint.
 */
import type { Presents } from "../frames/presenter";
import { Presenter } from "../frames/presenter";
import { generateTrack } from "../streams/track_writer";

export interface RelayedPicture extends Presents {
  /** The same one from the first picture on. */
  readonly track: MediaStreamTrack | undefined;
}

/** Until the signal aborts. */
export function relayedPicture(signal: AbortSignal): RelayedPicture {
  const generated = generateTrack(signal);
  if (generated !== null) return { track: generated.track, present: (picture) => generated.write(picture) };
  const presenter = new Presenter();
  signal.addEventListener("abort", () => presenter.end(), { once: true });
  return {
    get track() {
      return presenter.mediaStream().getVideoTracks()[0];
    },
    present: (...given) => presenter.present(...given),
  };
}
