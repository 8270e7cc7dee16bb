/**
 * Whether an encoder gives a frame out when it gets one.
 *
 * `isConfigSupported` does not tell: Firefox 153 on Linux keeps H.264 frames, `latencyMode: "realtime"` or not, until it is
 * flushed (measured: none of 40 came out before). So it is tried on a few small pictures.
 */
const PICTURES = 3;
const PATIENCE_MS = 300;
const LONGEST_MS = 2000;

/** Encodes a few pictures of the configuration's size; true as soon as the first one comes out unflushed. */
export async function encodesPromptly(config: VideoEncoderConfig): Promise<boolean> {
  const { width, height } = config;
  const canvas = new OffscreenCanvas(width, height);
  if (canvas.getContext("2d") === null) return true; // nothing to try with
  const timers: ReturnType<typeof setTimeout>[] = [];
  let encoder: VideoEncoder | null = null;
  try {
    return await new Promise<boolean>((resolve) => {
      const trial = new VideoEncoder({ output: () => resolve(true), error: () => resolve(false) });
      encoder = trial;
      const giveUpAfter = (ms: number): void => void timers.push(setTimeout(() => resolve(false), ms));
      // Once it took all pictures, so that a slow start does not count against it.
      trial.addEventListener("dequeue", () => trial.encodeQueueSize === 0 && giveUpAfter(PATIENCE_MS));
      giveUpAfter(LONGEST_MS);
      trial.configure(config);
      for (let index = 0; index < PICTURES; index += 1) {
        const frame = new VideoFrame(canvas, { timestamp: (index * 1e6) / (config.framerate ?? 30) });
        trial.encode(frame, { keyFrame: index === 0 });
        frame.close();
      }
    });
  } finally {
    for (const timer of timers) clearTimeout(timer);
    closeEncoder(encoder);
  }
}

function closeEncoder(encoder: VideoEncoder | null): void {
  if (encoder !== null && encoder.state !== "closed") encoder.close();
}
