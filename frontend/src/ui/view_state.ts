import type { StreamKindName } from "../streams/kinds";
import { STREAM_KINDS } from "../streams/kinds";
import type { Failure } from "../streams/failure";
import type { StreamPhase } from "../streams/live_stream";

/** All that decides what stands over the picture. */
export interface ViewInputs {
  readonly kind: StreamKindName;
  readonly phase: StreamPhase;
  readonly failure: Failure | null;
  /** What the kernel found wrong. */
  readonly kernelError: Failure | null;
  readonly capturedElsewhere: boolean;
  readonly playing: boolean;
  /** Whether the stream was closed, and does not begin again. */
  readonly over: boolean;
  /** Whether the browser waits for a click. */
  readonly needsClick: boolean;
  /** Whether this view has shown a picture since it was made. */
  readonly pictureSeen: boolean;
  /** What the browser would say to a request for the camera. */
  readonly permission: PermissionState | "unknown";
}

/** What a button in a notice does. */
export type NoticeAction = "retry" | "takeOver" | "click";

/** What stands over the picture: nothing, a wait, a card that covers it, or a bar below that leaves it in sight. */
export type ViewState =
  | { readonly show: "picture" }
  | { readonly show: "wait"; readonly title: string; readonly hint: string; readonly hintAtOnce: boolean }
  | {
      readonly show: "card" | "bar";
      readonly tone: "error" | "plain";
      readonly title: string;
      readonly text: string;
      readonly detail: string;
      readonly action: { readonly do: NoticeAction; readonly name: string } | null;
    };

/** Headlines for people; where a reason has none, the phase says enough. */
const TITLES: Readonly<Record<string, string>> = {
  permission_denied: "The {noun} is not allowed",
  no_device: "No {noun}",
  device_busy: "The {noun} is in use",
  device_lost: "The {noun} is gone",
  not_media: "The {noun} can't be read",
  load_failed: "The {noun} did not come",
  cross_origin: "The {noun} may not be read",
  insecure_context: "This page may not use a {noun}",
  constraints_unmet: "The {noun} can't do that",
  function_failed: "The function failed",
  bad_result: "The function's result can't be shown",
  executor_failed: "The executor failed",
  no_codec: "No common codec",
  no_webcodecs: "This browser can't do that",
  version_mismatch: "Page and kernel do not match",
  timed_out: "No answer",
};

/** A stream of the kernel's fails as its source does: the message says which device is meant. */
const DEVICE = /^The (camera|microphone|screen)\b/u;

const PAUSED_OR_LIVE: ViewState = { show: "picture" };

/** One state from all that is known: what stops the picture comes before what disturbs it, that before a wait. */
export function viewState(inputs: ViewInputs): ViewState {
  const { phase, failure, kernelError, pictureSeen } = inputs;
  if (phase === "failed" || (failure !== null && phase !== "live")) {
    return failureState(failure ?? kernelError, inputs);
  }
  const { noun } = STREAM_KINDS[inputs.kind];
  if (kernelError !== null) return errorState(kernelError, noun, pictureSeen && phase !== "stopped", null);
  if (failure !== null) return errorState(failure, noun, true, "retry");
  if (phase === "stopped") return inputs.over ? stoppedState() : finishedState(inputs.kind);
  return runningState(inputs, noun);
}

function runningState(inputs: ViewInputs, noun: string): ViewState {
  if (inputs.capturedElsewhere) return elsewhereState(noun, inputs.pictureSeen);
  if (inputs.needsClick) return clickState(noun);
  if (inputs.phase === "live" || !inputs.playing) return PAUSED_OR_LIVE;
  return waitState(inputs);
}

/** The last good picture of a mapped stream stays in sight; a camera's is old, and would pass for live. */
function failureState(failure: Failure | null, { kind, pictureSeen }: ViewInputs): ViewState {
  const known = failure ?? {
    reason: "unknown",
    message: "The stream failed, and nothing said why. Try again; if that does not help, run the cell again.",
  };
  return errorState(known, STREAM_KINDS[kind].noun, STREAM_KINDS[kind].make === null && pictureSeen, "retry");
}

function errorState(failure: Failure, noun: string, asBar: boolean, action: "retry" | null): ViewState {
  return {
    show: asBar ? "bar" : "card",
    tone: "error",
    title: (TITLES[failure.reason] ?? "This did not work").replace("{noun}", DEVICE.exec(failure.message)?.[1] ?? noun),
    text: failure.message,
    detail: failure.detail ?? "",
    action: action === null ? null : { do: action, name: "Try again" },
  };
}

/** The source came to its end by itself. */
function finishedState(kind: StreamKindName): ViewState {
  const { finished } = STREAM_KINDS[kind];
  if (finished === undefined) return stoppedState();
  const { title, text, again } = finished;
  return { show: "card", tone: "plain", title, text, detail: "", action: { do: "retry", name: again } };
}

function clickState(noun: string): ViewState {
  return {
    show: "card",
    tone: "plain",
    title: `Share the ${noun}`,
    text: "The browser asks what to share, and does so only after a click.",
    detail: "",
    action: { do: "click", name: "Share …" },
  };
}

function stoppedState(): ViewState {
  return {
    show: "card",
    tone: "plain",
    title: "Stopped",
    text: "This stream was closed. Run the cell again to start it.",
    detail: "",
    action: null,
  };
}

function elsewhereState(noun: string, pictureSeen: boolean): ViewState {
  return {
    show: pictureSeen ? "bar" : "card",
    tone: "plain",
    title: `The ${noun} runs in another page`,
    text: `Another page of this notebook has the ${noun}.`,
    detail: "",
    action: { do: "takeOver", name: `Use the ${noun} of this page` },
  };
}

function waitState({ kind, phase, permission }: ViewInputs): ViewState {
  if (phase === "idle" || STREAM_KINDS[kind].make === null) {
    return {
      show: "wait",
      title: "Waiting for the kernel",
      hint: "It may be busy. If it was restarted, run the cell again.",
      hintAtOnce: false,
    };
  }
  if (kind === "camera" && permission === "prompt") {
    return {
      show: "wait",
      title: "Allow the camera",
      hint: "The browser asks at the top of this window.",
      hintAtOnce: true,
    };
  }
  const hint = kind === "camera" ? "If the browser asks at the top of this window, allow the camera." : "";
  return { show: "wait", title: kind === "camera" ? "Starting the camera" : "Starting", hint, hintAtOnce: false };
}
