import { isRecord } from "./record";

/** What a `CameraStream` model asks for. */
export interface CameraOptions {
  readonly video: MediaTrackConstraints | null;
  readonly audio: MediaTrackConstraints | null;
  /** The camera's id or label; empty for the user's last choice, else the browser's. */
  readonly device: string;
  /** The microphone's id or label. */
  readonly microphone: string;
}

/** Reads the options of a model (`{constraints: {audio, video}, device, microphone}`) without trusting them. */
export function readOptions(options: unknown): CameraOptions {
  const given = recordOf(options);
  const constraints = recordOf(given["constraints"]);
  return {
    video: trackConstraints(constraints["video"], true),
    audio: trackConstraints(constraints["audio"], false),
    device: stringOf(given["device"]),
    microphone: stringOf(given["microphone"]),
  };
}

/** `true` means "any", an object is taken as it is, anything else means "none". */
function trackConstraints(value: unknown, otherwise: boolean): MediaTrackConstraints | null {
  if (value === undefined) return otherwise ? {} : null;
  if (value === true) return {};
  if (isRecord(value) && !Array.isArray(value)) return value;
  return null;
}

/** Constraints that choose the device: a running track can't be changed in them. */
const CHOOSING = ["deviceId", "groupId", "facingMode", "displaySurface"] as const;

/** The user's last choice. */
export interface PreferredDevice {
  readonly id: string;
  /** Whether it is known to be there; before the permission the browser does not say. */
  readonly present: boolean;
}

/**
 * Completes what the user asked for by the device to use. A device named by the user is demanded. The last choice counts
 * only where the constraints choose none themselves; it is demanded where it is there (Chromium may take `ideal` lightly),
 * and else only preferred, so that its absence is no failure.
 */
export function completeConstraints(
  wanted: MediaTrackConstraints,
  deviceId: string | null,
  preferred: PreferredDevice | null,
): MediaTrackConstraints {
  if (deviceId !== null) {
    const { facingMode: _facingMode, groupId: _groupId, ...others } = wanted;
    return { ...others, deviceId: { exact: deviceId } };
  }
  const chooses = CHOOSING.some((key) => key in wanted);
  if (preferred === null || chooses) return { ...wanted };
  return { ...wanted, deviceId: { [preferred.present ? "exact" : "ideal"]: preferred.id } };
}

/** What must happen to the running track of one kind when the options change. */
export type TrackChange = "keep" | "open" | "apply" | "close";

/** One kind's half of the options. */
export interface TrackWish {
  readonly constraints: MediaTrackConstraints | null;
  readonly device: string;
}

/** Compares what runs with what is wanted. `before` is null when nothing runs. */
export function planTrack(before: TrackWish | null, after: TrackWish): TrackChange {
  if (after.constraints === null) return before === null || before.constraints === null ? "keep" : "close";
  if (before === null || before.constraints === null || before.device !== after.device) return "open";
  const [old, fresh] = [before.constraints, after.constraints];
  if (CHOOSING.some((key) => !same(old[key as keyof MediaTrackConstraints], fresh[key as keyof MediaTrackConstraints]))) {
    return "open";
  }
  return same(old, fresh) ? "keep" : "apply";
}

/** Structural equality of JSON values, whatever the order of the keys. */
function same(left: unknown, right: unknown): boolean {
  return canonical(left) === canonical(right);
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item)).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  return `{${entries
    .map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`)
    .sort()
    .join(",")}}`;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function stringOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
