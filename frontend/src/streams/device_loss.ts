import { CaptureFailure } from "./capture_error";
import { permission } from "./open_tracks";

/** Why a running camera gives no pictures any more: the browser's "ended" event does not say. */
export async function lossOf(label: string, isThere: boolean): Promise<CaptureFailure> {
  if (!isThere) {
    return new CaptureFailure(
      "device_lost",
      `The camera “${label}” was disconnected. Plug it in again: the picture comes back by itself. ` +
        "Or choose another camera.",
    );
  }
  if ((await permission("camera")) === "granted") {
    return new CaptureFailure(
      "device_lost",
      `The camera “${label}” ended by itself, though it is still there. Close other programs that use it, then try again.`,
    );
  }
  return new CaptureFailure(
    "permission_denied",
    `The camera “${label}” ended: the permission was taken back on ${location.origin}. ` +
      "Allow it in the site's settings, left of the address bar, then try again.",
  );
}
