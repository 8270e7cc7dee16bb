import type { Device } from "../protocol/messages.gen";
import { isRecord } from "./record";

/** Which of the two a choice is about. */
export type DeviceKind = "videoinput" | "audioinput";

/** A device as the notebook's user chose it, kept for the next camera. */
export interface RememberedDevice {
  readonly id: string;
  readonly label: string;
}

/**
 * The cameras and microphones of this browser. Ids and labels are empty until a permission was given. Chromium's
 * aliases ("default", "communications") are left out: they repeat a real device.
 */
export async function listDevices(): Promise<Device[]> {
  // TypeScript takes `mediaDevices` for always there; on an insecure origin it is not.
  const media = navigator.mediaDevices as MediaDevices | undefined;
  if (media === undefined) return [];
  const found = await media.enumerateDevices();
  return found
    .filter(({ kind, deviceId }) => kind !== "audiooutput" && deviceId !== "default" && deviceId !== "communications")
    .map(({ kind, deviceId, label }) => ({ kind, id: deviceId, label }));
}

/** Finds a device by its id, else by its label: the same, the same but for case, a part of it. */
export function findDevice(devices: readonly Device[], kind: DeviceKind, wanted: string): Device | undefined {
  const known = devices.filter((device) => device.kind === kind && device.id !== "");
  const low = wanted.toLowerCase();
  return (
    known.find(({ id }) => id === wanted) ??
    known.find(({ label }) => label === wanted) ??
    known.find(({ label }) => label?.toLowerCase() === low) ??
    known.find(({ label }) => low !== "" && label?.toLowerCase().includes(low) === true)
  );
}

/** Whether the browser still hides which devices there are, since nobody gave a permission for this kind. */
export function hidden(devices: readonly Device[], kind: DeviceKind): boolean {
  return !devices.some((device) => device.kind === kind && device.id !== "");
}

/** Ids are 64 hexadecimal digits in Chromium and Safari, 44 characters of base64 in Firefox. */
export function looksLikeId(wanted: string): boolean {
  return /^(?:[0-9a-f]{64}|[0-9A-F]{40}|[A-Za-z0-9+/]{43}=)$/u.test(wanted);
}

/** A name for people, without the USB numbers that Chromium appends: "Webcam C270 (046d:0825)". */
export function deviceName(device: Device, index: number): string {
  const label = (device.label ?? "").replace(/\s*\([0-9a-f]{4}:[0-9a-f]{4}\)$/iu, "").trim();
  if (label !== "") return label;
  return `${device.kind === "audioinput" ? "Microphone" : "Camera"} ${index + 1}`;
}

/** Keeps the choice for the next camera of this browser on this origin. Storage may be denied: then it is not kept. */
export function rememberDevice(kind: DeviceKind, device: RememberedDevice): void {
  try {
    localStorage.setItem(storageKey(kind), JSON.stringify({ id: device.id, label: device.label }));
  } catch (error) {
    if (!isStorageDenied(error)) throw error;
  }
}

/** The user's last choice, or null. */
export function rememberedDevice(kind: DeviceKind): RememberedDevice | null {
  let text: string | null;
  try {
    text = localStorage.getItem(storageKey(kind));
  } catch (error) {
    if (!isStorageDenied(error)) throw error;
    return null;
  }
  return text === null ? null : parseRemembered(text);
}

/** Anything on this origin may have written there. */
export function parseRemembered(text: string): RememberedDevice | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(value)) return null;
  const { id, label } = value;
  return typeof id === "string" && typeof label === "string" && id !== "" ? { id, label } : null;
}

function storageKey(kind: DeviceKind): string {
  return `ipymedia:${kind}`;
}

/** `SecurityError` where storage is blocked or the frame is sandboxed, `QuotaExceededError` where it is full. */
function isStorageDenied(error: unknown): boolean {
  return error instanceof DOMException;
}
