import { element } from "../../ui/element";
import type { ChatPanel } from "./chat_panel";
import { watchRoom } from "./room_context";
import type { RoomFace } from "./room_face";
import { nameOf } from "./tile_words";

/** Says who came and left, and that somebody wrote, to those who hear the page. */
export function renderAnnouncer(live: RoomFace, chat: ChatPanel, signal: AbortSignal): HTMLElement {
  const place = element("div", "ipymedia-heard", { "aria-live": "polite" });
  let known = new Map(live.people.map((person) => [person.peer, nameOf(person)]));
  let unread = chat.unread;
  const say = (text: string): void => {
    place.textContent = text;
  };
  const people = (): void => {
    const now = new Map(live.people.map((person) => [person.peer, nameOf(person)]));
    const came = [...now].filter(([peer]) => !known.has(peer)).map(([, name]) => `${name} joined.`);
    const left = [...known].filter(([peer]) => !now.has(peer)).map(([, name]) => `${name} left.`);
    known = now;
    if (came.length + left.length > 0) say([...came, ...left].join(" "));
  };
  watchRoom(live, ["people", "call"], people, signal);
  chat.addEventListener(
    "change",
    () => {
      if (chat.unread > unread) say(`Message from ${chat.newest}.`);
      unread = chat.unread;
    },
    { signal },
  );
  return place;
}
