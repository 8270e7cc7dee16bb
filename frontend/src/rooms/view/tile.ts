import { element } from "../../ui/element";
import { viewState } from "../../ui/view_state";
import { fills } from "./layout";
import { renderOwnName } from "./own_name";
import type { RoomContext } from "./room_context";
import { roomIcon } from "./room_icons";
import type { PictureSource } from "./tile_picture";
import { TilePicture } from "./tile_picture";
import type { TileFacts } from "./tile_words";
import { describeTile, hueOf, initialOf, nameOf, stateMark } from "./tile_words";

/** One participant: picture or initial, name, and marks. Lives until the signal aborts. */
export class Tile {
  readonly element = element("div", "ipymedia-tile", { role: "group" });
  readonly picture: TilePicture;
  readonly #context: RoomContext;
  readonly #initial = element("div", "ipymedia-initial", { "aria-hidden": "true" });
  readonly #mark = element("div", "ipymedia-tile-mark");
  readonly #sound = element("span", "ipymedia-tile-sound");
  readonly #screen = element("span", "ipymedia-tile-screen", { title: "Shares a screen" }, [roomIcon("screen")]);
  readonly #name: HTMLElement;
  readonly #notice = element("div", "ipymedia-tile-notice");
  #noticed = "";

  constructor(context: RoomContext, own: boolean, signal: AbortSignal) {
    this.#context = context;
    this.picture = new TilePicture(context.model, context.streams, signal);
    this.#name = own ? renderOwnName(context.model, context.live, signal) : element("span", "ipymedia-tile-name");
    const label = element("div", "ipymedia-tile-label", {}, [this.#sound, this.#screen, this.#name]);
    this.element.append(this.#initial, this.picture.element, this.#mark, this.#notice, label);
    if (own) this.element.dataset["own"] = "true";
    this.picture.addEventListener("size", () => this.fit(), { signal });
    signal.addEventListener("abort", () => this.element.remove(), { once: true });
  }

  update(facts: TileFacts, source: PictureSource | null): void {
    const { dataset } = this.element;
    const own = facts.peer === "";
    this.element.ariaLabel = describeTile(facts);
    this.element.style.setProperty("--ipymedia-hue", String(hueOf(own ? facts.nickname : facts.peer)));
    this.#initial.textContent = initialOf(facts.nickname);
    if (!own) {
      this.#name.textContent = nameOf(facts);
      this.#name.title = nameOf(facts);
    }
    dataset["state"] = facts.state;
    dataset["screen"] = String(facts.screen);
    dataset["mirrored"] = String(own && this.#context.own.isCamera && !facts.screen);
    this.#screen.hidden = !facts.screen;
    this.hear(facts);
    this.#showMark(facts);
    if (own) this.#showOwnTrouble();
    this.picture.show(source);
    this.fit();
  }

  /** Only what changes all the time. */
  hear({ microphone, speaking }: Pick<TileFacts, "microphone" | "speaking">): void {
    const speaks = microphone && speaking;
    const state = microphone ? (speaks ? "speaking" : "quiet") : "muted";
    this.element.dataset["speaking"] = String(speaks);
    if (this.#sound.dataset["state"] === state) return;
    this.#sound.dataset["state"] = state;
    this.#sound.hidden = state === "quiet";
    this.#sound.title = state === "muted" ? "Muted" : "Speaks";
    this.#sound.replaceChildren(...(state === "quiet" ? [] : [roomIcon(state === "muted" ? "microphoneOff" : "sound")]));
  }

  /** A picture of nearly the tile's shape fills it; any other, and a screen, is shown whole. */
  fit(): void {
    const { aspect } = this.picture;
    const { offsetWidth: width, offsetHeight: height, dataset } = this.element;
    dataset["seen"] = String(aspect > 0);
    dataset["fit"] = dataset["screen"] !== "true" && height > 0 && fills(aspect, width / height) ? "cover" : "contain";
  }

  #showMark({ state }: TileFacts): void {
    const mark = this.#context.live.here ? stateMark(state) : null; // a page that only shows has no connections
    this.#mark.hidden = mark === null;
    this.#mark.title = mark?.title ?? "";
    if (mark === null || this.#mark.dataset["text"] === mark.text) return;
    this.#mark.dataset["text"] = mark.text;
    const spinner = mark.waits ? [element("span", "ipymedia-spinner", { "aria-hidden": "true" })] : [];
    this.#mark.replaceChildren(...spinner, element("span", "", {}, [mark.text]));
  }

  /** One's own camera that does not start, or waits for a click. */
  #showOwnTrouble(): void {
    const { live } = this.#context.own;
    const state = live === null || live.capturedElsewhere ? null : viewState(ownInputs(live));
    const key = JSON.stringify(state);
    if (key === this.#noticed) return;
    this.#noticed = key;
    this.#notice.replaceChildren();
    if (live === null || state === null || (state.show !== "card" && state.show !== "bar")) return;
    this.#notice.role = state.tone === "error" ? "alert" : "status";
    this.#notice.append(
      element("div", "ipymedia-title", {}, [state.title]),
      element("div", "ipymedia-text", { title: state.text }, [state.text]),
    );
    if (state.action === null) return;
    const { do: what, name } = state.action;
    const button = element("button", "ipymedia-action", { type: "button" }, [name]);
    button.addEventListener("click", () => (what === "click" ? live.click() : live.retry()));
    this.#notice.append(button);
  }
}

function ownInputs(live: NonNullable<RoomContext["own"]["live"]>): Parameters<typeof viewState>[0] {
  return {
    kind: live.kind,
    phase: live.phase,
    failure: live.failure,
    kernelError: null,
    capturedElsewhere: false,
    playing: true,
    over: live.over,
    needsClick: live.needsClick,
    pictureSeen: live.phase === "live",
    permission: "unknown",
  };
}
