/** A picture as a stream: drawn on a canvas, and given out again now and then for whoever comes later. */
import { abortReason } from "../abort_reason";
import { CaptureFailure } from "./capture_error";
import { FrameTimer } from "./frame_timer";
import type { SourceContext } from "./kinds";
import { followMedia, loadFailure } from "./media_address";
import type { PageSource } from "./page_source";
import type { TrackWriter } from "./track_writer";
import { writeTrack } from "./track_writer";

/** How often a picture that does not change is given out. */
const STILL_FPS = 5;
/** A picture without a size of its own (SVG) is drawn so wide. */
const DEFAULT_WIDTH_PX = 640;

export class ImageSource implements PageSource {
  readonly events = new EventTarget();
  notice = "";
  readonly #context: SourceContext;
  #running: { readonly scope: AbortController; readonly writer: TrackWriter } | null = null;

  constructor(context: SourceContext) {
    this.#context = context;
  }

  async start(signal: AbortSignal): Promise<MediaStream> {
    signal.throwIfAborted();
    this.stop();
    const scope = new AbortController();
    signal.addEventListener("abort", () => this.stop(), { once: true, signal: scope.signal });
    const canvas = document.createElement("canvas");
    const writer = writeTrack(canvas, STILL_FPS, scope.signal);
    this.#running = { scope, writer };
    await new Promise<void>((resolve, reject) => {
      scope.signal.addEventListener("abort", () => reject(abortReason(scope.signal)), { once: true });
      let shown = false;
      const failed = (error: unknown): void => {
        const failure = error instanceof Error ? error : new Error(String(error));
        if (!shown) reject(failure);
        else this.events.dispatchEvent(new CustomEvent("ended", { detail: failure }));
      };
      let newest = 0;
      const draw = async (address: string, given: boolean): Promise<void> => {
        const turn = (newest += 1);
        const image = await loadImage(address, given);
        if (scope.signal.aborted || turn !== newest) return; // another picture came meanwhile
        drawOn(canvas, image);
        writer.write();
        const again = shown;
        shown = true;
        if (again) this.events.dispatchEvent(new Event("restored"));
        resolve();
      };
      const progress = (share: number): void => this.#remark(share < 1 ? `Loading the image: ${Math.round(100 * share)} %` : "");
      const address = (at: string, given: boolean): void => void draw(at, given).catch(failed);
      followMedia(this.#context, "image", { address, progress, failed }, scope.signal);
    });
    new FrameTimer(() => writer.write(), scope.signal).start(STILL_FPS);
    return writer.stream;
  }

  update(): Promise<MediaStream> {
    const running = this.#running;
    return running === null
      ? Promise.reject(new CaptureFailure("closed", "The image was not changed: it is not shown. Show it first."))
      : Promise.resolve(running.writer.stream);
  }

  stop(): void {
    const running = this.#running;
    this.#running = null;
    running?.scope.abort(new DOMException("It was stopped.", "AbortError"));
    for (const track of running?.writer.stream.getTracks() ?? []) track.stop();
  }

  #remark(notice: string): void {
    if (notice === this.notice) return;
    this.notice = notice;
    this.events.dispatchEvent(new Event("notice"));
  }
}

async function loadImage(address: string, given: boolean): Promise<HTMLImageElement> {
  const image = new Image();
  if (new URL(address).origin !== location.origin && /^https?:/u.test(address)) image.crossOrigin = "anonymous";
  image.src = address;
  try {
    await image.decode();
    return image;
  } catch (error) {
    throw await loadFailure("image", address, given, error instanceof Error ? error.message : "");
  }
}

function drawOn(canvas: HTMLCanvasElement, image: HTMLImageElement): void {
  const ratio = image.naturalHeight > 0 ? image.naturalHeight / image.naturalWidth : 0.75;
  canvas.width = image.naturalWidth || DEFAULT_WIDTH_PX;
  canvas.height = image.naturalHeight || Math.round(DEFAULT_WIDTH_PX * ratio);
  canvas.getContext("2d", { alpha: false })?.drawImage(image, 0, 0, canvas.width, canvas.height);
}
