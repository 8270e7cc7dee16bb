import type { PlayerActions } from "./player_actions";

export type KeyAction = "togglePlaying" | "toggleMuted" | "toggleFullscreen" | "takeSnapshot" | "toggleBadge" | "seekBack" | "seekOn";

const KEYS: Readonly<Record<string, KeyAction>> = {
  " ": "togglePlaying",
  m: "toggleMuted",
  f: "toggleFullscreen",
  s: "takeSnapshot",
  i: "toggleBadge",
  arrowleft: "seekBack",
  arrowright: "seekOn",
};

/** Keys that only a film takes, and that go on while they are held. */
const SEEKING = { seekBack: true, seekOn: true } as const;

type KeyStroke = Pick<KeyboardEvent, "key" | "ctrlKey" | "altKey" | "metaKey" | "repeat">;

/** What a key does; null where it is not the player's. */
export function keyAction(stroke: KeyStroke): KeyAction | null {
  if (stroke.ctrlKey || stroke.altKey || stroke.metaKey) return null;
  return KEYS[stroke.key.toLowerCase()] ?? null;
}

/** Keyboard of a focused player. The notebook around it gives letters and space meanings of its own: it must not see them. */
export function bindKeys(player: HTMLElement, actions: PlayerActions, signal: AbortSignal): void {
  const onKey = (event: KeyboardEvent): void => {
    const action = keyAction(event);
    if (action === null) return;
    if (action in SEEKING && !(actions.seeks() && event.target === player)) return;
    event.stopPropagation();
    // Space on a button, a summary or an item of a menu is a click on that.
    if (event.key === " " && event.target !== player) return;
    event.preventDefault();
    if (!event.repeat || action in SEEKING) actions[action]();
  };
  player.addEventListener("keydown", onKey, { signal });
}
