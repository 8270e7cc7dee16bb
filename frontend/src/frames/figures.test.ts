import { describe, expect, it } from "vitest";
import { Meter } from "./figures";

function metered(count: number, everyMs: number, latencyMs: (index: number) => number): Meter {
  const meter = new Meter();
  for (let index = 0; index < count; index += 1) meter.presented(1000 + index * everyMs, latencyMs(index));
  return meter;
}

describe("Meter", () => {
  it("knows nothing before two frames were shown", () => {
    expect(new Meter().fps(0)).toBe(0);
    expect(new Meter().latencyMs(0, 0.5)).toBe(0);
    expect(metered(1, 40, () => 5).fps(1000)).toBe(0);
  });

  it("counts the frames of the last two seconds", () => {
    const meter = metered(100, 40, () => 20);
    expect(meter.fps(1000 + 99 * 40)).toBeCloseTo(25);
    expect(meter.fps(1000 + 99 * 40 + 5000)).toBe(0);
  });

  it("gives quantiles of the latency", () => {
    const meter = metered(20, 50, (index) => index + 1);
    expect(meter.latencyMs(1950, 0.5)).toBe(11);
    expect(meter.latencyMs(1950, 0.95)).toBe(20);
    expect(meter.latencyMs(1950, 0)).toBe(1);
  });

  it("forgets what is older than two seconds", () => {
    const meter = metered(200, 40, (index) => (index < 140 ? 500 : 10));
    expect(meter.latencyMs(1000 + 199 * 40, 1)).toBe(10);
  });
});
