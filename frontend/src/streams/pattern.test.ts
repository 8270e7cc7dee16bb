import { expect, it } from "vitest";
import { readPatternOptions } from "./pattern";
import { timeOfDay } from "./test_card";

it("takes options as they are, and bounds those that would stop the page", () => {
  expect(readPatternOptions({ width: 1280, height: 720, fps: 60 })).toEqual({ width: 1280, height: 720, fps: 60 });
  expect(readPatternOptions({ width: 1e9, height: -1, fps: Number.NaN })).toEqual({ width: 4096, height: 16, fps: 30 });
  expect(readPatternOptions(undefined)).toEqual({ width: 640, height: 480, fps: 30 });
});

it("writes the time of day to the millisecond", () => {
  expect(timeOfDay(new Date(2026, 0, 31, 4, 5, 9, 7))).toBe("04:05:09.007");
});
