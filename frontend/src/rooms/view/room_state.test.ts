import { describe, expect, it } from "vitest";
import type { RoomInputs } from "./room_state";
import { headcount, roomState } from "./room_state";

const CALL: RoomInputs = {
  state: "joined",
  failure: null,
  gone: false,
  here: true,
  joined: true,
  people: 1,
  room: "standup",
  invite: "ipymedia:…",
  told: "",
  soundBlocked: false,
};
const REFUSED = { reason: "broker_refused", message: "The broker refused the password. Check IPYMEDIA_BROKER.", detail: "code 5" };

describe("roomState", () => {
  it("shows nothing but people while all is well", () => {
    expect(roomState(CALL)).toEqual({ card: null, beside: null, bars: [] });
  });

  it("offers the invite while nobody else is there, where there is one", () => {
    expect(roomState({ ...CALL, people: 0 }).beside).toMatchObject({ title: "Nobody else is here", invites: true });
    expect(roomState({ ...CALL, people: 0, invite: "" }).beside).toMatchObject({ invites: false });
  });

  it("waits beside one's own picture", () => {
    const joining = { ...CALL, state: "joining", joined: false, people: 0 };
    expect(roomState(joining).beside).toMatchObject({ tone: "wait", title: "Joining “standup”" });
    expect(roomState({ ...joining, state: "idle" }).beside).toMatchObject({ title: "Waiting for the kernel" });
  });

  it("says why it failed, in the error's words, and offers another attempt", () => {
    expect(roomState({ ...CALL, state: "failed", joined: false, people: 0, failure: REFUSED }).card).toEqual({
      tone: "error",
      title: "The broker refused",
      text: REFUSED.message,
      detail: "code 5",
      action: { do: "rejoin", name: "Try again" },
    });
    expect(roomState({ ...CALL, state: "failed" }).card).toMatchObject({ title: "The room was not joined" });
  });

  it("offers to come back after one left", () => {
    expect(roomState({ ...CALL, state: "left", joined: false, people: 0 }).card).toMatchObject({
      title: "You left “standup”",
      action: { do: "rejoin", name: "Join again" },
    });
  });

  it("offers nothing that needs a kernel when that is gone", () => {
    expect(roomState({ ...CALL, gone: true, told: "The broker is away." })).toMatchObject({ card: { action: null }, bars: [] });
  });

  it("has a bar for each thing that disturbs, and goes on", () => {
    const { card, bars } = roomState({ ...CALL, here: false, told: "The broker is away.", soundBlocked: true, failure: REFUSED });
    expect(card).toBeNull();
    expect(bars.map(({ tone, text, action }) => [tone, action?.do ?? null, text.length > 0])).toEqual([
      ["error", null, true],
      ["plain", "takeOver", true],
      ["plain", null, true],
      ["plain", "unblockSound", true],
    ]);
  });
});

it("counts this side too", () => {
  expect(headcount(true, 2)).toBe("3 people");
  expect(headcount(true, 0)).toBe("only you");
  expect(headcount(false, 2)).toBe("");
});
