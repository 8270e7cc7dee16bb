/**
 * The picture of a widget, made of its DOM, rasterised when that changes, and its live surfaces, drawn when they do.
 *
 * ``change of the DOM --> raster (one at a time, between frames) --> draw``; ``a surface was drawn --> draw``. At rest
 * nothing runs.
 */
import { abortReason } from "../../abort_reason";
import { mayBeCovered } from "./covering";
import { watchDom } from "./dom_watch";
import { watchDrawing } from "./drawing_watch";
import type { Raster } from "./raster";
import { rasterise } from "./raster";
import { isBlank, isReadable, keepsPicture } from "./readable";
import { markGap } from "./gaps";
import { CONTROL_EVENTS } from "./media_controls";
import { LARGEST_PX } from "./options";
import type { Placement, Surface } from "./surfaces";
import { drawSurface, placeSurfaces } from "./surfaces";
import { afterThisTask, nextFrame } from "./timing";

/** From then on a DOM that keeps changing is moving by itself (labels that follow a scene), and the page has most of the time. */
const STEADY_MS = 1000;
/** How long the page is left alone between two rasters, as a share of what one takes, and at most, ms. */
const QUICK_PAUSE = [0.5, 500] as const;
const STEADY_PAUSE = [2.5, 1000] as const;

export interface Drawing {
  /** A new picture is on the canvas. */
  drawn(): void;
  /** Whether a part is marked in the picture, as no page may read it; told when it changes. */
  gaps(some: boolean): void;
  failed(error: unknown): void;
}

export class Compositor {
  readonly canvas = document.createElement("canvas");
  readonly #root: HTMLElement;
  readonly #listener: Drawing;
  readonly #signal: AbortSignal;
  readonly #context: CanvasRenderingContext2D;
  readonly #copies = new Map<Surface, HTMLCanvasElement>();
  readonly #followed = new WeakSet<Surface>();
  readonly #unreadable = new Set<Surface>();
  #gaps = false;
  readonly #empty = new WeakSet<Surface>();
  /** Canvases that the raster was made without, as nothing was drawn on them. */
  readonly #unused = new Set<HTMLCanvasElement>();
  #raster: Raster | null = null;
  #placements: Placement[] = [];
  #rastering: Promise<void> | null = null;
  #domChanged = true;
  #drawAsked = false;
  #changingSinceMs: number | null = null;
  /** Count what changed, for those who wait until nothing does. */
  domChanges = 0;
  surfaceChanges = 0;

