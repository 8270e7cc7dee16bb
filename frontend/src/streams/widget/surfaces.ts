/**
 * The live surfaces of a widget: canvases, films, images that change, and frames of other sites, which only can be marked.
 * Where they are, and how they are drawn.
 */
import { drawControls, showsControls } from "./media_controls";

export type Surface = HTMLCanvasElement | HTMLVideoElement | HTMLImageElement | HTMLAudioElement | HTMLIFrameElement;

/** Images whose source was seen to change: drawn as they are, not rasterised. */
const CHANGING_IMAGES = new WeakSet<Element>();

export function markChanging(image: HTMLImageElement): void {
  CHANGING_IMAGES.add(image);
}

export function isSurface(node: Node): node is Surface {
  return (
    node instanceof HTMLCanvasElement ||
    node instanceof HTMLMediaElement ||
    (node instanceof HTMLIFrameElement && node.contentDocument === null) ||
    (node instanceof HTMLImageElement && CHANGING_IMAGES.has(node))
  );
}

/** Where a surface is in its root, as the matrix of its centre, in CSS pixels. */
export interface Placement {
  readonly surface: Surface;
  readonly matrix: readonly [number, number, number, number, number, number];
  /** The content box, from the centre of the border box. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  readonly opacity: number;
  readonly filter: string;
  readonly fit: string;
  readonly smooth: boolean;
}

/** The surfaces that can be seen, in the order in which they are painted. */
export function placeSurfaces(root: HTMLElement): Placement[] {
  const found = [root, ...root.querySelectorAll("canvas, video, audio, img, iframe")].filter(isSurface);
  const placed = found.flatMap((surface) => place(surface, root) ?? []);
  return placed.sort((one, other) => paintOrder(one.surface, other.surface, root));
}

function place(surface: Surface, root: HTMLElement): Placement | null {
  const style = getComputedStyle(surface);
  const outer = surface.getBoundingClientRect();
  if (outer.width === 0 || outer.height === 0 || style.visibility !== "visible") return null;
  const frame = root.getBoundingClientRect();
  const scale = root.offsetWidth > 0 ? frame.width / root.offsetWidth : 1;
  const { linear, opacity } = inherited(surface, root);
  if (opacity === 0) return null;
  // However an element is turned, the centre of its bounding box is its own.
  const x = ((outer.left + outer.right) / 2 - frame.left) / scale;
  const y = ((outer.top + outer.bottom) / 2 - frame.top) / scale;
  const upright = linear.b === 0 && linear.c === 0;
  const width = upright ? outer.width / scale / Math.abs(linear.a) : surface.offsetWidth;
  const height = upright ? outer.height / scale / Math.abs(linear.d) : surface.offsetHeight;
  return {
    surface,
    matrix: [linear.a, linear.b, linear.c, linear.d, x, y],
    box: contentBox(style, width, height),
    opacity,
    filter: style.filter,
    fit: style.objectFit,
    smooth: style.imageRendering !== "pixelated" && style.imageRendering !== "crisp-edges",
  };
}

/** What the elements up to the root do to what is in them. */
function inherited(surface: Element, root: Element): { linear: DOMMatrix; opacity: number } {
  let opacity = 1;
  let linear = new DOMMatrix();
  for (let at: Element | null = surface; at !== null && at !== root; at = at.parentElement) {
    const { transform, opacity: part, display } = getComputedStyle(at);
    if (display === "none") opacity = 0;
    opacity *= Number(part);
    if (transform !== "none") linear = new DOMMatrix(transform).multiply(linear);
  }
  return { linear, opacity };
}

function contentBox(style: CSSStyleDeclaration, width: number, height: number): Placement["box"] {
  const left = px(style.borderLeftWidth) + px(style.paddingLeft);
  const top = px(style.borderTopWidth) + px(style.paddingTop);
  const right = px(style.borderRightWidth) + px(style.paddingRight);
  const bottom = px(style.borderBottomWidth) + px(style.paddingBottom);
  return { x: left - width / 2, y: top - height / 2, width: width - left - right, height: height - top - bottom };
}

function px(value: string): number {
  return Number.parseFloat(value) || 0;
}

/** Negative where `one` is painted first: by the z-index of where their branches part, then by their order. */
export function paintOrder(one: Element, other: Element, root: Element): number {
  const [first, second] = branches(one, other, root);
  const difference = level(first) - level(second);
  if (difference !== 0) return difference;
  return (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING) !== 0 ? -1 : 1;
}

function branches(one: Element, other: Element, root: Element): [Element, Element] {
  let first = one;
  while (first !== root && first.parentElement !== null && !first.parentElement.contains(other)) first = first.parentElement;
  let second = other;
  while (second !== root && second.parentElement !== null && !second.parentElement.contains(one)) second = second.parentElement;
  return [first, second];
}

/** In flow 0, positioned 0.5, and above and below that what a z-index says. */
function level(element: Element): number {
  const { position, zIndex, transform } = getComputedStyle(element);
  const positioned = position !== "static" || transform !== "none";
  if (!positioned) return 0;
  const index = Number.parseInt(zIndex, 10);
  return Number.isNaN(index) || index === 0 ? 0.5 : index;
}

/** The size of what a surface holds, in its own pixels; 0 where there is nothing yet. */
export function sizeOf(surface: Surface): { width: number; height: number } {
  if (surface instanceof HTMLVideoElement) return { width: surface.videoWidth, height: surface.videoHeight };
  if (surface instanceof HTMLAudioElement || surface instanceof HTMLIFrameElement) return { width: 0, height: 0 };
  if (surface instanceof HTMLImageElement) return { width: surface.naturalWidth, height: surface.naturalHeight };
  return { width: surface.width, height: surface.height };
}

/** Draws a surface, or the copy of it that was kept, where it belongs. `scale` is pixels for each CSS pixel. */
export function drawSurface(
  context: CanvasRenderingContext2D,
  placement: Placement,
  copy: CanvasImageSource | null,
  scale: number,
): void {
  const { surface, box, opacity, filter, smooth } = placement;
  if (box.width <= 0 || box.height <= 0) return;
  context.save();
  context.setTransform(onPixels(placement, scale));
  context.globalAlpha = opacity;
  context.imageSmoothingEnabled = smooth;
  context.imageSmoothingQuality = "medium";
  if (filter !== "none") context.filter = filter;
  if (!(surface instanceof HTMLAudioElement || surface instanceof HTMLIFrameElement)) drawContent(context, placement, copy ?? surface);
  if (surface instanceof HTMLMediaElement && showsControls(surface)) drawControls(context, surface, box);
  context.restore();
}

/** Where a placement is in pixels. What stands upright begins and ends on whole ones, as the browser paints it. */
export function onPixels({ matrix, box }: Pick<Placement, "matrix" | "box">, scale: number): DOMMatrix2DInit {
  const [a, b, c, d, e, f] = matrix.map((value) => value * scale) as [number, number, number, number, number, number];
  if (b !== 0 || c !== 0 || a <= 0 || d <= 0) return { a, b, c, d, e, f };
  const [left, top] = [Math.round(a * box.x + e), Math.round(d * box.y + f)];
  const wide = (Math.round(a * (box.x + box.width) + e) - left) / box.width;
  const high = (Math.round(d * (box.y + box.height) + f) - top) / box.height;
  return { a: wide, b, c, d: high, e: left - wide * box.x, f: top - high * box.y };
}

function drawContent(context: CanvasRenderingContext2D, { surface, box, fit }: Placement, content: CanvasImageSource): void {
  const size = sizeOf(surface);
  if (size.width === 0 || size.height === 0) return;
  const fitted = fitting(fit, size, box);
  context.save();
  if (fitted.width > box.width + 1 || fitted.height > box.height + 1) {
    context.beginPath();
    context.rect(box.x, box.y, box.width, box.height);
    context.clip();
  }
  context.drawImage(content, fitted.x, fitted.y, fitted.width, fitted.height);
  context.restore();
}

/** CSS's object-fit, with the content in the middle. */
export function fitting(
  fit: string,
  size: { readonly width: number; readonly height: number },
  box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number },
): { x: number; y: number; width: number; height: number } {
  if (fit === "fill") return { ...box };
  const [wide, high] = [box.width / size.width, box.height / size.height];
  const shares: Readonly<Record<string, number>> = {
    contain: Math.min(wide, high),
    cover: Math.max(wide, high),
    none: 1,
    "scale-down": Math.min(1, wide, high),
  };
  const share = shares[fit] ?? 1;
  const [width, height] = [size.width * share, size.height * share];
  return { x: box.x + (box.width - width) / 2, y: box.y + (box.height - height) / 2, width, height };
}
