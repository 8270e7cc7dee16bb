import { describe, expect, it } from "vitest";
import type { TileFacts } from "./tile_words";
import { describeTile, hasPicture, hueOf, initialOf, nameOf, stateMark } from "./tile_words";

const ADA: TileFacts = {
  peer: "a1",
  nickname: "Ada",
  state: "connected",
  microphone: true,
  camera: true,
  screen: false,
  speaking: false,
};

it("names this side, and those without a name", () => {
  expect(nameOf(ADA)).toBe("Ada");
  expect(nameOf({ peer: "", nickname: "Bob" })).toBe("Bob (you)");
  expect(nameOf({ peer: "", nickname: " " })).toBe("You");
  expect(nameOf({ peer: "x", nickname: "" })).toBe("Somebody");
});

it("takes the first letter that is seen", () => {
  expect(initialOf(" ada")).toBe("A");
  expect(initialOf("👩🏽‍🔬 Marie")).toBe("👩🏽‍🔬");
  expect(initialOf("é")).toBe("É");
  expect(initialOf("  ")).toBe("·");
});

describe("a tile", () => {
  it("has a mark for each state but the one in which all is well", () => {
    expect(stateMark("connected")).toBeNull();
    for (const state of ["away", "connecting", "blocked", "lost", "relayed"] as const) expect(stateMark(state)?.text).toBeTruthy();
  });

  it("keeps the last picture of a lost peer, and none of one who is away", () => {
    expect(hasPicture(ADA)).toBe(true);
    expect(hasPicture({ ...ADA, state: "lost" })).toBe(true);
    expect(hasPicture({ ...ADA, state: "away" })).toBe(false);
    expect(hasPicture({ ...ADA, camera: false })).toBe(false);
    expect(hasPicture({ ...ADA, camera: false, screen: true })).toBe(true);
  });

  it("is described with what its marks say", () => {
    expect(describeTile(ADA)).toBe("Ada");
    expect(describeTile({ ...ADA, microphone: false, camera: false, state: "connecting" })).toBe("Ada, connecting, muted, no picture");
    expect(describeTile({ ...ADA, screen: true })).toBe("Ada, shares a screen");
  });

  it("has a hue that stays", () => {
    expect(hueOf("a1")).toBe(hueOf("a1"));
    expect(hueOf("a1")).not.toBe(hueOf("b7"));
    expect(hueOf("")).toBeLessThan(360);
  });
});
