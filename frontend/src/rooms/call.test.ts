import { describe, expect, it } from "vitest";
import type { RoomCall } from "../protocol/messages.gen";
import { configurationOf } from "./call";
import { parsePulse } from "./pulse";
import { tapOf } from "./relay_upload";

const CALL: RoomCall = { type: "room.call", room: "room", participant: "me", call: "load" };

describe("configurationOf", () => {
  it("names no server that nobody set", () => {
    expect(configurationOf(CALL)).toEqual({ iceServers: [], iceTransportPolicy: "all", bundlePolicy: "max-bundle" });
  });

  it("gives a password only with a name: browsers refuse an empty one", () => {
    const turn = { urls: ["turn:turn.example"], username: "1:me", credential: "x" };
    const { iceServers, iceTransportPolicy } = configurationOf({
      ...CALL,
      ice_servers: [{ urls: ["stun:stun.example"], username: "", credential: "" }, turn],
      relay_only: true,
    });
    expect(iceServers).toEqual([{ urls: ["stun:stun.example"] }, turn]);
    expect(iceTransportPolicy).toBe("relay");
  });
});

describe("parsePulse", () => {
  it("takes what a page says, and nothing else", () => {
    const switches = { microphone: true, camera: false, screen: true };
    expect(parsePulse(JSON.stringify({ ...switches, more: 1 }))).toEqual(switches);
    expect(parsePulse('{"bye":true}')).toBe("bye");
    const others = ["", "null", "[]", "{}", '{"microphone":1,"camera":false,"screen":true}', " ".repeat(2000), new ArrayBuffer(2)];
    expect(others.map((other) => parsePulse(other))).toEqual(others.map(() => null));
  });
});

describe("tapOf", () => {
  it("keeps the kernel's bounds, and sets some where it has none", () => {
    const relay = { type: "room.relay", room: "room", call: "load", relay: "up", epoch: 3, codec: "vp8" } as const;
    expect(tapOf({ ...relay, width: 320, height: 240, max_fps: 15, bitrate_bps: 300_000 })).toEqual({
      type: "tap.start", stream: "up", epoch: 3, codec: "vp8", width: 320, height: 240, max_fps: 15, bitrate_bps: 300_000,
    });
    expect(tapOf(relay).bitrate_bps).toBeGreaterThan(0);
  });
});
