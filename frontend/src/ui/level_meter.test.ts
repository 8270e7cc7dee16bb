import { describe, expect, it } from "vitest";
import { levelOf } from "./level_meter";
import { clock } from "./seek_bar";

describe("levelOf", () => {
  it.each([
    [[0, 0], 0],
    [[1, -1], 1],
    [[0.1, -0.1], 1 - 20 / 60],
    [[0.0001], 0],
    [[4], 1],
  ])("of %j is %f", (samples, level) => {
    expect(levelOf(Float32Array.from(samples))).toBeCloseTo(level, 5);
  });
});

describe("clock", () => {
  it.each([
    [0, "0:00"],
    [75.9, "1:15"],
    [3600 * 2 + 61, "2:01:01"],
    [-1, "0:00"],
  ])("of %d s is %s", (seconds, text) => {
    expect(clock(seconds)).toBe(text);
  });
});
