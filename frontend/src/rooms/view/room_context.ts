import type { AnyModel } from "@anywidget/types";
import type { Streams } from "../../streams/streams";
import type { OwnStream } from "./own_stream";
import type { RoomFace } from "./room_face";

/** What the parts of a room's view share. */
export interface RoomContext {
  readonly model: AnyModel;
  readonly live: RoomFace;
  readonly streams: Streams;
  readonly own: OwnStream;
}

/** Calls back at each of the room's events, until the signal aborts. */
export function watchRoom(live: RoomFace, events: readonly RoomEvent[], callback: () => void, signal: AbortSignal): void {
  for (const event of events) live.addEventListener(event, callback, { signal });
}

export type RoomEvent = "people" | "speaking" | "texts" | "told" | "own" | "call";
