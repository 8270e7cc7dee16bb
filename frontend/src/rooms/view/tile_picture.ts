import type { AnyModel } from "@anywidget/types";
import type { Streams } from "../../streams/streams";
import { element } from "../../ui/element";

/** One of our streams, by the id of its model, or any other. */
export type PictureSource = { readonly widget: string } | { readonly stream: MediaStream };

/** The picture of a tile. Event "size": it has another shape, or none any more. */
export class TilePicture extends EventTarget {
  readonly element = element("div", "ipymedia-tile-picture");
  /** Width by height; 0 while nothing is seen. */
  aspect = 0;
  readonly #model: AnyModel;
  readonly #streams: Streams;
  readonly #signal: AbortSignal;
  /** What is shown: a model's id, or the stream itself. */
  #shown: string | MediaStream | null = null;
  #scope = new AbortController();

  /** @param model the room's, through which others are found. */
  constructor(model: AnyModel, streams: Streams, signal: AbortSignal) {
    super();
    this.#model = model;
    this.#streams = streams;
    this.#signal = signal;
  }

  show(source: PictureSource | null): void {
    const key = source === null ? null : "widget" in source ? source.widget : source.stream;
    if (key === this.#shown) return;
    this.#shown = key;
    this.#scope.abort();
    this.#scope = new AbortController();
    this.element.replaceChildren();
    this.#resized(0, 0);
    const signal = AbortSignal.any([this.#signal, this.#scope.signal]);
    if (source === null) return;
    if ("widget" in source) void this.#mount(source.widget, signal);
    else this.#play(source.stream, signal);
  }

  async #mount(widget: string, signal: AbortSignal): Promise<void> {
    const live = await this.#streams.find(this.#model, widget, signal);
    if (live === null || signal.aborted) return;
    const update = (): void => this.#resized(live.size.width, live.size.height);
    for (const event of ["size", "phase", "figures"]) live.addEventListener(event, update, { signal });
    live.mount(this.element, signal);
    // In a window of its own it is in sight while the page is not, which the stream can't know.
    if (this.element.ownerDocument !== document) live.hold(signal);
    update();
  }

  #play(stream: MediaStream, signal: AbortSignal): void {
    const video = element("video", "ipymedia-picture", { playsinline: "", autoplay: "" });
    video.muted = true; // one's own voice, played back, howls; the others' is played elsewhere
    video.srcObject = stream;
    video.addEventListener("resize", () => this.#resized(video.videoWidth, video.videoHeight), { signal });
    signal.addEventListener("abort", () => (video.srcObject = null), { once: true });
    this.element.append(video);
  }

  #resized(width: number, height: number): void {
    const aspect = width > 0 && height > 0 ? width / height : 0;
    if (aspect === this.aspect) return;
    this.aspect = aspect;
    this.dispatchEvent(new Event("size"));
  }
}
