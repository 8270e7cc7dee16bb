import { describe, expect, it } from "vitest";
import type { TrackWish } from "./constraints";
import { completeConstraints, planTrack, readOptions } from "./constraints";

function wish(constraints: MediaTrackConstraints | null, device = ""): TrackWish {
  return { constraints, device };
}

describe("readOptions", () => {
  it("completes what is missing, and does not trust what is there", () => {
    expect(readOptions({ constraints: { audio: true, video: { width: 1280 } }, device: "C270" })).toEqual({
      video: { width: 1280 },
      audio: {},
      device: "C270",
      microphone: "",
    });
    expect(readOptions(null)).toEqual({ video: {}, audio: null, device: "", microphone: "" });
    expect(readOptions({ constraints: { video: false, audio: [1] }, device: 3 })).toMatchObject({
      video: null,
      audio: null,
      device: "",
    });
  });
});

describe("completeConstraints", () => {
  const remembered = { id: "last", present: false };

  it("demands a named device, and drops what would choose another", () => {
    const wanted = { facingMode: "user", width: 640 };
    expect(completeConstraints(wanted, "id", remembered)).toEqual({ width: 640, deviceId: { exact: "id" } });
    expect(wanted).toEqual({ facingMode: "user", width: 640 });
  });

  it("demands the last choice only where it is there, so that its absence is no failure", () => {
    expect(completeConstraints({ width: 640 }, null, remembered)).toEqual({ width: 640, deviceId: { ideal: "last" } });
    expect(completeConstraints({}, null, { ...remembered, present: true })).toEqual({ deviceId: { exact: "last" } });
  });

  it("leaves the choice to constraints that choose", () => {
    expect(completeConstraints({ facingMode: "environment" }, null, remembered)).toEqual({ facingMode: "environment" });
  });
});

describe("planTrack", () => {
  it.each([
    ["nothing runs and nothing is wanted", null, wish(null), "keep"],
    ["nothing runs", null, wish({}), "open"],
    ["it is not wanted any more", wish({}), wish(null), "close"],
    ["it was not wanted before", wish(null), wish({}), "open"],
    ["nothing changed but the order of keys", wish({ width: 1, height: 2 }), wish({ height: 2, width: 1 }), "keep"],
    ["the size changed", wish({ width: 640 }), wish({ width: { ideal: 1280 } }), "apply"],
    ["a constraint went away", wish({ width: 640 }), wish({}), "apply"],
    ["the device changed", wish({}), wish({}, "other"), "open"],
    ["the side changed", wish({ facingMode: "user" }), wish({ facingMode: "environment" }), "open"],
  ] as const)("when %s", (_case, before, after, expected) => {
    expect(planTrack(before, after)).toBe(expected);
  });
});
