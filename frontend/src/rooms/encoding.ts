/** How large and how often pictures are sent to each of the others: a mesh encodes once for each of them. */

export interface EncodingLimits {
  readonly maxBitrate: number;
  readonly maxFramerate: number;
  readonly scaleResolutionDownBy: number;
}

/** What a small machine encodes without a GPU, all connections together, at 30 pictures a second. */
const MOST_PIXELS = 1280 * 720;
/** What leaves the page for all the others, in bits a second. */
const MOST_BITRATE = 5_000_000;
const LEAST_BITRATE = 150_000;
const BITS_PER_PIXEL = 0.14;
const SCREEN_BITS_PER_PIXEL = 0.06;
const CAMERA_FPS = 30;
/** With more than two others: each of them is a further encoder, and a further decoder. */
const CROWD_FPS = 20;
/** Text has to be legible; it moves little. */
const SCREEN_FPS = 15;

/** @param others how many people are sent to. */
export function encodingLimits(width: number, height: number, screen: boolean, others: number): EncodingLimits {
  const people = Math.max(1, others);
  const cameraFps = people > 2 ? CROWD_FPS : CAMERA_FPS;
  const fps = screen ? SCREEN_FPS : cameraFps;
  // A screen has half the rate, so twice the pixels, and more: small text that is scaled down can't be read.
  const budget = (screen ? 4 : 1) * MOST_PIXELS / people;
  const pixels = Math.max(1, width * height);
  const scale = Math.max(1, Math.sqrt(pixels / budget));
  const wanted = (pixels / scale ** 2) * fps * (screen ? SCREEN_BITS_PER_PIXEL : BITS_PER_PIXEL);
  const maxBitrate = Math.round(Math.max(LEAST_BITRATE, Math.min(wanted, MOST_BITRATE / people)));
  return { maxBitrate, maxFramerate: fps, scaleResolutionDownBy: scale };
}
