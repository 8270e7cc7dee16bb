import type { AnyModel } from "@anywidget/types";
import { element } from "../../ui/element";
import { readString, watchTraits } from "../../ui/traits";
import type { RoomFace } from "./room_face";
import { roomIcon } from "./room_icons";
import { nameOf } from "./tile_words";

/** As long as the kernel takes one. */
const LONGEST_NAME = 64;

/** One's own name, which a click lets be changed in its place: Enter keeps what was written, Escape does not. */
export function renderOwnName(model: AnyModel, live: RoomFace, signal: AbortSignal): HTMLElement {
  const text = element("span", "ipymedia-tile-name");
  const button = element("button", "ipymedia-own-name", { type: "button", title: "Change your name" }, [text, roomIcon("pencil")]);
  const input = element("input", "ipymedia-name-input", {
    type: "text",
    "aria-label": "Your name",
    maxlength: String(LONGEST_NAME),
    autocomplete: "off",
    spellcheck: "false",
  });
  const place = element("span", "ipymedia-name-place", {}, [button]);

  const update = (): void => {
    const name = nameOf({ peer: "", nickname: readString(model, "nickname") });
    text.textContent = name;
    button.ariaLabel = `${name}: change your name`;
  };
  let editing = false;
  const edit = (): void => {
    editing = true;
    input.value = readString(model, "nickname");
    place.replaceChildren(input);
    input.select();
    input.focus();
  };
  const end = (keep: boolean, refocus: boolean): void => {
    if (!editing) return; // the blur of the input that is taken away
    editing = false;
    const name = input.value.trim();
    place.replaceChildren(button);
    if (refocus) button.focus();
    if (!keep || name === "" || name === readString(model, "nickname")) return;
    text.textContent = nameOf({ peer: "", nickname: name }); // the kernel's answer may take a moment
    live.rename(name);
  };
  button.addEventListener("click", edit, { signal });
  input.addEventListener("blur", () => end(true, false), { signal });
  input.addEventListener(
    "keydown",
    (event) => {
      if (event.isComposing || (event.key !== "Enter" && event.key !== "Escape")) return;
      event.preventDefault();
      event.stopPropagation();
      end(event.key === "Enter", true);
    },
    { signal },
  );
  watchTraits(model, ["nickname"], update, signal);
  update();
  return place;
}
