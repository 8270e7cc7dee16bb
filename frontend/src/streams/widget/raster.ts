/**
 * The DOM of a widget as pictures, with holes where its live surfaces are: what lies below them, and what lies above.
 *
 * snapdom turns the DOM into an SVG image once. What is above the surfaces comes out of that same image, drawn with
 * black holes and with white ones: where both are alike something opaque covers the hole, where they differ by the whole
 * range nothing does. So order, clipping, masks and opacity are the browser's own.
 */
import { snapdom } from "@zumer/snapdom";
import { whileConcerned } from "./concerned_rules";
import { gapImage } from "./gaps";
import { forWidgets, HOLE } from "./raster_plugin";
import { fontRules } from "./web_fonts";

export interface Raster {
  readonly below: HTMLCanvasElement;
  /** null where nothing is above the surfaces. */
  readonly above: HTMLCanvasElement | null;
  /** Whether an image is marked in it that its site does not let be read. */
  readonly gaps: boolean;
}

export interface RasterScene {
  readonly width: number;
  readonly height: number;
  /** Pixels for each CSS pixel. */
  readonly scale: number;
  /** The colour behind the widget. */
  readonly background: string;
  /** Asked late: whether something is above the surfaces. */
  isLayered(): boolean;
}

/** Draws the DOM of the root in its present state. */
export async function rasterise(root: HTMLElement, scene: RasterScene): Promise<Raster> {
  const { width, height, scale, background } = scene;
  let gaps = false;
  const marked = (): void => void (gaps = true);
  const fallbackURL = ({ width: wide = 0, height: high = 0 }): string => {
    marked();
    return gapImage(wide, high);
  };
  const plugins = [forWidgets(root, marked)];
  const options = { dpr: 1, fast: false, embedFonts: false, invalidate: true, plugins, fallbackURL, backgroundColor: null };
  const [captured, fonts] = await whileConcerned(root, async () => Promise.all([snapdom(root, options), fontRules(root)]));
  const layered = scene.isLayered();
  const { contentX = 0, contentY = 0, vbW = width, vbH = height } = (captured as { meta?: Meta }).meta ?? {};
  const url = withRules(captured.url, fonts + (scrollbarsTakeSpace() ? "" : NO_SCROLLBARS));
  const place = { x: -contentX, y: -contentY, width: vbW, height: vbH };
  const paint = async (fill: string): Promise<HTMLCanvasElement> => {
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const image = await loadSvg(withHoles(url, fill));
    const context = canvas.getContext("2d", { willReadFrequently: layered });
    context?.drawImage(image, place.x * scale, place.y * scale, place.width * scale, place.height * scale);
    return canvas;
  };
  if (!layered) return { below: await paint("none"), above: null, gaps };
  const painted = await Promise.all([paint("none"), paint("#000"), paint("#fff")]);
  return { ...layers(painted, background), gaps };
}

interface Meta {
  readonly contentX: number;
  readonly contentY: number;
  readonly vbW: number;
  readonly vbH: number;
}

function withHoles(url: string, fill: string): string {
  return url.replaceAll(encodeURIComponent(HOLE), encodeURIComponent(fill)).replaceAll(HOLE, encodeURIComponent(fill));
}

function withRules(url: string, rules: string): string {
  const end = encodeURIComponent("</style>");
  const text = rules.replaceAll("&", "&amp;").replaceAll("<", "&lt;"); // an SVG image is XML
  return rules === "" ? url : url.replace(end, () => encodeURIComponent(text) + end);
}

const NO_SCROLLBARS = "*::-webkit-scrollbar{display:none}";

/** Where they lie over the content (phones, some systems) they are seen only while one scrolls; an image has them always. */
function scrollbarsTakeSpace(): boolean {
  const probe = document.createElement("div");
  probe.style.cssText = "position:fixed; width:50px; height:50px; overflow:scroll; visibility:hidden";
  document.body.append(probe);
  const takes = probe.offsetWidth > probe.clientWidth;
  probe.remove();
  return takes;
}

async function loadSvg(url: string): Promise<HTMLImageElement> {
  const image = new Image();
  image.src = url;
  await image.decode();
  return image;
}

/**
 * Parts the picture: what covers the holes stays in `black`, and is taken out of `below`.
 *
 * With a hole that is black the covering part is seen alone, premultiplied; the difference to white tells how much of the
 * hole is seen through it. Where both are alike there is no hole, or nothing of it is seen: there `black` shows the DOM
 * on its background, and no surface that is larger than its hole.
 */
function part(below: Pixels, black: Pixels, white: Pixels, background: Uint8ClampedArray): void {
  const [under, dark, light] = [below.picture.data, black.picture.data, white.picture.data];
  for (let at = 0; at < dark.length; at += 4) {
    const seen = Math.max(0, (light[at + 1] ?? 0) - (dark[at + 1] ?? 0));
    const alpha = 255 - seen;
    const alphaBelow = under[at + 3] ?? 0;
    if (alpha <= NOISE) {
      dark[at + 3] = 0; // nothing covers the hole
      continue;
    }
    if (seen <= NOISE) {
      flatten(under, at, background, dark);
      continue;
    }
    const left = Math.max(0, Math.min(1, (alphaBelow - alpha) / seen));
    for (let channel = at; channel < at + 3; channel += 1) {
      const covering = dark[channel] ?? 0;
      const both = ((under[channel] ?? 0) * alphaBelow) / 255;
      under[channel] = left > 0 ? ((both - covering) * 255) / (seen * left) : 0;
      dark[channel] = (covering * 255) / alpha;
    }
    under[at + 3] = 255 * left;
    dark[at + 3] = alpha;
  }
}

/** One pixel, on an opaque background. */
function flatten(from: Uint8ClampedArray, at: number, background: Uint8ClampedArray, to: Uint8ClampedArray): void {
  const alpha = from[at + 3] ?? 0;
  for (let channel = 0; channel < 3; channel += 1) {
    to[at + channel] = ((from[at + channel] ?? 0) * alpha + (background[channel] ?? 0) * (255 - alpha)) / 255;
  }
  to[at + 3] = 255;
}

/** Rounding of the browser's own: such differences mean nothing. */
const NOISE = 3;

interface Pixels {
  readonly canvas: HTMLCanvasElement;
  readonly picture: ImageData;
}

function pixelsOf(canvas: HTMLCanvasElement): Pixels {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error(NO_CANVAS);
  return { canvas, picture: context.getImageData(0, 0, canvas.width, canvas.height) };
}

/** The red, green and blue of any CSS colour that is opaque. */
function channelsOf(color: string): Uint8ClampedArray {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 1;
  const context = canvas.getContext("2d");
  if (context === null) throw new Error(NO_CANVAS);
  context.fillStyle = color;
  context.fillRect(0, 0, 1, 1);
  return context.getImageData(0, 0, 1, 1).data;
}

const NO_CANVAS = "This browser gives no canvas to draw on.";

function layers([below, black, white]: [HTMLCanvasElement, HTMLCanvasElement, HTMLCanvasElement], background: string): Omit<Raster, "gaps"> {
  const [under, dark, light] = [pixelsOf(below), pixelsOf(black), pixelsOf(white)];
  part(under, dark, light, channelsOf(background));
  for (const { canvas, picture } of [under, dark]) canvas.getContext("2d")?.putImageData(picture, 0, 0);
  return { below, above: black };
}
