/**
 * Reads a track's frames, the newest one first, also in a hidden page where the browser can.
 *
 * Chromium has `MediaStreamTrackProcessor` on the window; elsewhere (Firefox) a `<video>` plays the track and each of its
 * frame callbacks makes a `VideoFrame`.
 */
export type FrameTaker = (frame: VideoFrame) => void;

interface TrackProcessor {
  readonly readable: ReadableStream<VideoFrame>;
}
type TrackProcessorClass = new (init: { track: MediaStreamTrack; maxBufferSize?: number }) => TrackProcessor;

/** Gives every frame to `take`, which owns it and must close it; ends with the signal. */
export function readFrames(track: MediaStreamTrack, take: FrameTaker, signal: AbortSignal): void {
  if (track.readyState === "ended") return; // whoever ended it tells; a processor would throw
  const Processor = (globalThis as { MediaStreamTrackProcessor?: TrackProcessorClass }).MediaStreamTrackProcessor;
  if (Processor === undefined) readFromVideo(track, take, signal);
  else void readFromProcessor(new Processor({ track, maxBufferSize: 1 }), take, signal);
}

async function readFromProcessor(processor: TrackProcessor, take: FrameTaker, signal: AbortSignal): Promise<void> {
  const reader = processor.readable.getReader();
  const stop = (): void => void reader.cancel().catch(() => undefined); // the track may have ended first
  if (signal.aborted) return stop();
  signal.addEventListener("abort", stop, { once: true });
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    if (signal.aborted) value.close();
    else take(value);
  }
}

function readFromVideo(track: MediaStreamTrack, take: FrameTaker, signal: AbortSignal): void {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  const next = (): void => {
    if (signal.aborted) return;
    video.requestVideoFrameCallback(() => {
      if (signal.aborted) return;
      if (video.videoWidth > 0) take(new VideoFrame(video, { timestamp: Math.round(performance.now() * 1000) }));
      next();
    });
  };
  signal.addEventListener(
    "abort",
    () => {
      video.pause();
      video.srcObject = null;
    },
    { once: true },
  );
  next();
  void video.play().catch(() => undefined); // a muted video of a live track may play; an abort ends it
}
