import { describe, expect, it } from "vitest";
import { ROOM_MOST_PEOPLE } from "../protocol/messages.gen";
import { encodingLimits } from "./encoding";

describe("encodingLimits", () => {
  it("leaves a camera as it is where few are sent to", () => {
    expect(encodingLimits(640, 480, false, 1)).toEqual({ maxBitrate: 1_290_240, maxFramerate: 30, scaleResolutionDownBy: 1 });
    expect(encodingLimits(640, 480, false, 3).scaleResolutionDownBy).toBe(1);
  });

  it("sends to all together what it would send to one", () => {
    for (let others = 1; others < ROOM_MOST_PEOPLE; others += 1) {
      const { maxBitrate, scaleResolutionDownBy } = encodingLimits(1920, 1080, false, others);
      expect(others * (1920 * 1080) / scaleResolutionDownBy ** 2).toBeCloseTo(1280 * 720);
      expect(others * maxBitrate).toBeLessThanOrEqual(5_000_000);
    }
  });

  it("keeps a screen legible rather than smooth", () => {
    const screen = encodingLimits(1920, 1080, true, 1);
    expect(screen.scaleResolutionDownBy).toBe(1);
    expect(screen.maxFramerate).toBe(15);
  });

  it("gives small pictures, and tracks that do not tell their size, a rate that they can be coded with", () => {
    for (const [width, height] of [[0, 0], [160, 120]] as const) {
      expect(encodingLimits(width, height, false, 5)).toEqual({ maxBitrate: 150_000, maxFramerate: 20, scaleResolutionDownBy: 1 });
    }
  });
});
