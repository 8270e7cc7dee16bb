import type { LiveStream } from "../streams/live_stream";

/** How long the browser may take to begin a download; Firefox reads the URL after the click has returned. */
const URL_LIFETIME_MS = 30_000;

/** Makes the browser save the present picture, at full size, as a PNG file. */
export async function downloadSnapshot(live: LiveStream): Promise<void> {
  const picture = await live.grab();
  let blob: Blob;
  try {
    blob = await encodePng(picture);
  } finally {
    picture.close();
  }
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = snapshotName(live.kind, new Date());
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), URL_LIFETIME_MS);
}

async function encodePng(picture: ImageBitmap): Promise<Blob> {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("The browser gives no 2D canvas.");
  context.drawImage(picture, 0, 0);
  return canvas.convertToBlob({ type: "image/png" });
}

/** "camera-2026-01-31-140509-123.png", in local time: names that sort as the pictures were taken. */
export function snapshotName(kind: LiveStream["kind"], time: Date): string {
  const day = `${time.getFullYear()}-${pad(time.getMonth() + 1)}-${pad(time.getDate())}`;
  const clock = `${pad(time.getHours())}${pad(time.getMinutes())}${pad(time.getSeconds())}`;
  return `${kind === "mapped" ? "stream" : kind}-${day}-${clock}-${pad(time.getMilliseconds(), 3)}.png`;
}

function pad(value: number, digits = 2): string {
  return String(value).padStart(digits, "0");
}
