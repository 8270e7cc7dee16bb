/** What the view shows besides people: a card in place of the grid, a tile while nobody else is there, bars. */
import type { Failure } from "../../streams/failure";

export interface RoomInputs {
  /** The trait: idle, joining, joined, left or failed. */
  readonly state: string;
  readonly failure: Failure | null;
  /** Whether the kernel is gone. */
  readonly gone: boolean;
  readonly here: boolean;
  readonly joined: boolean;
  /** The others. */
  readonly people: number;
  readonly room: string;
  /** Empty where the room is within one kernel. */
  readonly invite: string;
  readonly told: string;
  readonly soundBlocked: boolean;
}

export type RoomAction = "rejoin" | "takeOver" | "unblockSound" | "bringBack";

export interface RoomNotice {
  readonly tone: "error" | "plain" | "wait";
  readonly title: string;
  readonly text: string;
  readonly detail: string;
  readonly action: { readonly do: RoomAction; readonly name: string } | null;
}

export interface RoomState {
  /** In place of the grid. */
  readonly card: RoomNotice | null;
  /** As a tile beside one's own, while there is nobody else. */
  readonly beside: (RoomNotice & { readonly invites: boolean }) | null;
  readonly bars: readonly RoomNotice[];
}

/** Headlines for people; where a reason has none, "The room was not joined" says enough. */
const TITLES: Readonly<Record<string, string>> = {
  bad_invite: "The invite can't be read",
  bad_name: "The room's name can't be used",
  no_broker: "There is no broker",
  broker_unreachable: "The broker can't be reached",
  broker_refused: "The broker refused",
  bad_certificate: "The broker's certificate is not trusted",
  room_full: "The room is full",
  other_version: "The versions do not match",
};

/** "“standup”", or nothing for a room without a name. */
function quoted(room: string): string {
  return room === "" ? "the room" : `“${room}”`;
}

export function roomState(inputs: RoomInputs): RoomState {
  const card = cardOf(inputs);
  if (card !== null) return { card, beside: null, bars: [] };
  return { card: null, beside: besideOf(inputs), bars: barsOf(inputs) };
}

function cardOf({ state, failure, gone, room }: RoomInputs): RoomNotice | null {
  if (gone) {
    const text = "It ended or was started anew, and with it the call. Run the cell again.";
    return plain("The kernel is gone", text);
  }
  if (state === "failed") {
    const { reason, message, detail } = failure ?? {
      reason: "unknown",
      message: "Nothing said why. Try again; if that does not help, run the cell again.",
    };
    return {
      tone: "error",
      title: TITLES[reason] ?? "The room was not joined",
      text: message,
      detail: detail ?? "",
      action: { do: "rejoin", name: "Try again" },
    };
  }
  if (state === "left") return plain(`You left ${quoted(room)}`, "", { do: "rejoin", name: "Join again" });
  return null;
}

function besideOf({ state, joined, people, room, invite }: RoomInputs): RoomState["beside"] {
  if (people > 0) return null;
  if (state === "idle") {
    const text = "It may be busy. If it was restarted, run the cell again.";
    return { ...plain("Waiting for the kernel", text), tone: "wait", invites: false };
  }
  if (state === "joining" || !joined) return { ...plain(`Joining ${quoted(room)}`, ""), tone: "wait", invites: false };
  const text =
    invite === ""
      ? `Another room of the name ${quoted(room)} in this notebook meets you here.`
      : "Send the invite to whom you want to meet.";
  return { ...plain("Nobody else is here", text), invites: invite !== "" };
}

function barsOf({ failure, here, joined, told, soundBlocked }: RoomInputs): RoomNotice[] {
  const bars: RoomNotice[] = [];
  if (failure !== null) {
    bars.push({ tone: "error", title: "Not everything works", text: failure.message, detail: failure.detail ?? "", action: null });
  }
  if (joined && !here) {
    const text = "Another page of this notebook is in the call; this one only shows it.";
    bars.push(plain("The call is in another page", text, { do: "takeOver", name: "Bring it here" }));
  }
  if (told !== "") bars.push(plain("", told));
  if (soundBlocked) {
    const text = "The browser plays it only after a click.";
    bars.push(plain("You don't hear the others yet", text, { do: "unblockSound", name: "Play the sound" }));
  }
  return bars;
}

function plain(title: string, text: string, action: RoomNotice["action"] = null): RoomNotice {
  return { tone: "plain", title, text, detail: "", action };
}

/** In the notebook, while people are in a window of their own. */
export const IN_WINDOW: RoomNotice = plain("The call is in a window of its own", "", { do: "bringBack", name: "Bring it back" });

/** "3 people", with this side; empty while it is not in the room. */
export function headcount(joined: boolean, others: number): string {
  if (!joined) return "";
  return others === 0 ? "only you" : `${others + 1} people`;
}
