import type { Device } from "../protocol/messages.gen";
import { abortReason } from "../abort_reason";
import type { Attempt } from "./capture_error";
import { CaptureFailure, captureFailure, insecureContext } from "./capture_error";
import type { PreferredDevice, TrackWish } from "./constraints";
import { completeConstraints } from "./constraints";
import type { DeviceKind } from "./devices";
import { deviceName, findDevice, hidden, listDevices, looksLikeId, rememberedDevice } from "./devices";

declare global {
  interface Document {
    /** Chromium only. */
    readonly featurePolicy?: { allowsFeature(name: string): boolean };
  }
}

/** What to open; a kind that is null is left out. */
export interface TrackRequest {
  readonly video: TrackWish | null;
  readonly audio: TrackWish | null;
}

export interface OpenedTracks {
  readonly video: MediaStreamTrack | null;
  readonly audio: MediaStreamTrack | null;
  /** Why there is no sound although it was asked for; else empty. */
  readonly notice: string;
}

/** The device for one kind: its id, null for the browser's choice, or "later" when labels are still hidden. */
type Pick = { readonly id: string | null; readonly name: string; readonly later: boolean };

const KINDS = { video: "videoinput", audio: "audioinput" } as const satisfies Record<"video" | "audio", DeviceKind>;

/**
 * Opens camera and microphone with one question to the user. Goes on without sound where there is a camera but no
 * microphone that works. Rejects with `CaptureFailure`, or with the signal's reason; no track is left open then.
 */
export async function openTracks(request: TrackRequest, signal: AbortSignal): Promise<OpenedTracks> {
  checkRequest(request);
  const devices = await listDevices();
  const video = request.video && pick("videoinput", request.video.device, devices);
  const audio = request.audio && pick("audioinput", request.audio.device, devices);
  const attempt = attemptOf(video, audio);
  const constraints = {
    video: completed("video", request.video, video, devices),
    audio: completed("audio", request.audio, audio, devices),
  };
  const opened = await open(constraints, attempt, request.audio?.device === "", signal);
  try {
    return await settleNames(opened, request, { video, audio }, signal);
  } catch (error) {
    stopTracks(opened);
    throw error;
  }
}

function checkRequest({ video, audio }: TrackRequest): void {
  if (!globalThis.isSecureContext || (navigator.mediaDevices as MediaDevices | undefined) === undefined) {
    throw insecureContext(location.origin);
  }
  if (video === null && audio === null) {
    throw new CaptureFailure(
      "bad_argument",
      "The camera was not started: the constraints ask for neither picture nor sound. Set 'video' or 'audio' to True.",
    );
  }
}

function attemptOf(video: Pick | null, audio: Pick | null): Attempt {
  return {
    video: video !== null,
    audio: audio !== null,
    origin: location.origin,
    device: (video ?? audio)?.name ?? "",
    blockedByFrame: blockedByFrame(video === null ? "microphone" : "camera"),
  };
}

/** Ends what `openTracks` opened. */
function stopTracks(opened: OpenedTracks): void {
  opened.video?.stop();
  opened.audio?.stop();
}

async function open(
  constraints: MediaStreamConstraints,
  attempt: Attempt,
  soundIsOptional: boolean,
  signal: AbortSignal,
): Promise<OpenedTracks> {
  try {
    return tracksOf(await getUserMedia(constraints, signal), "");
  } catch (error) {
    if (signal.aborted) throw abortReason(signal);
    const failure = captureFailure(error, attempt);
    if (!attempt.video || !attempt.audio || !soundIsOptional) throw failure;
    if (!(await worthTryingWithoutSound(failure))) throw failure;
    try {
      const stream = await getUserMedia({ video: constraints.video ?? true, audio: false }, signal);
      return tracksOf(stream, withoutSound(failure));
    } catch (second) {
      if (signal.aborted) throw abortReason(signal);
      throw captureFailure(second, { ...attempt, audio: false });
    }
  }
}

/** The browser names no kind in its error, so ask what it has and what it may use. */
async function worthTryingWithoutSound(failure: CaptureFailure): Promise<boolean> {
  if (failure.reason === "no_device") {
    return (await listDevices()).some(({ kind }) => kind === "videoinput");
  }
  if (failure.reason === "permission_denied") {
    return (await permission("microphone")) === "denied" && (await permission("camera")) !== "denied";
  }
  return failure.reason === "device_busy";
}

function withoutSound(failure: CaptureFailure): string {
  if (failure.reason === "permission_denied") {
    return "No sound: the browser was told to block the microphone on this site.";
  }
  if (failure.reason === "device_busy") return "No sound: the microphone did not start; perhaps another program uses it.";
  return "No sound: the browser finds no microphone.";
}

