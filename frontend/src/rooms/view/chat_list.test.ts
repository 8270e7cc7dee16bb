import { describe, expect, it } from "vitest";
import type { RoomText } from "../../protocol/messages.gen";
import { chatLines, lengthOf, lengthRemark, LONGEST_TEXT, Unread } from "./chat_list";

function said(id: string, peer: string, time_ms: number, nickname = peer): RoomText {
  return { id, peer, nickname, time_ms, text: `text ${id}` };
}

describe("chatLines", () => {
  it("puts one name above what somebody says in a row", () => {
    const lines = chatLines([said("1", "ada", 0), said("2", "ada", 1000), said("3", "", 2000), said("4", "ada", 3000)]);
    expect(lines.map(({ head, own }) => [head, own])).toEqual([
      [true, false],
      [false, false],
      [true, true],
      [true, false],
    ]);
  });

  it("names them again after a while, or under another name", () => {
    expect(chatLines([said("1", "ada", 0), said("2", "ada", 6 * 60_000)]).map(({ head }) => head)).toEqual([true, true]);
    expect(chatLines([said("1", "ada", 0), said("2", "ada", 1, "Ada L.")]).map(({ head }) => head)).toEqual([true, true]);
  });
});

describe("Unread", () => {
  it("counts what others said, until it was seen", () => {
    const unread = new Unread(100);
    const texts = [said("1", "ada", 100), said("2", "", 101), said("3", "bob", 102)];
    expect(unread.of(texts).map(({ id }) => id)).toEqual(["1", "3"]);
    unread.see(texts);
    expect(unread.of([...texts, said("4", "bob", 103)]).map(({ id }) => id)).toEqual(["4"]);
  });

  it("takes what was said before this view was there for read", () => {
    expect(new Unread(100).of([said("1", "ada", 99)])).toEqual([]);
  });
});

it("says how long a text may be, when it nears that", () => {
  expect(lengthOf("a👍🏽")).toBe(3);
  expect(lengthRemark(20)).toBe("");
  expect(lengthRemark(9_990)).toBe("10 characters left");
  expect(lengthRemark(LONGEST_TEXT)).toBe("0 characters left");
  expect(lengthRemark(LONGEST_TEXT + 1234)).toBe("1\u202F234 characters too long: 10\u202F000 is the most.");
});
