import { describe, expect, it } from "vitest";
import type { Attempt } from "./capture_error";
import { CaptureFailure, captureFailure, insecureContext } from "./capture_error";

const CAMERA: Attempt = { video: true, audio: false, origin: "https://lab.example" };

function thrown(name: string, message = "", more: object = {}): object {
  return { name, message, ...more };
}

describe("captureFailure", () => {
  it.each([
    ["NotAllowedError", "permission_denied"],
    ["SecurityError", "permission_denied"],
    ["NotFoundError", "no_device"],
    ["NotReadableError", "device_busy"],
    ["AbortError", "device_busy"],
    ["OverconstrainedError", "constraints_unmet"],
    ["TypeError", "bad_argument"],
    ["SomethingNewError", "unknown"],
  ])("gives %s the reason %s, says what was tried and what to do", (name, reason) => {
    const failure = captureFailure(thrown(name), CAMERA);
    expect(failure.reason).toBe(reason);
    expect(failure.message).toMatch(/^The camera was not started: .+\. .+\.$|^The camera was not started: .+\. .+\}\.$/u);
  });

  it("keeps what the browser said as detail", () => {
    expect(captureFailure(thrown("NotReadableError", "Could not start video source"), CAMERA).detail).toBe(
      "Could not start video source",
    );
  });

  it("names the constraint that is not met", () => {
    const failure = captureFailure(thrown("OverconstrainedError", "", { constraint: "width" }), CAMERA);
    expect(failure.message).toContain("“width”");
  });

  it("takes an unmet deviceId for a device that is not there", () => {
    const failure = captureFailure(thrown("OverconstrainedError", "", { constraint: "deviceId" }), CAMERA);
    expect(failure.reason).toBe("no_device");
  });

  it.each([
    ["Permission denied by system", {}, "operating system"],
    ["Permission dismissed", {}, "without an answer"],
    ["Permission denied", {}, "blocked on|block it on https://lab.example"],
    ["Permission denied", { blockedByFrame: true }, "tab of its own"],
  ])("tells who denied it: %s %o", (message, more, expected) => {
    const failure = captureFailure(thrown("NotAllowedError", message), { ...CAMERA, ...more });
    expect(failure.message).toMatch(new RegExp(expected, "u"));
  });

  it("names the device, and what of a running one was to be changed", () => {
    const failure = captureFailure(thrown("NotReadableError"), { ...CAMERA, device: "C270", running: true });
    expect(failure.message).toMatch(/^The camera “C270” was not changed: /u);
    const sound = captureFailure(thrown("NotReadableError"), { ...CAMERA, video: false, audio: true });
    expect(sound.message).toMatch(/^The microphone was not started: /u);
  });

  it("leaves a failure as it is, and takes whatever else may be thrown", () => {
    const failure = new CaptureFailure("no_device", "gone");
    expect(captureFailure(failure, CAMERA)).toBe(failure);
    expect(captureFailure("odd", CAMERA).message).toContain("odd");
    expect(captureFailure(null, CAMERA).reason).toBe("unknown");
  });
});

it("says where the page must be opened when it is not secure", () => {
  const failure = insecureContext("http://lab.example");
  expect(failure.reason).toBe("insecure_context");
  expect(failure.message).toBe(
    "The camera was not started: the browser blocks it on http://lab.example. " +
      "Open the notebook over https, or through ssh -L and http://localhost.",
  );
});
