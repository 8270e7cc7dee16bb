/** Plays what the others say, by elements that nobody sees: it is heard whether their pictures are shown or not. */
import type { RemoteMedia } from "./remote_media";

/** Events: "blocked": the browser plays no sound before a click, or does so now. */
export class RemoteSound extends EventTarget {
  readonly #elements = new Set<HTMLAudioElement>();
  readonly #refused = new Set<HTMLAudioElement>();
  readonly #signal: AbortSignal;
  #speaker = "";

  constructor(signal: AbortSignal) {
    super();
    this.#signal = signal;
  }

  /** The device that it is heard from; empty: the system's choice. */
  get speaker(): string {
    return this.#speaker;
  }

  /** Rejects when the device is gone, or the browser has no `setSinkId`; it is heard as before then. */
  async useSpeaker(device: string): Promise<void> {
    const probe = document.createElement("audio");
    await probe.setSinkId(device); // also where nobody is heard yet, so that a wrong choice is told at once
    this.#speaker = device;
    await Promise.all([...this.#elements].map(async (element) => element.setSinkId(device)));
  }

  get blocked(): boolean {
    return this.#refused.size > 0;
  }

  /** Plays until the signal aborts. */
  play(media: RemoteMedia, signal: AbortSignal): void {
    const element = document.createElement("audio");
    // A device that is gone by now: it is heard from the system's.
    if (this.#speaker !== "") void element.setSinkId(this.#speaker).catch(() => undefined);
    this.#elements.add(element);
    const follow = (): void => {
      const tracks = media.stream.getAudioTracks();
      if (tracks.length === 0) return;
      element.srcObject = new MediaStream(tracks);
      void this.#start(element);
    };
    media.addEventListener("track", follow, { signal });
    signal.addEventListener(
      "abort",
      () => {
        element.srcObject = null;
        this.#elements.delete(element);
        this.#settle(element, true);
      },
      { once: true },
    );
    follow();
  }

  /** Called in a click's own event. */
  unblock(): void {
    for (const element of this.#refused) void this.#start(element);
  }

  async #start(element: HTMLAudioElement): Promise<void> {
    try {
      await element.play();
      this.#settle(element, true);
    } catch (error) {
      // Anything else is another track that took this one's place, which starts anew.
      if (error instanceof DOMException && error.name === "NotAllowedError") this.#settle(element, false);
    }
  }

  #settle(element: HTMLAudioElement, plays: boolean): void {
    const before = this.blocked;
    if (plays || !this.#elements.has(element)) this.#refused.delete(element);
    else this.#refused.add(element);
    if (this.blocked === before) return;
    if (this.blocked) this.#waitForClick();
    this.dispatchEvent(new Event("blocked"));
  }

  /** Whatever the user clicks will do. */
  #waitForClick(): void {
    const scope = new AbortController();
    const signal = AbortSignal.any([this.#signal, scope.signal]);
    const clicked = (): void => this.unblock();
    for (const type of ["pointerdown", "keydown"]) document.addEventListener(type, clicked, { signal, capture: true });
    this.addEventListener("blocked", () => this.blocked || scope.abort(), { signal });
  }
}
