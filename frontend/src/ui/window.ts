/** What makes a player OpenCV's window: a title, and keys that go to the program instead of to the player. */
import type { AnyModel } from "@anywidget/types";
import type { LiveStream } from "../streams/live_stream";
import { element } from "./element";
import { readBoolean, readString, watchTraits } from "./traits";

/** Keys that only change what others mean, and the one that leads on to the next element. */
const NOT_SENT = new Set(["Shift", "Control", "Alt", "Meta", "AltGraph", "CapsLock", "Dead", "Tab"]);

/** The title; empty, and hidden by its style, where the model has none. */
export function renderTitle(model: AnyModel, player: HTMLElement, signal: AbortSignal): HTMLElement {
  const takesKeys = readBoolean(model, "_takes_keys", false);
  const name = element("span", "ipymedia-window-name");
  const hint = element("span", "ipymedia-window-hint", {}, ["click to type"]);
  const title = element("div", "ipymedia-window-title", {}, takesKeys ? [name, hint] : []);
  if (!takesKeys) return title;
  player.dataset["takesKeys"] = "true";
  const update = (): void => {
    name.textContent = readString(model, "title");
    player.setAttribute("aria-label", `Window ${readString(model, "title")}: what you type goes to the program`);
  };
  watchTraits(model, ["title"], update, signal);
  update();
  return title;
}

/** Sends what is typed on the focused picture to the kernel; the player's own keys do nothing then. */
export function sendKeys(model: AnyModel, live: LiveStream, player: HTMLElement, signal: AbortSignal): void {
  if (!readBoolean(model, "_takes_keys", false)) return;
  const onKey = (event: KeyboardEvent): void => {
    // On a button, a key is the button's.
    if (event.target !== player || event.ctrlKey || event.altKey || event.metaKey || NOT_SENT.has(event.key)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    live.link.send({ type: "key.typed", stream: live.id, key: event.key });
  };
  player.addEventListener("keydown", onKey, { capture: true, signal });
}
