/** Whether a surface's picture can be read: what is another site's can't, and some WebGL shows it and forgets it. */
import type { Surface } from "./surfaces";
import { sizeOf } from "./surfaces";

const BLANK_SAMPLE_PX = 24;

const READ = new WeakMap<Surface, string>();

/** What was drawn on a canvas may be another site's: it is looked at again. */
export function doubt(canvas: HTMLCanvasElement, drawn: unknown): void {
  if (READ.has(canvas) && mayBeOfAnotherSite(drawn)) READ.delete(canvas);
}

function mayBeOfAnotherSite(drawn: unknown): boolean {
  if (drawn instanceof HTMLImageElement || drawn instanceof HTMLVideoElement) {
    return drawn.currentSrc !== "" && !/^(data|blob):/u.test(drawn.currentSrc) && new URL(drawn.currentSrc).origin !== location.origin;
  }
  return !(drawn instanceof HTMLCanvasElement && isReadable(drawn));
}

/** Whether drawing it leaves our canvas readable. Asked once for each source. */
export function isReadable(surface: Surface): boolean {
  if (surface instanceof HTMLIFrameElement) return false;
  if (surface instanceof HTMLAudioElement || isLoading(surface)) return true;
  const source = surface instanceof HTMLCanvasElement ? "canvas" : surface.currentSrc;
  if (READ.get(surface) === source) return true;
  const probe = document.createElement("canvas");
  [probe.width, probe.height] = [1, 1];
  const context = probe.getContext("2d", { willReadFrequently: true });
  try {
    context?.drawImage(surface, 0, 0, 1, 1);
    context?.getImageData(0, 0, 1, 1);
    READ.set(surface, source);
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === "SecurityError") return false;
    throw error;
  }
}

function isLoading(surface: Surface): boolean {
  const { width, height } = sizeOf(surface);
  return width === 0 || height === 0 || (surface instanceof HTMLImageElement && !surface.complete);
}

/** Whether a canvas that is readable shows nothing. */
export function isBlank(canvas: HTMLCanvasElement): boolean {
  if (canvas.width === 0 || canvas.height === 0) return false;
  const probe = document.createElement("canvas");
  [probe.width, probe.height] = [BLANK_SAMPLE_PX, BLANK_SAMPLE_PX];
  const context = probe.getContext("2d", { willReadFrequently: true });
  if (context === null) return false;
  context.drawImage(canvas, 0, 0, BLANK_SAMPLE_PX, BLANK_SAMPLE_PX);
  const { data } = context.getImageData(0, 0, BLANK_SAMPLE_PX, BLANK_SAMPLE_PX);
  return data.every((value) => value === 0);
}

/** False for WebGL whose picture is gone as soon as the page shows it. */
export function keepsPicture(context: unknown): boolean {
  const webgl = context as { getContextAttributes?: () => { preserveDrawingBuffer?: boolean } | null };
  return webgl.getContextAttributes?.()?.preserveDrawingBuffer !== false;
}
