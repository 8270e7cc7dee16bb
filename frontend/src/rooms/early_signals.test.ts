import { describe, expect, it } from "vitest";
import type { RoomSignal } from "../protocol/messages.gen";
import { EarlySignals } from "./early_signals";

const said = (sdp: string, to: Partial<RoomSignal> = {}): RoomSignal => ({
  type: "room.signal",
  room: "room",
  peer: "ada",
  own_call: "hers",
  call: "mine",
  attempt: 0,
  description: { kind: "offer", sdp },
  ...to,
});
const KEY = { peer: "ada", call: "hers", ownCall: "mine", attempt: 0 } as const;
const texts = (signals: readonly RoomSignal[]): (string | undefined)[] => signals.map(({ description }) => description?.sdp);

describe("EarlySignals", () => {
  it("gives a connection what was said to it, in order and once", () => {
    const early = new EarlySignals();
    for (const signal of [said("1"), said("2", { peer: "bob" }), said("3")]) early.keep(signal);
    expect(texts(early.claim(KEY))).toEqual(["1", "3"]);
    expect(early.claim(KEY)).toEqual([]);
    expect(texts(early.claim({ ...KEY, peer: "bob" }))).toEqual(["2"]);
  });

  it("forgets what was said to older connections, and keeps it for later ones", () => {
    const early = new EarlySignals();
    early.keep(said("before my reload", { call: "mine, before" }));
    early.keep(said("the attempt before"));
    early.keep(said("the next attempt", { attempt: 2 }));
    early.keep(said("after her reload", { own_call: "hers, later" }));
    expect(early.claim({ ...KEY, attempt: 1 })).toEqual([]);
    expect(texts(early.claim({ ...KEY, attempt: 2 }))).toEqual(["the next attempt"]);
    expect(texts(early.claim({ ...KEY, call: "hers, later" }))).toEqual(["after her reload"]);
    expect(early.claim({ ...KEY, ownCall: "mine, before" })).toEqual([]);
  });

  it("keeps the newest of a flood", () => {
    const early = new EarlySignals();
    for (let index = 0; index < 1000; index += 1) early.keep(said(String(index)));
    const kept = texts(early.claim(KEY));
    expect(kept.length).toBe(96);
    expect(kept.at(-1)).toBe("999");
  });
});
