import { element } from "../../ui/element";
import type { ChatLine } from "./chat_list";
import { chatLines, lengthOf, lengthRemark, LONGEST_TEXT, Unread } from "./chat_list";
import { watchRoom } from "./room_context";
import type { RoomFace } from "./room_face";
import { roomIcon } from "./room_icons";

/** How near to its end the list counts as being at its end. */
const AT_END_PX = 24;

/** The text chat beside the grid, or over it where the view is narrow. Event "change": opened, closed, other unread lines. */
export class ChatPanel extends EventTarget {
  readonly element: HTMLElement;
  /** What gets the focus when the chat closes that had it. */
  opener: HTMLElement | null = null;
  readonly #live: RoomFace;
  readonly #list = element("div", "ipymedia-chat-list", { role: "log", "aria-label": "Messages", tabindex: "0" });
  readonly #empty = element("div", "ipymedia-chat-empty", {}, ["Nobody wrote anything yet."]);
  readonly #newer: HTMLButtonElement;
  readonly #draft: HTMLTextAreaElement;
  readonly #remark = element("div", "ipymedia-chat-remark", { role: "status" });
  readonly #send: HTMLButtonElement;
  readonly #unread = new Unread(Date.now());
  readonly #lines = new Map<string, HTMLElement>();

  constructor(live: RoomFace, signal: AbortSignal) {
    super();
    this.#live = live;
    const close = element("button", "ipymedia-button", { type: "button", "aria-label": "Close the chat", title: "Close the chat (Esc)" }, [
      roomIcon("close"),
    ]);
    this.#newer = element("button", "ipymedia-chat-newer", { type: "button" }, [roomIcon("down"), "New messages"]);
    this.#draft = element("textarea", "ipymedia-chat-draft", { rows: "1", "aria-label": "Message to all", placeholder: "Message to all" });
    this.#send = element("button", "ipymedia-button ipymedia-send", { type: "button", "aria-label": "Send", title: "Send (Enter)" }, [
      roomIcon("send"),
    ]);
    this.#newer.hidden = true;
    this.element = element("section", "ipymedia-chat", { "aria-label": "Chat" }, [
      element("div", "ipymedia-chat-head", {}, [element("span", "ipymedia-title", {}, ["Chat"]), close]),
      element("div", "ipymedia-chat-body", {}, [this.#list, this.#newer]),
      element("div", "ipymedia-chat-foot", {}, [this.#remark, this.#draft, this.#send]),
    ]);
    this.element.hidden = true;
    this.#list.append(this.#empty);

    close.addEventListener("click", () => this.show(false), { signal });
    this.#newer.addEventListener("click", () => this.#toEnd(), { signal });
    this.#list.addEventListener("scroll", () => this.#isAtEnd() && (this.#newer.hidden = true), { signal });
    this.#send.addEventListener("click", () => this.#say(), { signal });
    this.#draft.addEventListener("input", () => this.#measure(), { signal });
    this.#draft.addEventListener("keydown", (event) => this.#onKey(event), { signal });
    watchRoom(live, ["texts"], () => this.#update(), signal);
    watchRoom(live, ["call"], () => this.#measure(), signal);
    this.#update();
    this.#measure();
  }

  get open(): boolean {
    return !this.element.hidden;
  }

  /** How many lines of others were not seen. */
  get unread(): number {
    return this.#unread.of(this.#live.texts).length;
  }

  /** The newest line that was not seen. */
  get newest(): string {
    return this.#unread.of(this.#live.texts).at(-1)?.nickname ?? "";
  }

  show(open: boolean): void {
    if (open === this.open) return;
    const focused = this.element.matches(":focus-within");
    this.element.hidden = !open;
    if (focused) this.opener?.focus();
    if (open) {
      this.#unread.see(this.#live.texts);
      this.#toEnd();
      this.#draft.focus();
    }
    this.dispatchEvent(new Event("change"));
  }

  #update(): void {
    const lines = chatLines(this.#live.texts);
    const wasAtEnd = this.#isAtEnd();
    const known = this.#lines.size;
    const gone = new Set(this.#lines.keys());
    for (const line of lines) {
      gone.delete(line.id);
      if (this.#lines.has(line.id)) continue;
      const made = renderLine(line);
      this.#lines.set(line.id, made);
      this.#list.append(made);
    }
    for (const id of gone) {
      this.#lines.get(id)?.remove();
      this.#lines.delete(id);
    }
    this.#empty.hidden = lines.length > 0;
    const cameMore = this.#lines.size > known - gone.size;
    if (this.open) this.#unread.see(this.#live.texts);
    if (wasAtEnd || lines.at(-1)?.own === true) this.#toEnd();
    else if (cameMore) this.#newer.hidden = false;
    this.dispatchEvent(new Event("change"));
  }

  #isAtEnd(): boolean {
    const { scrollTop, scrollHeight, clientHeight } = this.#list;
    return scrollHeight - scrollTop - clientHeight < AT_END_PX;
  }

  #toEnd(): void {
    this.#list.scrollTop = this.#list.scrollHeight;
    this.#newer.hidden = true;
  }

  #onKey(event: KeyboardEvent): void {
    // Enter that ends a composition is the input method's.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.#say();
  }

  #say(): void {
    const text = this.#draft.value.trim();
    if (text === "" || lengthOf(text) > LONGEST_TEXT || !this.#live.joined) return;
    this.#live.say(text);
    this.#draft.value = "";
    this.#measure();
    this.#draft.focus();
  }

  /** As high as what is written, and what there is to say of it. */
  #measure(): void {
    const { joined } = this.#live;
    const length = lengthOf(this.#draft.value.trim());
    this.#draft.style.setProperty("height", "auto");
    if (this.#draft.scrollHeight > 0) this.#draft.style.setProperty("height", `${this.#draft.scrollHeight + 2}px`);
    this.#draft.disabled = !joined;
    this.#remark.textContent = lengthRemark(length);
    this.#remark.hidden = this.#remark.textContent === "";
    this.#remark.dataset["over"] = String(length > LONGEST_TEXT);
    this.#send.disabled = !joined || length === 0 || length > LONGEST_TEXT;
  }
}

/** Text stays text: a line may hold whatever somebody else wrote. */
function renderLine({ own, nickname, timeMs, text, head }: ChatLine): HTMLElement {
  const line = element("div", "ipymedia-chat-line", { "data-own": String(own), "data-head": String(head) });
  const time = new Date(timeMs);
  if (head) {
    line.append(
      element("div", "ipymedia-chat-line-head", {}, [
        element("span", "ipymedia-chat-name", {}, [own ? "You" : nickname.trim() || "Somebody"]),
        element("time", "ipymedia-chat-time", { datetime: time.toISOString() }, [clock(time)]),
      ]),
    );
  }
  line.append(element("div", "ipymedia-chat-text", { title: time.toLocaleString(), dir: "auto" }, [text]));
  return line;
}

function clock(time: Date): string {
  return time.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}
