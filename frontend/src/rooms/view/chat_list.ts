/** The chat as data: whose line it is, what stands above it, what was not read. */
import type { RoomText } from "../../protocol/messages.gen";

/** How many characters a line may have; the kernel drops a longer one. */
export const LONGEST_TEXT = 10_000;

/** From which length on the view says how many are left. */
const SAID_FROM = 9_000;

/** Lines of one person within this time stand under one name. */
const TOGETHER_MS = 5 * 60_000;

export interface ChatLine {
  readonly id: string;
  readonly own: boolean;
  readonly nickname: string;
  readonly timeMs: number;
  readonly text: string;
  /** Whether name and time stand above it. */
  readonly head: boolean;
}

export function chatLines(texts: readonly RoomText[]): ChatLine[] {
  return texts.map(({ id, peer, nickname, time_ms, text }, index) => {
    const before = texts[index - 1];
    const together =
      before !== undefined &&
      before.peer === peer &&
      before.nickname === nickname &&
      Math.abs(time_ms - before.time_ms) < TOGETHER_MS;
    return { id, own: peer === "", nickname, timeMs: time_ms, text, head: !together };
  });
}

/** What was said by others since the chat was last in sight; older lines that only came late are not news. */
export class Unread {
  readonly #sinceMs: number;
  readonly #seen = new Set<string>();

  constructor(sinceMs: number) {
    this.#sinceMs = sinceMs;
  }

  see(texts: readonly RoomText[]): void {
    for (const { id } of texts) this.#seen.add(id);
  }

  of(texts: readonly RoomText[]): readonly RoomText[] {
    return texts.filter(({ id, peer, time_ms }) => peer !== "" && time_ms >= this.#sinceMs && !this.#seen.has(id));
  }
}

/** As the kernel counts: an emoji is one character. */
export function lengthOf(text: string): number {
  return Array.from(text).length;
}

/** What to say of a draft's length; empty while it is far from the limit. */
export function lengthRemark(length: number): string {
  if (length > LONGEST_TEXT) return `${grouped(length - LONGEST_TEXT)} characters too long: ${grouped(LONGEST_TEXT)} is the most.`;
  return length < SAID_FROM ? "" : `${grouped(LONGEST_TEXT - length)} characters left`;
}

function grouped(count: number): string {
  return String(count).replace(/(?<=\d)(?=(?:\d{3})+$)/gu, "\u202F");
}
