import { describe, expect, it } from "vitest";
import type { ViewInputs } from "./view_state";
import { viewState } from "./view_state";

const LIVE: ViewInputs = {
  kind: "camera",
  phase: "live",
  failure: null,
  kernelError: null,
  capturedElsewhere: false,
  playing: true,
  pictureSeen: true,
  over: false,
  needsClick: false,
  permission: "granted",
};
const STARTING: ViewInputs = { ...LIVE, phase: "starting", pictureSeen: false };
const DENIED = { reason: "permission_denied", message: "The camera was not started.", detail: "NotAllowedError" };
const RAISED = { reason: "function_failed", message: "edges: ValueError: no", detail: "Traceback" };

describe("viewState", () => {
  it("names the device that a function's stream waits for", () => {
    for (const [noun, message] of [
      ["camera", "The camera was not started."],
      ["screen", "The screen was not shared."],
    ] as const) {
      const failure = { ...DENIED, message };
      expect(viewState({ ...LIVE, kind: "mapped", phase: "failed", failure })).toMatchObject({ title: `The ${noun} is not allowed` });
    }
  });

  it("leaves the picture alone while all is well, and while it is paused", () => {
    expect(viewState(LIVE)).toEqual({ show: "picture" });
    expect(viewState({ ...STARTING, phase: "idle", playing: false })).toEqual({ show: "picture" });
  });

  it("covers a camera that failed, since its last picture would pass for live", () => {
    expect(viewState({ ...LIVE, phase: "failed", failure: DENIED })).toMatchObject({
      show: "card",
      tone: "error",
      text: DENIED.message,
      detail: DENIED.detail,
      action: { do: "retry" },
    });
  });

  it("keeps the last good picture of a mapped stream in sight", () => {
    const mapped = { ...LIVE, kind: "mapped" } as const;
    expect(viewState({ ...mapped, phase: "failed", failure: DENIED })).toMatchObject({ show: "bar", action: { do: "retry" } });
    expect(viewState({ ...mapped, kernelError: RAISED })).toMatchObject({ show: "bar", action: null, detail: "Traceback" });
    expect(viewState({ ...mapped, pictureSeen: false, kernelError: RAISED })).toMatchObject({ show: "card" });
  });

  it("says something even when nobody said why", () => {
    expect(viewState({ ...LIVE, phase: "failed" })).toMatchObject({ show: "card", tone: "error", action: { do: "retry" } });
  });

  it("offers the camera of this page when another one captures", () => {
    expect(viewState({ ...LIVE, capturedElsewhere: true })).toMatchObject({ show: "bar", action: { do: "takeOver" } });
    expect(viewState({ ...STARTING, phase: "idle", capturedElsewhere: true })).toMatchObject({
      show: "card",
      action: { do: "takeOver" },
    });
  });

  it.each([
    [{ ...STARTING, permission: "prompt" }, "Allow the camera", true],
    [STARTING, "Starting the camera", false],
    [{ ...STARTING, kind: "pattern" }, "Starting", false],
    [{ ...STARTING, kind: "mapped" }, "Waiting for the kernel", false],
    [{ ...STARTING, phase: "idle" }, "Waiting for the kernel", false],
  ] as [ViewInputs, string, boolean][])("tells what is waited for (%#)", (inputs, title, hintAtOnce) => {
    expect(viewState(inputs)).toMatchObject({ show: "wait", title, hintAtOnce });
  });

  it("shows the end of a closed stream", () => {
    expect(viewState({ ...LIVE, phase: "stopped", over: true })).toMatchObject({ show: "card", title: "Stopped", action: null });
  });
});
