import { element } from "../../ui/element";
import type { RoomContext } from "./room_context";
import { watchRoom } from "./room_context";
import { hasPicture } from "./tile_words";

/** Who speaks, in the browser's own picture in picture: for browsers that know no other one. Event "change". */
export class SpeakerVideo extends EventTarget {
  readonly #context: RoomContext;
  readonly #signal: AbortSignal;
  #scope: AbortController | null = null;
  #shown = "";

  constructor(context: RoomContext, signal: AbortSignal) {
    super();
    this.#context = context;
    this.#signal = signal;
  }

  get open(): boolean {
    return this.#scope !== null;
  }

  async close(): Promise<void> {
    this.#scope?.abort();
    if (document.pictureInPictureElement !== null) await document.exitPictureInPicture();
  }

  /** Rejects when nobody has a picture, or the browser refuses. */
  async show(): Promise<void> {
    const scope = new AbortController();
    const signal = AbortSignal.any([this.#signal, scope.signal]);
    const video = element("video", "", { playsinline: "" });
    video.muted = true; // heard already
    this.#scope = scope;
    scope.signal.addEventListener(
      "abort",
      () => {
        this.#scope = null;
        this.#shown = "";
        video.srcObject = null;
        this.dispatchEvent(new Event("change"));
      },
      { once: true },
    );
    try {
      await this.#follow(video, signal);
      await video.requestPictureInPicture();
    } catch (error) {
      scope.abort();
      throw error;
    }
    video.addEventListener("leavepictureinpicture", () => scope.abort(), { signal });
    const change = (): void => void this.#follow(video, signal).catch(() => undefined); // the last picture stays
    watchRoom(this.#context.live, ["speaking", "people"], change, signal);
    this.dispatchEvent(new Event("change"));
  }

  async #follow(video: HTMLVideoElement, signal: AbortSignal): Promise<void> {
    const widget = this.#choose();
    if (widget === null) throw new Error("Nobody shows a picture now.");
    if (widget === this.#shown) return;
    this.#shown = widget;
    const live = await this.#context.streams.find(this.#context.model, widget, signal);
    if (live === null) return;
    const stream = await live.open(signal);
    if (this.#shown !== widget) return; // somebody else speaks already
    video.srcObject = stream;
    await video.play();
  }

  /** Who speaks, else who was shown, else the first one who shows anything. */
  #choose(): string | null {
    const { live, own } = this.#context;
    const seen = live.people.filter((person) => hasPicture({ ...person }));
    const chosen = seen.find(({ speaking }) => speaking) ?? seen.find(({ widget }) => widget === this.#shown) ?? seen[0];
    return chosen?.widget ?? (live.own.camera ? own.id : null);
  }
}
