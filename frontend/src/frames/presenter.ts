/**
 * Puts pictures and the overlays that belong to them where they are seen: onto every mounted canvas at once, and into a
 * `MediaStream` when a recorder or a room asks for one.
 */
import { newId } from "../page";
import type { Shapes } from "../protocol/messages.gen";
import { RefreshGate } from "./refresh";
import { drawShapes } from "./shapes";

export interface Overlay {
  readonly shapes: Shapes;
  readonly masks: Uint8Array;
}

export type Picture = VideoFrame | ImageBitmap | OffscreenCanvas;

/** Takes pictures with their overlays; does not close them. */
export interface Presents {
  present(picture: Picture, overlay: Overlay | null, width: number, height: number): void;
}

export class Presenter implements Presents {
  width = 0;
  height = 0;
  readonly #gate = new RefreshGate();
  readonly #canvases = new Set<HTMLCanvasElement>();
  #last: HTMLCanvasElement | null = null;
  #stream: { canvas: HTMLCanvasElement; stream: MediaStream } | null = null;

  /** Draws, no more than one picture for each refresh of the display; does not close the picture. */
  present(picture: Picture, overlay: Overlay | null, width: number, height: number): void {
    const draw = (drawn: Picture): void => this.#show(drawn, overlay, width, height);
    if (document.visibilityState !== "visible" || picture instanceof ImageBitmap) {
      this.#gate.clear();
      draw(picture);
      return;
    }
    let kept: VideoFrame | null = null;
    this.#gate.pass(
      () => draw(picture),
      () => {
        if (!(picture instanceof VideoFrame)) return () => draw(picture);
        kept = picture.clone();
        return () => {
          draw(kept ?? picture);
          kept?.close();
        };
      },
      () => kept?.close(),
    );
  }

  #show(picture: Picture, overlay: Overlay | null, width: number, height: number): void {
    this.width = width;
    this.height = height;
    for (const canvas of this.#canvases) this.#draw(canvas, picture, overlay);
    if (this.#stream !== null) this.#draw(this.#stream.canvas, picture, overlay);
    const shown = this.#canvases.values().next().value ?? this.#stream?.canvas;
    // Nobody looks, but somebody may ask for this picture, or for a track that begins with it.
    if (shown === undefined) this.#draw((this.#last ??= document.createElement("canvas")), picture, overlay);
    else this.#last = shown;
  }

  /** A canvas that shows the stream until the signal aborts. */
  mount(host: HTMLElement, signal: AbortSignal): void {
    const canvas = document.createElement("canvas");
    canvas.className = "ipymedia-picture";
    canvas.width = this.width || 640;
    canvas.height = this.height || 480;
    canvas.dataset["ipymedia"] = newId();
    if (this.#last !== null) canvas.getContext("2d")?.drawImage(this.#last, 0, 0, canvas.width, canvas.height);
    host.append(canvas);
    this.#canvases.add(canvas);
    signal.addEventListener(
      "abort",
      () => {
        this.#canvases.delete(canvas);
        this.#last = canvas; // what a view that comes back shows first
        canvas.remove();
      },
      { once: true },
    );
  }

  /** The pictures as a track, for what takes tracks. */
  mediaStream(): MediaStream {
    if (this.#stream === null) {
      const canvas = document.createElement("canvas");
      canvas.width = this.width || 640;
      canvas.height = this.height || 480;
      this.#stream = { canvas, stream: canvas.captureStream() };
      if (this.#last !== null) canvas.getContext("2d", { alpha: false })?.drawImage(this.#last, 0, 0, canvas.width, canvas.height);
    }
    return this.#stream.stream;
  }

  async grab(): Promise<ImageBitmap> {
    if (this.#last === null) throw new Error("There is no picture yet: wait until the stream shows one.");
    return createImageBitmap(this.#last);
  }

  end(): void {
    this.#gate.clear();
    for (const track of this.#stream?.stream.getTracks() ?? []) track.stop();
    this.#stream = null;
  }

  #draw(canvas: HTMLCanvasElement, picture: Picture, overlay: Overlay | null): void {
    if (canvas.width !== this.width || canvas.height !== this.height) {
      canvas.width = this.width;
      canvas.height = this.height;
    }
    const context = canvas.getContext("2d", { alpha: false });
    if (context === null) return;
    context.drawImage(picture, 0, 0, this.width, this.height);
    if (overlay !== null) drawShapes(context, overlay.shapes, overlay.masks, this.width, this.height);
  }
}
