/** One view of a room: everybody as tiles, a toolbar, a text chat, and what there is to say. */
import type { AnyModel } from "@anywidget/types";
import type { Streams } from "../streams/streams";
import { element } from "../ui/element";
import { Remark } from "../ui/remark";
import { readError, readString, watchTraits } from "../ui/traits";
import { renderAnnouncer } from "./view/announcer";
import { ChatPanel } from "./view/chat_panel";
import { renderInvite } from "./view/invite";
import { OwnStream } from "./view/own_stream";
import { People } from "./view/people";
import type { RoomActions } from "./view/room_actions";
import { roomActions } from "./view/room_actions";
import type { RoomContext } from "./view/room_context";
import { watchRoom } from "./view/room_context";
import type { RoomFace } from "./view/room_face";
import { bindRoomKeys } from "./view/room_keys";
import { NoticePlace } from "./view/room_notices";
import type { RoomAction, RoomState } from "./view/room_state";
import { headcount, IN_WINDOW, roomState } from "./view/room_state";
import { installInTree, installRoomStyle } from "./view/room_style";
import { RoomWindow } from "./view/room_window";
import { Toolbar } from "./view/toolbar";

/** Lives in `el` until the signal aborts; `live` is shared by all views of the room in this page. */
export function renderRoom(model: AnyModel, live: RoomFace, streams: Streams, el: HTMLElement, signal: AbortSignal): void {
  if (signal.aborted) return;
  installRoomStyle(document);
  el.classList.add("ipymedia-view");
  const context: RoomContext = { model, live, streams, own: new OwnStream(model, streams, signal) };

  // JupyterLab's keyboard shortcuts leave elements with this mark alone.
  const room = element("div", "ipymedia-room", { role: "group", tabindex: "0", "data-lm-suppress-shortcuts": "true" });
  const stage = element("div", "ipymedia-room-stage");
  const chat = new ChatPanel(live, signal);
  const remark = new Remark();
  const actions = roomActions(live, room, chat, remark);
  const act = (action: RoomAction): void => (action === "bringBack" ? picture.close() : live[action]());
  const bars = new NoticePlace("ipymedia-room-bars", "bar", act);
  const card = new NoticePlace("ipymedia-room-card", "card", act);
  const beside = new NoticePlace("ipymedia-tile ipymedia-beside", "card", act);
  const people = new People(context, beside.element, signal);
  const picture = new RoomWindow(context, room, windowFiller(context, actions, people), remark, signal);
  const tools = new Toolbar(context, actions, signal);
  fillToolbar(tools, chat, picture, remark);
  const head = renderHead(context, signal);
  const inviteBeside = renderInvite(model, signal);
  const frame = element("div", "ipymedia-room-frame", {}, [
    head.element,
    bars.element,
    element("div", "ipymedia-room-body", {}, [stage, card.element, chat.element]),
    tools.element,
    element("div", "ipymedia-room-top", {}, [remark.element]),
    renderAnnouncer(live, chat, signal),
  ]);
  room.append(frame);
  el.replaceChildren(room);

  const update = (): void => {
    const state = stateOf(context);
    const covering = state.card ?? (picture.hasPeople ? IN_WINDOW : null);
    room.ariaLabel = `Room ${readString(model, "room")}`;
    room.dataset["chat"] = String(chat.open);
    room.dataset["card"] = String(covering !== null);
    head.update(state);
    bars.show(state.bars);
    card.show(covering === null ? [] : [covering]);
    beside.show(state.beside === null ? [] : [state.beside], state.beside?.invites === true ? [inviteBeside] : []);
    if (state.card !== null) {
      picture.close();
      people.show(null);
    } else if (!picture.hasPeople) people.show(stage);
    people.refresh();
    tools.update();
  };
  watchRoom(live, ["people", "told", "own", "call"], update, signal);
  live.link.addEventListener("phase", update, { signal });
  watchTraits(model, ["state", "room", "invite", "_error"], update, signal);
  for (const part of [chat, picture]) part.addEventListener("change", update, { signal });
  bindRoomKeys(room, actions, signal);
  stage.addEventListener("dblclick", (event) => onPicture(event.target) && actions.toggleFullscreen(), { signal });
  installInTree(room, signal);
  update();
  signal.addEventListener(
    "abort",
    () => {
      room.remove();
      el.classList.remove("ipymedia-view");
    },
    { once: true },
  );
}

function stateOf({ live, model }: RoomContext): RoomState {
  return roomState({
    state: readString(model, "state"),
    failure: readError(model),
    gone: live.link.phase === "gone",
    here: live.here,
    joined: live.joined,
    people: live.people.length,
    room: readString(model, "room"),
    invite: readString(model, "invite"),
    told: live.told,
    soundBlocked: live.soundBlocked,
  });
}

/** A double click in a field selects a word. */
function onPicture(target: EventTarget | null): boolean {
  return target instanceof Element && target.closest("button, input") === null;
}

/** The room's name, how many are there, and the invite. */
function renderHead({ live, model }: RoomContext, signal: AbortSignal): { element: HTMLElement; update: (state: RoomState) => void } {
  const name = element("span", "ipymedia-room-name");
  const count = element("span", "ipymedia-room-count");
  const invite = renderInvite(model, signal);
  const update = (state: RoomState): void => {
    const joined = live.joined && state.card === null;
    name.textContent = readString(model, "room") || "Room";
    name.title = name.textContent;
    count.textContent = headcount(joined, live.people.length);
    // While nobody else is there it stands in the middle.
    invite.hidden = !joined || readString(model, "invite") === "" || state.beside?.invites === true;
  };
  return { element: element("div", "ipymedia-room-head", {}, [name, count, invite]), update };
}

function fillToolbar(tools: Toolbar, chat: ChatPanel, picture: RoomWindow, remark: Remark): void {
  tools.addOwn();
  tools.addDevices((text) => remark.show(text));
  chat.opener = tools.addChat(chat);
  tools.addWindow(picture);
  tools.addFullscreen();
  tools.addLeave();
}

/** Brings people, and the switches of this side, into a window of their own. */
function windowFiller(context: RoomContext, actions: RoomActions, people: People): (host: HTMLElement, signal: AbortSignal) => void {
  return (host, signal) => {
    const stage = element("div", "ipymedia-room-stage");
    const tools = new Toolbar(context, actions, signal);
    tools.addOwn();
    tools.update();
    host.append(stage, tools.element);
    people.show(stage);
    bindRoomKeys(host, actions, signal);
  };
}
