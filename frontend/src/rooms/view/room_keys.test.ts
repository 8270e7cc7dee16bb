import { expect, it } from "vitest";
import { roomKey } from "./room_keys";

const stroke = { key: "m", ctrlKey: false, altKey: false, metaKey: false };

it.each([
  ["m", "toggleMicrophone"],
  ["V", "toggleCamera"],
  ["s", "toggleScreen"],
  ["c", "toggleChat"],
  ["f", "toggleFullscreen"],
  ["Escape", "close"],
  ["x", null],
  [" ", null],
])("%j does %s", (key, action) => {
  expect(roomKey({ ...stroke, key })).toBe(action);
});

it("leaves combinations to the notebook: Ctrl+S saves it, Ctrl+C copies", () => {
  expect(roomKey({ ...stroke, key: "s", ctrlKey: true })).toBeNull();
  expect(roomKey({ ...stroke, key: "c", metaKey: true })).toBeNull();
});
