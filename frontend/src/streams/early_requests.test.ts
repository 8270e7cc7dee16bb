import { describe, expect, it } from "vitest";
import type { Request } from "./early_requests";
import { EarlyRequests } from "./early_requests";

type Listener = (request: Request) => void;

function setUp(): { early: EarlyRequests; come: (stream: string, epoch: number) => void } {
  const listeners = new Map<string, Listener>();
  const early = new EarlyRequests({ on: ((type: string, listener: Listener) => listeners.set(type, listener)) as never });
  const come = (stream: string, epoch: number): void =>
    listeners.get("tap.stop")?.({ type: "tap.stop", stream, epoch });
  return { early, come };
}

describe("what is asked before the stream is there", () => {
  it("is kept for it, in order, and given once", () => {
    const { early, come } = setUp();
    come("a", 1);
    come("b", 2);
    come("a", 3);
    const { signal } = new AbortController();
    expect(early.claim("a", signal).map((request) => "epoch" in request && request.epoch)).toEqual([1, 3]);
    come("a", 4);
    expect(early.claim("a", signal)).toEqual([]);
    expect(early.claim("b", signal)).toHaveLength(1);
  });

  it("is bounded, and kept again when the stream is gone", () => {
    const { early, come } = setUp();
    const first = new AbortController();
    early.claim("a", first.signal);
    first.abort();
    for (let epoch = 0; epoch < 100; epoch += 1) come("a", epoch);
    expect(early.claim("a", new AbortController().signal)).toHaveLength(32);
  });
});
