/** A view of a room: who is in it. */
import type { AnyModel } from "@anywidget/types";
import type { Streams } from "../streams/streams";
import { element } from "../ui/element";
import type { RoomLive } from "./room_live";

export function renderRoom(_model: AnyModel, live: RoomLive, _streams: Streams, el: HTMLElement, signal: AbortSignal): void {
  el.classList.add("ipymedia-view");
  const list = element("ul", "ipymedia-room-people");
  const fill = (): void => {
    list.replaceChildren(
      ...live.people.map(({ nickname, state }) => {
        const item = element("li", "");
        item.textContent = `${nickname} (${state})`;
        return item;
      }),
    );
  };
  for (const type of ["people", "call"]) live.addEventListener(type, fill, { signal });
  signal.addEventListener("abort", () => list.remove(), { once: true });
  el.append(list);
  fill();
}
