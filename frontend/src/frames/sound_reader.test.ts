import { describe, expect, it } from "vitest";
import { SOUND_FRAME_SAMPLES, SOUND_RATE } from "../protocol/messages.gen";
import { FrameCutter, SampleClock } from "./sound_reader";

const ramp = (from: number, length: number): Float32Array => Float32Array.from({ length }, (_, index) => from + index);

describe("frames of sound", () => {
  it("have one length, whatever the buffers are, and lose nothing", () => {
    const heard: number[] = [];
    const cutter = new FrameCutter(([left]) => {
      expect(left).toHaveLength(SOUND_FRAME_SAMPLES);
      heard.push(...(left ?? []));
    });
    let at = 0;
    for (const length of [480, 480, 1, 2047, 128, 128, 3000]) {
      cutter.add([ramp(at, length)]);
      at += length;
    }
    expect(heard).toEqual([...ramp(0, at - (at % SOUND_FRAME_SAMPLES))]);
  });

  it("keep what they were given when more is added", () => {
    const frames: Float32Array[] = [];
    const cutter = new FrameCutter(([left]) => frames.push(left ?? new Float32Array()));
    cutter.add([ramp(0, SOUND_FRAME_SAMPLES)]);
    cutter.add([ramp(5000, SOUND_FRAME_SAMPLES)]);
    expect(frames.map((frame) => frame[0])).toEqual([0, 5000]);
  });

  it("change the number of their channels", () => {
    const counts: number[] = [];
    const cutter = new FrameCutter((channels) => counts.push(channels.length));
    cutter.add([ramp(0, SOUND_FRAME_SAMPLES)]);
    cutter.add([ramp(0, SOUND_FRAME_SAMPLES), ramp(1, SOUND_FRAME_SAMPLES)]);
    cutter.add([ramp(0, SOUND_FRAME_SAMPLES)]);
    expect(counts).toEqual([1, 2, 1]);
  });

  it("are silent for as long as nothing came", () => {
    let nowS = 100;
    const times: number[] = [];
    const values: number[] = [];
    const cutter = new FrameCutter(
      ([left], timeUs) => {
        times.push(timeUs / 1e6);
        values.push(left?.[0] ?? NaN);
      },
      new SampleClock(() => nowS),
    );
    cutter.add([new Float32Array(SOUND_FRAME_SAMPLES).fill(1)]);
    nowS += 0.4;
    cutter.fillUp();
    expect(values).toEqual([1, ...Array.from({ length: 20 }, () => 0)]);
    expect(times[0]).toBeCloseTo(99.98, 3);
    expect(times[20]).toBeCloseTo(100.38, 2);
    cutter.fillUp(); // all is there
    expect(values).toHaveLength(21);
  });
});

it("is not silent for a night that the computer slept", () => {
  let nowS = 100;
  const times: number[] = [];
  const cutter = new FrameCutter((_, timeUs) => times.push(timeUs / 1e6), new SampleClock(() => nowS));
  cutter.add([new Float32Array(SOUND_FRAME_SAMPLES)]);
  nowS += 8 * 3600;
  cutter.fillUp();
  expect(times).toHaveLength(1);
  cutter.add([new Float32Array(SOUND_FRAME_SAMPLES)]);
  expect(times[1]).toBeCloseTo(nowS - 0.02, 3);
});

describe("the clock of samples", () => {
  it("takes no frame that came late for one that was captured late", () => {
    let nowS = 50;
    const clock = new SampleClock(() => nowS);
    const times: number[] = [];
    for (let frame = 1; frame <= 100; frame += 1) {
      nowS = 50 + (frame * SOUND_FRAME_SAMPLES) / SOUND_RATE + (frame % 7 === 0 ? 0.05 : 0);
      times.push(clock.startUs(frame * SOUND_FRAME_SAMPLES));
    }
    const steps = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    expect(Math.max(...steps)).toBeLessThan(20_100);
    expect(Math.min(...steps)).toBeGreaterThan(19_800);
  });
});
