/** What the view of a room needs to know of it, and asks it to do; `RoomLive` is one. */
import type { LinkPhase } from "../../link/link";
import type { RoomText } from "../../protocol/messages.gen";

export type ParticipantState = "away" | "connecting" | "connected" | "blocked" | "lost" | "relayed";

/** Somebody else in the room. */
export interface Participant {
  /** Names them; new with each join. */
  readonly peer: string;
  readonly nickname: string;
  /** The model id of their stream. */
  readonly widget: string;
  readonly state: ParticipantState;
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen: boolean;
  /** Whether they were loud lately. */
  readonly speaking: boolean;
}

/** What this side shows and says. */
export interface OwnSide {
  readonly stream: MediaStream | null;
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen: boolean;
  readonly speaking: boolean;
}

/**
 * A room in a page.
 *
 * Events: "people", "speaking", "texts", "told", "own" (the stream, a switch), "call" (joined, left, brought here).
 */
export interface RoomFace extends EventTarget {
  readonly id: string;
  readonly link: EventTarget & { readonly phase: LinkPhase };
  /** Whether this page is the one in the call. */
  readonly here: boolean;
  /** Whether the kernel is in the room. */
  readonly joined: boolean;
  /** The others, in the order in which they came. */
  readonly people: readonly Participant[];
  readonly own: OwnSide;
  readonly texts: readonly RoomText[];
  /** What the user is to know, such as that the broker is away; empty: nothing. */
  readonly told: string;
  /** Whether the browser waits for a click before it plays sound. */
  readonly soundBlocked: boolean;
  /** Where the others are heard: a device's id, empty for the system's choice. Absent where it can't be chosen. */
  readonly speaker?: string;
  useSpeaker?(device: string): Promise<void>;
  setMicrophone(on: boolean): void;
  setCamera(on: boolean): void;
  /** In the click's own event. */
  shareScreen(): Promise<void>;
  stopSharing(): void;
  say(text: string): void;
  rename(nickname: string): void;
  leave(): void;
  rejoin(): void;
  takeOver(): void;
  unblockSound(): void;
}
