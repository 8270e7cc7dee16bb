/** A canvas's pictures as a track, frame by frame as they are told: also in a hidden page where the browser can. */

/** Takes the pictures of a canvas to a track. */
export interface TrackWriter {
  readonly stream: MediaStream;
  /** The canvas holds a new picture. */
  write(): void;
}

/** `MediaStreamTrackGenerator` on the window: Chromium has it, outside of the standard, and TypeScript does not know it. */
type TrackGenerator = MediaStreamTrack & { readonly writable: WritableStream<VideoFrame> };
declare global {
  var MediaStreamTrackGenerator: (new (init: { kind: "video" }) => TrackGenerator) | undefined;
}

interface FrameOnRequest {
  requestFrame(): void;
}

/** A track whose pictures are those of the canvas; ends with the signal. */
export function writeTrack(canvas: HTMLCanvasElement, fps: number, signal: AbortSignal): TrackWriter {
  const generated = generateTrack(signal);
  if (generated === null) return captureCanvas(canvas, fps);
  return { stream: new MediaStream([generated.track]), write: () => generated.write(canvas) };
}

/** A track of frames of our own: exact in time, and not bound to what the page paints. */
export interface GeneratedTrack {
  readonly track: MediaStreamTrack;
  /** The picture is copied, or shared. */
  write(picture: CanvasImageSource): void;
}

/** A generated track, which ends with the signal; null where the browser has none. */
export function generateTrack(signal: AbortSignal): GeneratedTrack | null {
  const Generator = globalThis.MediaStreamTrackGenerator;
  if (Generator === undefined) return null;
  const track = new Generator({ kind: "video" });
  const writer = track.writable.getWriter();
  signal.addEventListener("abort", () => void writer.abort(signal.reason).catch(() => undefined), { once: true });
  const write = (picture: CanvasImageSource): void => {
    // Nobody takes the frames, or not fast enough: this one is left out, none is kept back.
    if (signal.aborted || (writer.desiredSize ?? 0) <= 0) return;
    const frame = new VideoFrame(picture, { timestamp: Math.round(performance.now() * 1000) });
    writer.write(frame).catch(() => frame.close()); // The track ended between the question and the write.
  };
  return { track, write };
}

/** Where there is no generator (Firefox): a canvas stream that takes a picture when it is told to. */
function captureCanvas(canvas: HTMLCanvasElement, fps: number): TrackWriter {
  const stream = canvas.captureStream(0);
  const [track] = stream.getVideoTracks();
  // The standard has it on the track; Firefox has it on the stream.
  for (const owner of [track, stream]) {
    if (owner !== undefined && canRequestFrame(owner)) return { stream, write: () => owner.requestFrame() };
  }
  return { stream: canvas.captureStream(fps), write: () => undefined };
}

function canRequestFrame(owner: MediaStreamTrack | MediaStream): owner is (MediaStreamTrack | MediaStream) & FrameOnRequest {
  return "requestFrame" in owner && typeof owner.requestFrame === "function";
}
