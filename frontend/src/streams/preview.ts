/** The picture of a stream in the page that captures it: straight from the source, without the kernel. */
import type { AnyModel } from "@anywidget/types";
import { STREAM_KINDS } from "./kinds";
import type { LiveStream } from "./live_stream";

/** What the preview shows; its event "stream" tells that it is another one. */
export interface PreviewedStream extends LiveStream {
  resized(width: number, height: number): void;
}

const FIGURES_EVERY_MS = 1000;

/** Shows the stream by a `<video>` in the host until the signal aborts. */
export function mountPreview(live: PreviewedStream, model: AnyModel, host: HTMLElement, signal: AbortSignal): void {
  const video = document.createElement("video");
  video.className = "ipymedia-picture";
  video.muted = true; // one's own voice, played back, howls
  video.playsInline = true;
  video.autoplay = true;
  const follow = (): void => {
    if (model.get("playing") === false && STREAM_KINDS[live.kind].plays !== true) video.pause();
    else if (live.captured !== null) void video.play().catch(() => undefined); // a view that closed meanwhile
  };
  const show = (): void => {
    video.srcObject = live.captured;
    follow();
  };
  video.addEventListener("resize", () => live.resized(video.videoWidth, video.videoHeight), { signal });
  live.addEventListener("stream", show, { signal });
  model.on("change:playing", follow);
  const timer = setInterval(figuresOf(live, video), FIGURES_EVERY_MS);
  signal.addEventListener(
    "abort",
    () => {
      clearInterval(timer);
      model.off("change:playing", follow);
      video.srcObject = null;
      video.remove();
    },
    { once: true },
  );
  host.append(video);
  show();
}

/**
 * Called once in a while, tells the badge what the `<video>` showed since.
 *
 * Counted by its frame callback, asked for once each time: Firefox's playback quality does not count a track's frames.
 */
function figuresOf(live: PreviewedStream, video: HTMLVideoElement): () => void {
  let last = { atMs: performance.now(), frames: 0 };
  let fps = 0;
  let asked = false;
  const seen = (atMs: number, { presentedFrames: frames }: VideoFrameCallbackMetadata): void => {
    asked = false;
    // A new source begins to count anew.
    const shown = frames < last.frames ? frames : frames - last.frames;
    fps = (1000 * shown) / Math.max(1, atMs - last.atMs);
    last = { atMs, frames };
  };
  return () => {
    if (asked) fps = 0; // not one picture since
    else video.requestVideoFrameCallback(seen);
    asked = true;
    if (live.phase !== "live") return;
    const dropped = video.getVideoPlaybackQuality().droppedVideoFrames;
    live.figures = { carrier: "page", width: video.videoWidth, height: video.videoHeight, fps, dropped };
    live.dispatchEvent(new Event("figures"));
  };
}
