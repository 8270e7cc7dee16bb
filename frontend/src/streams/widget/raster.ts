/**
 * The DOM of a widget as pictures, with holes where its live surfaces are: what lies below them, and what lies above.
 *
 * snapdom turns the DOM into an SVG image once. What is above the surfaces comes out of that same image, drawn with
 * black holes and with white ones: where both are alike something opaque covers the hole, where they differ by the whole
 * range nothing does. So order, clipping, masks and opacity are the browser's own.
 */
import type { SnapdomPlugin } from "@zumer/snapdom";
import { snapdom } from "@zumer/snapdom";
import { gapImage } from "./gaps";
import { isSurface } from "./surfaces";
import { usesWebFonts } from "./web_fonts";

/** The colour of a hole in the SVG image; nobody else's, one hopes. */
const HOLE = "#0a0b0d";

export interface Raster {
  readonly below: HTMLCanvasElement;
  /** null where nothing is above the surfaces. */
  readonly above: HTMLCanvasElement | null;
  /** Whether an image is marked in it that its site does not let be read. */
  readonly gaps: boolean;
}

const HOLES: SnapdomPlugin = {
  name: "ipymedia-holes",
  resolveNode(node) {
    // A picture that did not come shows nothing in the page; snapdom would put a sign there.
    if (node instanceof HTMLImageElement && node.naturalWidth === 0) return document.createElement("div");
    if (!isSurface(node)) return undefined;
    const hole = document.createElement("div");
    hole.innerHTML = `<svg width="100%" height="100%" style="display:block"><rect width="100%" height="100%" fill="${HOLE}"/></svg>`;
    return hole;
  },
};

export interface RasterSize {
  readonly width: number;
  readonly height: number;
  /** Pixels for each CSS pixel. */
  readonly scale: number;
}

/** Draws the DOM of the root in its present state. `layered` asks for what is above the surfaces too. */
export async function rasterise(root: HTMLElement, { width, height, scale }: RasterSize, layered: boolean): Promise<Raster> {
  let gaps = false;
  const captured = await snapdom(root, {
    dpr: 1,
    fast: false,
    embedFonts: usesWebFonts(root) ? "auto" : false,
    invalidate: true,
    plugins: [HOLES],
    fallbackURL: ({ width: wide = 0, height: high = 0 }) => {
      gaps = true;
      return gapImage(wide, high);
    },
    backgroundColor: null,
  });
  const { contentX = 0, contentY = 0, vbW = width, vbH = height } = (captured as { meta?: Meta }).meta ?? {};
  const place = { x: -contentX, y: -contentY, width: vbW, height: vbH };
  const paint = async (fill: string): Promise<HTMLCanvasElement> => {
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    const image = await loadSvg(withHoles(captured.url, fill));
    const context = canvas.getContext("2d", { willReadFrequently: layered });
    context?.drawImage(image, place.x * scale, place.y * scale, place.width * scale, place.height * scale);
    return canvas;
  };
  const below = await paint("none");
  const parts = layered ? layers(below, await paint("#000"), await paint("#fff")) : { below, above: null };
  return { ...parts, gaps };
}

interface Meta {
  readonly contentX: number;
  readonly contentY: number;
  readonly vbW: number;
  readonly vbH: number;
}

function withHoles(url: string, fill: string): string {
  const filled = url.replaceAll(encodeURIComponent(HOLE), encodeURIComponent(fill)).replaceAll(HOLE, encodeURIComponent(fill));
  return scrollbarsTakeSpace() ? filled : filled.replace("%3C%2Fstyle%3E", `${NO_SCROLLBARS}%3C%2Fstyle%3E`);
}

const NO_SCROLLBARS = encodeURIComponent("*::-webkit-scrollbar{display:none}");

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
 * hole is seen through it. Where both are alike there is no hole, or nothing of it is seen.
 */
function part(below: Pixels, black: Pixels, white: Pixels): void {
  const [under, dark, light] = [below.picture.data, black.picture.data, white.picture.data];
  for (let at = 0; at < dark.length; at += 4) {
    const seen = Math.max(0, (light[at + 1] ?? 0) - (dark[at + 1] ?? 0));
    const alpha = 255 - seen;
    if (seen === 0 || alpha <= NOISE) {
      dark[at + 3] = 0; // nothing covers it, or there is no hole, and `below` has it
      continue;
    }
    const alphaBelow = under[at + 3] ?? 0;
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

/** Rounding of the browser's own: such differences mean nothing. */
const NOISE = 3;

interface Pixels {
  readonly canvas: HTMLCanvasElement;
  readonly picture: ImageData;
}

function pixelsOf(canvas: HTMLCanvasElement): Pixels {
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (context === null) throw new Error("This browser gives no canvas to draw on.");
  return { canvas, picture: context.getImageData(0, 0, canvas.width, canvas.height) };
}

function layers(below: HTMLCanvasElement, black: HTMLCanvasElement, white: HTMLCanvasElement): Omit<Raster, "gaps"> {
  const [under, dark, light] = [pixelsOf(below), pixelsOf(black), pixelsOf(white)];
  part(under, dark, light);
  for (const { canvas, picture } of [under, dark]) canvas.getContext("2d")?.putImageData(picture, 0, 0);
  return { below, above: black };
}
