import { CaptureFailure } from "./capture_error";
import { permission } from "./open_tracks";

/** Why a running device gives nothing any more: the browser's "ended" event does not say. */
export async function lossOf(kind: "video" | "audio", label: string, isThere: boolean): Promise<CaptureFailure> {
  const device = kind === "video" ? "camera" : "microphone";
  if (!isThere) {
    return new CaptureFailure(
      "device_lost",
      `The ${device} “${label}” was disconnected. Plug it in again: the ${kind === "video" ? "picture" : "sound"} comes back by itself. ` +
        `Or choose another ${device}.`,
    );
  }
  if ((await permission(device)) === "granted") {
    return new CaptureFailure(
      "device_lost",
      `The ${device} “${label}” ended by itself, though it is still there. Close other programs that use it, then try again.`,
    );
  }
  return new CaptureFailure(
    "permission_denied",
    `The ${device} “${label}” ended: the permission was taken back on ${location.origin}. ` +
      "Allow it in the site's settings, left of the address bar, then try again.",
  );
}
