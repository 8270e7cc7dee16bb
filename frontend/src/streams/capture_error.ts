import type { Reason } from "../protocol/messages.gen";
import { isRecord } from "./record";

/** A camera, a microphone or a test card did not start, or ended. `message` is for people, in whole sentences. */
export class CaptureFailure extends Error {
  override readonly name = "CaptureFailure";
  readonly reason: Reason;
  /** What the browser itself said. */
  readonly detail: string;

  constructor(reason: Reason, message: string, detail = "") {
    super(message);
    this.reason = reason;
    this.detail = detail;
  }
}

/** What was tried when the browser said no. */
export interface Attempt {
  readonly video: boolean;
  readonly audio: boolean;
  /** Where the page comes from, such as "http://lab.example". */
  readonly origin: string;
  /** The name of the device asked for; empty for the browser's choice. */
  readonly device?: string;
  /** A running track was to be changed, not a new one to be started. */
  readonly running?: boolean;
  /** Whether a page around this one keeps the camera from it (Permissions Policy). */
  readonly blockedByFrame?: boolean;
}

/** "The camera", "The microphone", "The camera and the microphone"; with its name where one was asked for. */
function subject(attempt: Attempt): string {
  const name = attempt.device ? ` “${attempt.device}”` : "";
  if (!attempt.video) return `The microphone${name}`;
  return attempt.audio ? `The camera${name} with microphone` : `The camera${name}`;
}

function attempted(attempt: Attempt): string {
  return `${subject(attempt)} was not ${attempt.running === true ? "changed" : "started"}: `;
}

function denied(attempt: Attempt, detail: string): string {
  const tried = attempted(attempt);
  if (attempt.blockedByFrame === true) {
    return `${tried}a page around this one keeps it from the camera. Open the notebook in a tab of its own.`;
  }
  if (/system/iu.test(detail)) {
    return `${tried}the operating system keeps it from the browser. Allow the browser in the system's privacy settings.`;
  }
  if (/dismiss/iu.test(detail)) {
    return `${tried}the browser's question was closed without an answer. Try again, and allow it.`;
  }
  return (
    `${tried}the browser was told to block it on ${attempt.origin}. ` +
    "Allow it in the site's settings, left of the address bar, then try again."
  );
}

function unmet(error: unknown, attempt: Attempt): CaptureFailure {
  const constraint = textOf(error, "constraint");
  const detail = textOf(error, "message");
  if (constraint === "deviceId" || constraint === "groupId") {
    return new CaptureFailure(
      "no_device",
      `${attempted(attempt)}the device that was asked for is not there. Plug it in, or choose another.`,
      detail,
    );
  }
  const which = constraint === "" ? "one of the constraints" : `the constraint “${constraint}”`;
  return new CaptureFailure(
    "constraints_unmet",
    `${attempted(attempt)}no device here meets ${which}. ` +
      "Ask for less: a plain value or “ideal” instead of “exact”, “min” or “max”.",
    detail,
  );
}

/** Turns what `getUserMedia` and `applyConstraints` throw into a failure with a reason and a next step. */
export function captureFailure(error: unknown, attempt: Attempt): CaptureFailure {
  if (error instanceof CaptureFailure) return error;
  const name = textOf(error, "name");
  const detail = textOf(error, "message");
  const tried = attempted(attempt);
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      return new CaptureFailure("permission_denied", denied(attempt, detail), detail);
    case "NotFoundError":
      return new CaptureFailure(
        "no_device",
        `${tried}the browser finds none on this computer. Plug one in, then try again. ` +
          "PatternStream() makes pictures without a camera.",
        detail,
      );
    case "NotReadableError":
    case "AbortError":
      return new CaptureFailure(
        "device_busy",
        `${tried}it is there, but gives no picture or sound; mostly another program uses it. ` +
          "Close that program, then try again.",
        detail,
      );
    case "OverconstrainedError":
      return unmet(error, attempt);
    case "TypeError":
      return new CaptureFailure(
        "bad_argument",
        `${tried}the browser does not understand the constraints. ` +
          "Give them as MediaStreamConstraints, such as {'video': {'width': 1280}}.",
        detail,
      );
    default:
      return new CaptureFailure("unknown", `${tried}${detail || name || String(error)}. Try again.`, detail);
  }
}

/** Why this page may not use cameras at all: browsers offer them on secure origins only (W3C Secure Contexts). */
export function insecureContext(origin: string, noun = "camera"): CaptureFailure {
  return new CaptureFailure(
    "insecure_context",
    `The ${noun} was not started: the browser blocks it on ${origin}. ` +
      "Open the notebook over https, or through ssh -L and http://localhost.",
  );
}

/** Reads a property off whatever was thrown: errors of another realm are no instances of this one's classes. */
function textOf(error: unknown, key: "name" | "message" | "constraint"): string {
  const value = isRecord(error) ? error[key] : undefined;
  return typeof value === "string" ? value : "";
}
