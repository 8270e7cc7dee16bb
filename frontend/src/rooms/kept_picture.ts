/**
 * A picture that stands still, sent again and again: browsers send each picture of a track once, so that who joins a moment
 * later, or lost it on the way, would never see an image, a chart that nobody turns, or a film that is paused.
 */
import { readFrames } from "../frames/reader";
import { writeTrack } from "../streams/track_writer";

const AGAIN_MS = 500;
/** What a browser without frames of our own captures a canvas at. */
const CANVAS_FPS = 30;

interface Sink {
  readonly track: MediaStreamTrack | undefined;
  /** A new picture; takes the frame. */
  write(frame: VideoFrame): void;
  again(): void;
}

/** The same pictures as those of the track, until the signal aborts. */
export function keepPicture(track: MediaStreamTrack, signal: AbortSignal): MediaStreamTrack {
  const Generator = globalThis.MediaStreamTrackGenerator;
  const sink = Generator === undefined ? drawnSink(signal) : frameSink(new Generator({ kind: "video" }), signal);
  let seenMs = performance.now();
  readFrames(
    track,
    (frame) => {
      seenMs = performance.now();
      sink.write(frame);
    },
    signal,
  );
  const timer = setInterval(() => performance.now() - seenMs >= AGAIN_MS && sink.again(), AGAIN_MS);
  signal.addEventListener(
    "abort",
    () => {
      clearInterval(timer);
      sink.track?.stop();
    },
    { once: true },
  );
  return sink.track ?? track;
}

/** Hands the frames on as they are; the last one is kept. */
function frameSink(track: MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> }, signal: AbortSignal): Sink {
  const writer = track.writable.getWriter();
  let last: VideoFrame | null = null;
  const again = (): void => {
    if (last === null || signal.aborted || (writer.desiredSize ?? 0) <= 0) return;
    const frame = new VideoFrame(last, { timestamp: Math.round(performance.now() * 1000) });
    writer.write(frame).catch(() => frame.close()); // the track ended between the question and the write
  };
  const write = (frame: VideoFrame): void => {
    last?.close();
    last = frame;
    again();
  };
  signal.addEventListener(
    "abort",
    () => {
      last?.close();
      last = null;
      void writer.abort().catch(() => undefined);
    },
    { once: true },
  );
  return { track, write, again };
}

function drawnSink(signal: AbortSignal): Sink {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { alpha: false });
  const writer = writeTrack(canvas, CANVAS_FPS, signal);
  const write = (frame: VideoFrame): void => {
    const { displayWidth: width, displayHeight: height } = frame;
    if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
    context?.drawImage(frame, 0, 0);
    frame.close();
    writer.write();
  };
  const again = (): void => {
    context?.drawImage(canvas, 0, 0); // a browser sends no picture of a canvas on which nobody drew
    writer.write();
  };
  return { track: writer.stream.getVideoTracks()[0], write, again };
}