  constructor(root: HTMLElement, listener: Drawing, signal: AbortSignal) {
    this.#root = root;
    this.#listener = listener;
    this.#signal = signal;
    const context = this.canvas.getContext("2d", { alpha: false });
    if (context === null) throw new Error("This browser gives no canvas to draw on.");
    this.#context = context;
    signal.addEventListener("abort", () => this.#copies.clear(), { once: true });
  }

  /** Resolves when the first picture is on the canvas; what is drawn is seen from the call on. */
  async start(): Promise<void> {
    watchDrawing((canvas, context) => this.#drawn(canvas, context), this.#signal);
    watchDom(this.#root, () => this.#changed(), this.#signal);
    this.#rastering = this.#rasterNow().finally(() => this.#rastered());
    await this.#rastering;
    this.#signal.throwIfAborted();
  }

  /** Whether a raster is still to come. */
  get rastering(): boolean {
    return this.#domChanged || this.#rastering !== null;
  }

  /** Whether a drawing is still to come. */
  get busy(): boolean {
    return this.#drawAsked;
  }

  /** Canvases that can be seen, and show nothing: perhaps WebGL that keeps no picture. */
  blank(): HTMLCanvasElement[] {
    return placeSurfaces(this.#root).flatMap(({ surface }) => (this.#mayHide(surface) && isBlank(surface) ? [surface] : []));
  }

  /** Those that are blank now are so because nothing was drawn on them. */
  leaveBlank(): void {
    for (const canvas of this.blank()) this.#empty.add(canvas);
  }

  #mayHide(surface: Surface): surface is HTMLCanvasElement {
    const known = this.#copies.has(surface) || this.#empty.has(surface);
    return surface instanceof HTMLCanvasElement && !known && isReadable(surface);
  }

  /** Draws what is there now, and tells nobody. */
  drawNow(): void {
    this.#draw();
  }

  // --- what changed --------------------------------------------------------------------------------------------------

  #changed(): void {
    this.domChanges += 1;
    this.#domChanged = true;
    this.#askRaster();
  }

  #drawn(canvas: HTMLCanvasElement, context: unknown): void {
    if (!this.#root.contains(canvas)) return;
    if (!keepsPicture(context)) this.#keep(canvas);
    if (this.#unused.delete(canvas)) this.#changed();
    this.#askDraw();
  }

  /** The very moment: the picture is gone when the page shows it. */
  #keep(canvas: HTMLCanvasElement): void {
    let copy = this.#copies.get(canvas);
    if (copy === undefined) {
      copy = document.createElement("canvas");
      this.#copies.set(canvas, copy);
    }
    if (copy.width !== canvas.width || copy.height !== canvas.height) {
      copy.width = canvas.width;
      copy.height = canvas.height;
    }
    const context = copy.getContext("2d");
    if (context === null) return;
    context.globalCompositeOperation = "copy";
    context.drawImage(canvas, 0, 0);
  }

  // --- the DOM -------------------------------------------------------------------------------------------------------

  #askRaster(): void {
    if (this.#rastering !== null || this.#signal.aborted) return;
    this.#rastering = this.#rasterLater().finally(() => this.#rastered());
  }

  #rastered(): void {
    this.#rastering = null;
    if (this.#domChanged && !this.#signal.aborted) this.#askRaster();
  }

  /** In the next frame, when the page has laid out what changed; and some of the time is the page's own. */
  async #rasterLater(): Promise<void> {
    await nextFrame(this.#signal);
    try {
      const beganMs = performance.now();
      await this.#rasterNow();
      const nowMs = performance.now();
      this.#changingSinceMs = this.#domChanged ? (this.#changingSinceMs ?? nowMs) : null;
      if (this.#changingSinceMs === null) return;
      const [share, mostMs] = nowMs - this.#changingSinceMs < STEADY_MS ? QUICK_PAUSE : STEADY_PAUSE;
      await new Promise((resolve) => void setTimeout(resolve, Math.min(mostMs, share * (nowMs - beganMs))));
    } catch (error) {
      if (!this.#signal.aborted) this.#listener.failed(error);
    }
  }

  async #rasterNow(): Promise<void> {
    this.#domChanged = false;
    const { offsetWidth: width, offsetHeight: height } = this.#root;
    const scale = Math.min(devicePixelRatio, LARGEST_PX / Math.max(1, width, height));
    const placements = placeSurfaces(this.#root);
    const alone = placements.length === 1 && placements[0]?.surface === this.#root;
    const scene = { width, height, scale, background: backgroundOf(this.#root), isLayered: () => this.#isLayered() };
    this.#raster = alone ? null : await rasterise(this.#root, scene);
    if (this.#signal.aborted) throw abortReason(this.#signal);
    this.#follow();
    this.#draw();
    this.#listener.drawn();
  }

  /** Some libraries have a canvas in front that they don't use (bqplot): nothing is to be cut out for it. */
  #isLayered(): boolean {
    this.#unused.clear();
    const used = placeSurfaces(this.#root).filter(({ surface }) => {
      if (!(surface instanceof HTMLCanvasElement) || this.#copies.has(surface) || !isReadable(surface) || !isBlank(surface)) return true;
      this.#unused.add(surface);
      return false;
    });
    return mayBeCovered(this.#root, used);
  }

  /** Films and images tell themselves when they show something else. */
  #follow(): void {
    for (const { surface } of placeSurfaces(this.#root)) {
      if (this.#followed.has(surface)) continue;
      this.#followed.add(surface);
      const ask = (): void => this.#askDraw();
      if (surface instanceof HTMLVideoElement) this.#followFilm(surface);
      if (surface instanceof HTMLMediaElement) this.#followControls(surface);
      else if (surface instanceof HTMLImageElement) surface.addEventListener("load", ask, { signal: this.#signal });
    }
  }

  #followControls(media: HTMLMediaElement): void {
    const ask = (): void => void (media.controls && this.#askDraw());
    for (const type of CONTROL_EVENTS) media.addEventListener(type, ask, { signal: this.#signal });
  }

  #followFilm(film: HTMLVideoElement): void {
    const next = (): void => {
      if (this.#signal.aborted) return;
      film.requestVideoFrameCallback(() => {
        this.#askDraw();
        next();
      });
    };
    next();
    for (const type of ["seeked", "loadeddata", "play", "pause", "emptied"]) {
      film.addEventListener(type, () => this.#askDraw(), { signal: this.#signal });
    }
  }

  // --- the picture ---------------------------------------------------------------------------------------------------

  /** After this frame's callbacks: several surfaces may be drawn in one. */
  #askDraw(): void {
    this.surfaceChanges += 1;
    if (this.#drawAsked || this.#signal.aborted) return;
    this.#drawAsked = true;
    afterThisTask(() => {
      this.#drawAsked = false;
      if (this.#signal.aborted) return;
      this.#draw();
      this.#listener.drawn();
    });
  }

  #draw(): void {
    const { offsetWidth, offsetHeight } = this.#root;
    if (offsetWidth === 0 || offsetHeight === 0) return; // gone from sight: the last picture stays
    const scale = Math.min(devicePixelRatio, LARGEST_PX / Math.max(offsetWidth, offsetHeight));
    // Even, as video codecs want it.
    const width = Math.max(2, Math.floor((offsetWidth * scale) / 2) * 2);
    const height = Math.max(2, Math.floor((offsetHeight * scale) / 2) * 2);
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    this.#placements = placeSurfaces(this.#root);
    const context = this.#context;
    context.fillStyle = backgroundOf(this.#root);
    context.fillRect(0, 0, width, height);
    if (this.#raster !== null) context.drawImage(this.#raster.below, 0, 0);
    for (const placement of this.#placements) this.#drawSurface(placement, scale);
    if (this.#raster?.above) context.drawImage(this.#raster.above, 0, 0);
    this.#tellGaps();
  }

  #tellGaps(): void {
    const gaps = (this.#raster?.gaps ?? false) || this.#placements.some(({ surface }) => this.#unreadable.has(surface));
    if (gaps !== this.#gaps) this.#listener.gaps(gaps);
    this.#gaps = gaps;
  }

  #drawSurface(placement: Placement, scale: number): void {
    const { surface } = placement;
    if (!this.#unreadable.has(surface) && !isReadable(surface)) this.#unreadable.add(surface);
    if (this.#unreadable.has(surface)) markGap(this.#context, placement, scale);
    else drawSurface(this.#context, placement, this.#copies.get(surface) ?? null, scale);
  }
}

/** What is behind a widget: the first background that is painted, from it outwards. */
function backgroundOf(root: Element): string {
  for (let at: Element | null = root.parentElement; at !== null; at = at.parentElement) {
    const { backgroundColor } = getComputedStyle(at);
    if (!isClear(backgroundColor)) return backgroundColor;
  }
  return "#fff";
}

function isClear(color: string): boolean {
  return color === "transparent" || /^rgba\(.*,\s*0(\.\d+)?\)$/u.test(color);
}
