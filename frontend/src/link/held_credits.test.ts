import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { FrameCredit } from "../protocol/messages.gen";
import { HeldCredits } from "./held_credits";

const credit = (sequence: number): FrameCredit => ({ type: "frame.credit", stream: "s", epoch: 1, sequence });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("a credit leaves a moment after the next frame", () => {
  const sent: number[] = [];
  const held = new HeldCredits(({ sequence }) => sent.push(sequence));
  held.frameSent();
  vi.advanceTimersByTime(20);
  held.take(credit(0));
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(13);
  held.frameSent();
  expect(sent).toEqual([]);
  vi.advanceTimersByTime(15);
  expect(sent).toEqual([0]);
});

test("a credit does not wait for a frame that never comes", () => {
  const sent: number[] = [];
  const held = new HeldCredits(({ sequence }) => sent.push(sequence));
  held.take(credit(0));
  expect(sent).toEqual([0]);
  held.frameSent();
  vi.advanceTimersByTime(30);
  held.take(credit(1));
  vi.advanceTimersByTime(100);
  expect(sent).toEqual([0, 1]);
});
