import { element } from "../../ui/element";
import type { ChatPanel } from "./chat_panel";
import type { RoomWindow } from "./room_window";
import type { RoomActions } from "./room_actions";
import type { RoomContext } from "./room_context";
import { watchRoom } from "./room_context";
import { renderRoomDevices } from "./room_devices";
import type { RoomIconName } from "./room_icons";
import { roomIcon } from "./room_icons";

/** What a button looks like and says, read anew at each change. */
interface Look {
  readonly icon: RoomIconName;
  readonly label: string;
  /** Something is off that others may wait for. */
  readonly off?: boolean;
  readonly on?: boolean;
  readonly hidden?: boolean;
  readonly count?: number;
}

interface Control {
  readonly button: HTMLButtonElement;
  readonly look: () => Look;
}

/** A button for each thing to do in the call; the same in the notebook and, shorter, in a window of its own. */
export class Toolbar {
  readonly element: HTMLElement;
  readonly #controls: Control[] = [];
  readonly #context: RoomContext;
  readonly #actions: RoomActions;
  readonly #signal: AbortSignal;

  constructor(context: RoomContext, actions: RoomActions, signal: AbortSignal) {
    this.#context = context;
    this.#actions = actions;
    this.#signal = signal;
    this.element = element("div", "ipymedia-room-tools", { role: "toolbar", "aria-label": "Call" });
    watchRoom(context.live, ["own", "call", "people"], () => this.update(), signal);
    context.own.addEventListener("change", () => this.update(), { signal });
  }

  update(): void {
    for (const { button, look } of this.#controls) refresh(button, look());
    this.element.hidden = this.#controls.every(({ button }) => button.hidden);
  }

  #add(className: string, click: () => void, look: Control["look"]): HTMLButtonElement {
    const button = element("button", `ipymedia-button ${className}`, { type: "button" });
    button.addEventListener("click", click, { signal: this.#signal });
    this.#controls.push({ button, look });
    this.element.append(button);
    return button;
  }

  /** Microphone, camera, screen: only in the page that is in the call. */
  addOwn(): void {
    const { live, own } = this.#context;
    const shown = (): boolean => live.joined && live.here;
    this.#add("ipymedia-switch", this.#actions.toggleMicrophone, () => ({
      icon: live.own.microphone ? "microphone" : "microphoneOff",
      label: live.own.microphone ? "Mute the microphone (m)" : "Unmute the microphone (m)",
      off: !live.own.microphone,
      hidden: !shown() || (own.id === null && live.own.stream === null),
    }));
    this.#add("ipymedia-switch", this.#actions.toggleCamera, () => ({
      icon: live.own.camera ? "camera" : "cameraOff",
      label: live.own.camera ? `Turn the ${own.noun} off (v)` : `Turn the ${own.noun} on (v)`,
      off: !live.own.camera,
      hidden: !shown() || own.id === null || (own.live !== null && !own.hasPicture(null)),
    }));
    this.#add("ipymedia-share", this.#actions.toggleScreen, () => ({
      icon: live.own.screen ? "screenStop" : "screen",
      label: live.own.screen ? "Stop sharing the screen (s)" : "Share the screen (s)",
      on: live.own.screen,
      hidden: !shown() || !("getDisplayMedia" in ((navigator.mediaDevices as MediaDevices | undefined) ?? {})),
    }));
  }

  addDevices(failed: (text: string) => void): void {
    this.element.append(...renderRoomDevices(this.#context, failed, this.#signal));
  }

  addChat(chat: ChatPanel): HTMLButtonElement {
    const button = this.#add("ipymedia-chat-button", this.#actions.toggleChat, () => ({
      icon: "chat",
      label: chat.open ? "Close the chat (c)" : "Chat (c)",
      on: chat.open,
      count: chat.unread,
      hidden: !this.#context.live.joined && this.#context.live.texts.length === 0,
    }));
    chat.addEventListener("change", () => this.update(), { signal: this.#signal });
    return button;
  }

  addWindow(window: RoomWindow): void {
    this.#add("ipymedia-window-button", () => void window.toggle(), () => ({
      icon: "window",
      label: window.open ? "Bring the picture back" : "Picture in picture",
      on: window.open,
      hidden: !window.possible || (!this.#context.live.joined && !window.open),
    }));
    window.addEventListener("change", () => this.update(), { signal: this.#signal });
  }

  addFullscreen(): void {
    this.#add("", this.#actions.toggleFullscreen, () =>
      this.#actions.isFullscreen()
        ? { icon: "fullscreenExit", label: "Leave full screen (f)" }
        : { icon: "fullscreen", label: "Full screen (f)", hidden: !document.fullscreenEnabled || !this.#context.live.joined },
    );
    document.addEventListener("fullscreenchange", () => this.update(), { signal: this.#signal });
  }

  addLeave(): void {
    this.#add("ipymedia-leave", this.#actions.leave, () => ({ icon: "leave", label: "Leave the room", hidden: !this.#context.live.joined }));
  }
}

function refresh(button: HTMLButtonElement, { icon: name, label, off, on, hidden, count = 0 }: Look): void {
  const key = `${name} ${count}`;
  if (button.dataset["look"] !== key) {
    button.dataset["look"] = key;
    button.replaceChildren(roomIcon(name));
    if (count > 0) button.append(element("span", "ipymedia-count", { "aria-hidden": "true" }, [count > 99 ? "99+" : String(count)]));
  }
  const plain = label.replace(/ \(.*\)$/u, "");
  button.title = label;
  button.ariaLabel = count > 0 ? `${plain}, ${count} unread` : plain;
  button.dataset["off"] = String(off === true);
  button.ariaPressed = on === undefined ? null : String(on);
  button.hidden = hidden === true;
}