/** Labels are known only after the permission: did the browser open the device that was named? */
async function settleNames(
  opened: OpenedTracks,
  request: TrackRequest,
  picks: { video: Pick | null; audio: Pick | null },
  signal: AbortSignal,
): Promise<OpenedTracks> {
  if (picks.video?.later !== true && picks.audio?.later !== true) return opened;
  const devices = await listDevices();
  const settle = async (kind: "video" | "audio"): Promise<MediaStreamTrack | null> => {
    const [track, wish] = [opened[kind], request[kind]];
    if (track === null || wish === null || picks[kind]?.later !== true) return track;
    const { id, name } = pick(KINDS[kind], wish.device, devices);
    if (id === null || id === track.getSettings().deviceId) return track;
    const attempt = { video: kind === "video", audio: kind === "audio", origin: location.origin, device: name };
    // The wrong one ends first: phones have no two cameras open at once, and its light would confuse.
    track.stop();
    const found = await open({ [kind]: completeConstraints(wish.constraints ?? {}, id, null) }, attempt, false, signal);
    return found[kind];
  };
  const video = await settle("video");
  try {
    return { ...opened, video, audio: await settle("audio") };
  } catch (error) {
    video?.stop();
    throw error;
  }
}

/** Chooses the device of one kind, or throws `no_device` with the names of those that are there. */
export function pick(kind: DeviceKind, wanted: string, devices: readonly Device[]): Pick {
  if (wanted === "") return { id: null, name: "", later: false };
  const found = findDevice(devices, kind, wanted);
  if (found !== undefined) return { id: found.id, name: deviceName(found, 0), later: false };
  if (hidden(devices, kind)) {
    return looksLikeId(wanted) ? { id: wanted, name: "", later: false } : { id: null, name: wanted, later: true };
  }
  const names = devices.filter((device) => device.kind === kind).map((device, index) => `“${deviceName(device, index)}”`);
  const what = kind === "videoinput" ? "camera" : "microphone";
  throw new CaptureFailure(
    "no_device",
    `The ${what} “${wanted}” was not started: it is not there. This browser has ${names.join(", ")}. ` +
      "Plug it in, or choose another.",
  );
}

function completed(
  kind: "video" | "audio",
  wish: TrackWish | null,
  picked: Pick | null,
  devices: readonly Device[],
): MediaTrackConstraints | false {
  if (wish?.constraints === null || wish?.constraints === undefined) return false;
  return completeConstraints(wish.constraints, picked?.id ?? null, preferredDevice(KINDS[kind], devices));
}

/** The user's last choice: by its label too, since browsers change ids when site data are cleared. */
function preferredDevice(kind: DeviceKind, devices: readonly Device[]): PreferredDevice | null {
  const remembered = rememberedDevice(kind);
  if (remembered === null) return null;
  if (hidden(devices, kind)) return { id: remembered.id, present: false };
  const there = findDevice(devices, kind, remembered.id) ?? findDevice(devices, kind, remembered.label);
  return there === undefined ? null : { id: there.id, present: true };
}

/** `getUserMedia` knows no signal; an answer that comes too late must not leave a light on. */
async function getUserMedia(constraints: MediaStreamConstraints, signal: AbortSignal): Promise<MediaStream> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(abortReason(signal));
    signal.addEventListener("abort", onAbort, { once: true });
    navigator.mediaDevices
      .getUserMedia(constraints)
      .then((stream) => {
        if (!signal.aborted) return resolve(stream);
        for (const track of stream.getTracks()) track.stop();
      })
      .catch(reject)
      .finally(() => signal.removeEventListener("abort", onAbort));
  });
}

function tracksOf(stream: MediaStream, notice: string): OpenedTracks {
  return { video: stream.getVideoTracks()[0] ?? null, audio: stream.getAudioTracks()[0] ?? null, notice };
}

/** What the browser would say to a request now; "unknown" where it does not tell. */
export async function permission(name: "camera" | "microphone"): Promise<PermissionState | "unknown"> {
  const permissions = navigator.permissions as Permissions | undefined;
  if (permissions === undefined) return "unknown";
  try {
    return (await permissions.query({ name })).state;
  } catch (error) {
    // Browsers that don't know the name say so by a TypeError.
    if (error instanceof TypeError) return "unknown";
    throw error;
  }
}

/** Chromium tells whether a surrounding page withholds the camera; others don't, and the general hint must do. */
function blockedByFrame(feature: "camera" | "microphone"): boolean {
  return document.featurePolicy?.allowsFeature(feature) === false;
}
