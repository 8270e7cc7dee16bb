import { describe, expect, it } from "vitest";
import { receivedLevel, Voice } from "./speaking";

describe("Voice", () => {
  it("speaks from the first loud moment until it was quiet for a while", () => {
    const voice = new Voice();
    expect(voice.hear(0.001, 0.25)).toBe(false);
    expect(voice.hear(0.2, 0.25)).toBe(true);
    const heard = [0, 0, 0.2, 0, 0, 0, 0].map((level) => {
      voice.hear(level, 0.25);
      return voice.speaking;
    });
    expect(heard).toEqual([true, true, true, true, true, true, false]);
  });
});

const receiver = (sources: readonly { audioLevel?: number; ageMs: number }[]): RTCRtpReceiver => {
  const nowMs = performance.timeOrigin + performance.now();
  const listed = sources.map(({ audioLevel, ageMs }) => ({ audioLevel, timestamp: nowMs - ageMs, rtpTimestamp: 0, source: 1 }));
  return { getSynchronizationSources: () => listed } as unknown as RTCRtpReceiver;
};

describe("receivedLevel", () => {
  it("is that of the loudest source that was heard lately", () => {
    expect(receivedLevel(receiver([{ audioLevel: 0.2, ageMs: 40 }, { audioLevel: 0.9, ageMs: 5000 }]))).toBe(0.2);
  });

  it("is nothing where there is none, or the browser does not tell", () => {
    expect(receivedLevel(undefined)).toBe(0);
    expect(receivedLevel(receiver([]))).toBe(0);
    expect(receivedLevel(receiver([{ ageMs: 40 }]))).toBe(0);
  });
});
