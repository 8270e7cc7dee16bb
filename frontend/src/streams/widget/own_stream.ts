/** The stream that a widget's own model gives: `captureStream(fps)` or `stream`, where pictures come of it. */
import { isRecord } from "../record";

/** A scene at rest gives none; then its picture is composed. */
const FIRST_PICTURE_PATIENCE_MS = 300;
const DEFAULT_FPS = 60;

/** The stream; null where there is none, or no picture comes of it. */
export async function ownStream(model: unknown, maxFps: number | null, signal: AbortSignal): Promise<MediaStream | null> {
  const given = await givenStream(model, maxFps ?? DEFAULT_FPS);
  signal.throwIfAborted();
  if (!(given instanceof MediaStream)) return null;
  // Our own streams give theirs when they are live; others', a canvas's, may have no first picture.
  const shows = isOurs(model) || (await givesPictures(given, signal));
  return shows ? given : null;
}

async function givenStream(model: unknown, fps: number): Promise<unknown> {
  if (!isRecord(model)) return null;
  try {
    if (typeof model["captureStream"] === "function") {
      return await Promise.resolve((model["captureStream"] as (fps: number) => unknown).call(model, Math.max(1, fps)));
    }
    return await Promise.race([model["stream"], later(FIRST_PICTURE_PATIENCE_MS)]);
  } catch (error) {
    if (isOurs(model)) throw error;
    return null; // another library's, which has no picture yet: pythreejs without a renderer
  }
}

function isOurs(model: unknown): boolean {
  const get: unknown = isRecord(model) ? model["get"] : undefined;
  return typeof get === "function" && typeof (get as (name: string) => unknown).call(model, "_stream") === "string";
}

async function givesPictures(stream: MediaStream, signal: AbortSignal): Promise<boolean> {
  if (stream.getVideoTracks().length === 0) return stream.getAudioTracks().length > 0;
  const video = document.createElement("video");
  video.muted = true;
  video.srcObject = stream;
  try {
    const shown = new Promise<boolean>((resolve) => void video.requestVideoFrameCallback(() => resolve(true)));
    void video.play().catch(() => undefined); // ended before it began
    const came = await Promise.race([shown, later(FIRST_PICTURE_PATIENCE_MS)]);
    signal.throwIfAborted();
    return came === true;
  } finally {
    video.srcObject = null;
  }
}

async function later(ms: number): Promise<null> {
  return new Promise((resolve) => void setTimeout(resolve, ms, null));
}
