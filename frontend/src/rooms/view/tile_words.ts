/** What a tile says of its participant, as words and letters. */
import type { ParticipantState } from "./room_face";

/** All that a tile shows of one participant, besides the picture. */
export interface TileFacts {
  /** The participant; empty: this side. */
  readonly peer: string;
  readonly nickname: string;
  readonly state: ParticipantState;
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen: boolean;
  readonly speaking: boolean;
}

/** The mark of a state; null where all is well. */
export interface StateMark {
  readonly text: string;
  readonly title: string;
  /** Whether it passes by itself, as far as one knows. */
  readonly waits: boolean;
}

const MARKS: Readonly<Record<ParticipantState, StateMark | null>> = {
  connected: null,
  connecting: { text: "Connecting …", title: "The two pages look for a way between them", waits: true },
  blocked: { text: "No connection yet", title: "No way between the two pages was found yet; it is still tried", waits: true },
  lost: { text: "Connection lost", title: "Nothing comes from them any more; it is tried anew", waits: true },
  away: { text: "Away", title: "Their page is closed, or loads anew", waits: false },
  relayed: {
    text: "Relayed",
    title: "No direct way between the two pages: picture and sound come over the kernels, in lower quality",
    waits: false,
  },
};

export function stateMark(state: ParticipantState): StateMark | null {
  return MARKS[state];
}

/** Whether their picture can be seen: it comes, or the last one is still there. */
export function hasPicture({ state, camera, screen }: TileFacts): boolean {
  return (camera || screen) && (state === "connected" || state === "relayed" || state === "lost");
}

export function nameOf({ peer, nickname }: Pick<TileFacts, "peer" | "nickname">): string {
  const name = nickname.trim();
  if (peer === "") return name === "" ? "You" : `${name} (you)`;
  return name === "" ? "Somebody" : name;
}

/** The first letter that people see, whatever it is made of; a dot for a name without any. */
export function initialOf(nickname: string): string {
  const [first] = new Intl.Segmenter().segment(nickname.trim());
  return first === undefined ? "·" : first.segment.toUpperCase();
}

/** A hue of the participant's own, which stays while they are there. */
export function hueOf(peer: string): number {
  let sum = 7;
  for (const letter of peer) sum = (31 * sum + (letter.codePointAt(0) ?? 0)) % 360_007;
  return sum % 360;
}

/** The tile as those hear it who don't see it. */
export function describeTile(facts: TileFacts): string {
  const parts = [nameOf(facts)];
  const mark = stateMark(facts.state);
  if (mark !== null) parts.push(mark.text.replace(" …", "").toLowerCase());
  if (!facts.microphone) parts.push("muted");
  if (facts.screen) parts.push("shares a screen");
  else if (!facts.camera) parts.push("no picture");
  return parts.join(", ");
}
