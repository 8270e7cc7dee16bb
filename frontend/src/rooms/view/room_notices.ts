import { element } from "../../ui/element";
import { icon } from "../../ui/icons";
import type { RoomAction, RoomNotice } from "./room_state";

export type Act = (action: RoomAction) => void;

/** A card in place of the grid, or a bar above it. */
export function renderNotice(notice: RoomNotice, shape: "card" | "bar", act: Act): HTMLElement {
  const { tone, title, text, detail, action } = notice;
  const words = element("div", "ipymedia-words");
  if (title !== "") words.append(element("div", "ipymedia-title", {}, [title]));
  if (text !== "") words.append(element("div", "ipymedia-text", {}, [text]));
  const box = element("div", `ipymedia-message ipymedia-${shape} ipymedia-${tone}`, { role: tone === "error" ? "alert" : "status" });
  if (tone === "error") box.append(element("span", "ipymedia-sign", {}, [icon("warning")]));
  if (tone === "wait") box.append(element("span", "ipymedia-spinner", { "aria-hidden": "true" }));
  box.append(words);
  if (action !== null) {
    const button = element("button", "ipymedia-action", { type: "button" }, [action.name]);
    button.addEventListener("click", () => act(action.do));
    box.append(button);
  }
  if (detail !== "") {
    box.append(
      element("details", "ipymedia-details", {}, [
        element("summary", "", {}, ["Details"]),
        element("pre", "", { tabindex: "0" }, [detail]),
      ]),
    );
  }
  return box;
}

/** Shows notices in a place; makes them anew only when they say something else, so that what was opened stays open. */
export class NoticePlace {
  readonly element: HTMLElement;
  readonly #shape: "card" | "bar";
  readonly #act: Act;
  #shown = "[]";

  constructor(className: string, shape: "card" | "bar", act: Act) {
    this.element = element("div", className);
    this.#shape = shape;
    this.#act = act;
  }

  /** Whether there was anything else to show than before. `more` stands below the notices. */
  show(notices: readonly RoomNotice[], more: readonly HTMLElement[] = []): boolean {
    const key = JSON.stringify([notices, more.length]);
    if (key === this.#shown) return false;
    this.#shown = key;
    const boxes = notices.map((notice) => renderNotice(notice, this.#shape, this.#act));
    boxes.at(-1)?.append(...more);
    this.element.replaceChildren(...boxes);
    return true;
  }
}
