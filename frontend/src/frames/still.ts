/** A still of a track at its full size, lossless or nearly so: not a frame of the coded video. */
import type { Bytes } from "../protocol/framing";
import { readFrames } from "./reader";

export interface Still {
  readonly bytes: Bytes;
  readonly width: number;
  readonly height: number;
}

/** The track's next frame; the caller closes it. */
export async function takePicture(track: MediaStreamTrack): Promise<ImageBitmap> {
  return (await drawNext(track)).transferToImageBitmap();
}

async function drawNext(track: MediaStreamTrack): Promise<OffscreenCanvas> {
  const frame = await nextFrame(track);
  const canvas = new OffscreenCanvas(frame.displayWidth, frame.displayHeight);
  canvas.getContext("2d", { alpha: false })?.drawImage(frame, 0, 0);
  frame.close();
  return canvas;
}

/** Takes the track's next frame as a file; `quality` (0 to 1) is for JPEG. */
export async function takeStill(track: MediaStreamTrack, format = "png", quality = 1): Promise<Still> {
  const canvas = await drawNext(track);
  const { width, height } = canvas;
  const blob = await canvas.convertToBlob({ type: format === "jpeg" ? "image/jpeg" : "image/png", quality });
  return {
    bytes: new Uint8Array(await blob.arrayBuffer()),
    width,
    height,
  };
}

async function nextFrame(track: MediaStreamTrack): Promise<VideoFrame> {
  if (track.readyState === "ended") throw new Error("The still was not taken: the camera has ended. Start it again.");
  return new Promise((resolve, reject) => {
    const scope = new AbortController();
    track.addEventListener(
      "ended",
      () => {
        scope.abort();
        reject(new Error("The still was not taken: the camera ended. Start it again."));
      },
      { signal: scope.signal },
    );
    let taken = false;
    readFrames(
      track,
      (frame) => {
        if (taken) {
          frame.close();
          return;
        }
        taken = true;
        scope.abort();
        resolve(frame);
      },
      scope.signal,
    );
  });
}
