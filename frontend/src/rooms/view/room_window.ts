import { element } from "../../ui/element";
import type { Remark } from "../../ui/remark";
import { textOf } from "./room_actions";
import type { RoomContext } from "./room_context";
import { installRoomStyle } from "./room_style";
import { SpeakerVideo } from "./speaker_video";

/** A window that stays in front of all others (WICG Document Picture-in-Picture; Chromium only so far). */
interface WindowMaker {
  requestWindow(options: { width: number; height: number }): Promise<Window>;
}

const SIZE_PX = { width: 480, height: 360 } as const;

/** What the window looks like it has from the view: the page's own variables do not reach it. */
const VARIABLES = ["back", "surface", "text", "faint", "line", "brand", "error", "radius", "tile"].map((name) => `--ipymedia-${name}`);

/** Puts people into a window of its own, or, where the browser has none, who speaks. Event "change". */
export class RoomWindow extends EventTarget {
  readonly #room: HTMLElement;
  readonly #fill: (host: HTMLElement, signal: AbortSignal) => void;
  readonly #remark: Remark;
  readonly #signal: AbortSignal;
  readonly #speaker: SpeakerVideo;
  #scope: AbortController | null = null;

  /** @param fill puts the people, and a toolbar, into a host until the signal aborts. */
  constructor(
    context: RoomContext,
    room: HTMLElement,
    fill: (host: HTMLElement, signal: AbortSignal) => void,
    remark: Remark,
    signal: AbortSignal,
  ) {
    super();
    this.#room = room;
    this.#fill = fill;
    this.#remark = remark;
    this.#signal = signal;
    this.#speaker = new SpeakerVideo(context, signal);
    this.#speaker.addEventListener("change", () => this.dispatchEvent(new Event("change")), { signal });
    signal.addEventListener("abort", () => this.#scope?.abort(), { once: true });
  }

  get possible(): boolean {
    return maker() !== null || document.pictureInPictureEnabled;
  }

  get open(): boolean {
    return this.#scope !== null || this.#speaker.open;
  }

  /** Whether people are there instead of in the notebook. */
  get hasPeople(): boolean {
    return this.#scope !== null;
  }

  /** In the click's own event. */
  async toggle(): Promise<void> {
    try {
      if (this.#scope !== null) this.#scope.abort();
      else if (this.#speaker.open) await this.#speaker.close();
      else await this.#open();
    } catch (error) {
      this.#remark.show(`Picture in picture was refused: ${textOf(error)}`);
    }
  }

  close(): void {
    this.#scope?.abort();
    if (this.#speaker.open) void this.#speaker.close();
  }

  async #open(): Promise<void> {
    const windows = maker();
    if (windows === null) {
      await this.#speaker.show();
      return;
    }
    const opened = await windows.requestWindow(SIZE_PX);
    if (this.#signal.aborted) {
      opened.close();
      return;
    }
    const scope = new AbortController();
    this.#scope = scope;
    installRoomStyle(opened.document);
    const host = element("div", "ipymedia-room ipymedia-room-window", { "data-lm-suppress-shortcuts": "true" });
    const look = getComputedStyle(this.#room);
    for (const name of VARIABLES) host.style.setProperty(name, look.getPropertyValue(name));
    host.style.setProperty("font-family", look.fontFamily);
    opened.document.title = document.title;
    opened.document.body.style.setProperty("margin", "0");
    opened.document.body.append(host);
    opened.addEventListener("pagehide", () => scope.abort(), { signal: scope.signal });
    scope.signal.addEventListener(
      "abort",
      () => {
        this.#scope = null;
        opened.close();
        this.dispatchEvent(new Event("change"));
      },
      { once: true },
    );
    this.#fill(host, scope.signal);
    this.dispatchEvent(new Event("change"));
  }
}

function maker(): WindowMaker | null {
  return (globalThis as { documentPictureInPicture?: WindowMaker }).documentPictureInPicture ?? null;
}
