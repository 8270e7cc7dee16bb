import type { RoomActions } from "./room_actions";

export type RoomKeyAction = "toggleMicrophone" | "toggleCamera" | "toggleScreen" | "toggleChat" | "toggleFullscreen" | "close";

const KEYS: Readonly<Record<string, RoomKeyAction>> = {
  m: "toggleMicrophone",
  v: "toggleCamera",
  s: "toggleScreen",
  c: "toggleChat",
  f: "toggleFullscreen",
  escape: "close",
};

type KeyStroke = Pick<KeyboardEvent, "key" | "ctrlKey" | "altKey" | "metaKey">;

/** What a key does; null where it is not the room's. */
export function roomKey(stroke: KeyStroke): RoomKeyAction | null {
  if (stroke.ctrlKey || stroke.altKey || stroke.metaKey) return null;
  return KEYS[stroke.key.toLowerCase()] ?? null;
}

/** Keyboard of a view that has the focus. The notebook around it gives letters meanings of its own: it must not see them. */
export function bindRoomKeys(room: HTMLElement, actions: RoomActions, signal: AbortSignal): void {
  const onKey = (event: KeyboardEvent): void => {
    if (isText(event.target)) {
      // What is typed is text, neither ours nor the notebook's. Saving the notebook stays its own.
      if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
      if (event.key === "Escape" && actions.close()) event.preventDefault();
      return;
    }
    const action = roomKey(event);
    if (action === null) return;
    if (action === "close") {
      if (!actions.close()) return; // the notebook's: the cell's command mode
      event.stopPropagation();
      return;
    }
    event.stopPropagation();
    event.preventDefault();
    if (!event.repeat) actions[action]();
  };
  room.addEventListener("keydown", onKey, { signal });
}

function isText(target: EventTarget | null): boolean {
  return target instanceof HTMLTextAreaElement || (target instanceof HTMLInputElement && target.type === "text");
}
