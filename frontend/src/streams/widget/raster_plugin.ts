/** What of a widget's DOM becomes something else in its raster: surfaces are holes, what is hidden is left out. */
import type { SnapdomPlugin } from "@zumer/snapdom";
import { markBackground, unreadableBackgrounds } from "./backgrounds";
import { isSurface } from "./surfaces";

/** The colour of a hole in the SVG image; nobody else's, one hopes. */
export const HOLE = "#0a0b0d";

/** `marked` is called when a part is marked in the raster, as it may not be read. */
export function forWidgets(root: HTMLElement, marked: () => void): SnapdomPlugin {
  const unreadable = unreadableBackgrounds(root);
  return {
    name: "ipymedia-widgets",
    resolveNode(node) {
      // A picture that did not come shows nothing in the page; snapdom would put a sign there.
      if (node instanceof HTMLImageElement && node.naturalWidth === 0) return document.createElement("div");
      if (isSurface(node)) return holeFor(node);
      return isHidden(node) ? nothing() : undefined;
    },
    afterClone({ nodeMap }) {
      if (!(nodeMap instanceof Map)) return;
      keepFromShrinking(nodeMap as ReadonlyMap<Node, Node>);
      keepFrames(nodeMap as ReadonlyMap<Node, Node>);
    },
    // When snapdom has put in the backgrounds that it could read.
    async beforeRender({ nodeMap }) {
      const elements = new Set<Node>(await unreadable);
      if (elements.size === 0 || !(nodeMap instanceof Map)) return;
      for (const [clone, original] of nodeMap as ReadonlyMap<Node, Node>) {
        if (!(elements.has(original) && original instanceof HTMLElement && clone instanceof HTMLElement)) continue;
        markBackground(original, clone);
        marked();
      }
    },
  };
}

function holeFor({ clientWidth, clientHeight }: Element): HTMLElement {
  const hole = document.createElement("div");
  // In pixels: a canvas does not shrink in a flex box, a percentage would.
  hole.innerHTML = `<svg width="${clientWidth}" height="${clientHeight}" style="display:block"><rect width="100%" height="100%" fill="${HOLE}"/></svg>`;
  return hole;
}

/**
 * Menus that are closed are thousands of nodes in some libraries (k3d). What SVG refers to has no box either, and is needed.
 * What is there for screen readers alone is cut to a pixel (the formulas of k3d's labels, once more as MathML).
 */
function isHidden(node: Element): boolean {
  if (!(node instanceof HTMLElement)) return false;
  const { display, position, overflow } = getComputedStyle(node);
  if (display === "none") return true;
  return position === "absolute" && overflow !== "visible" && node.offsetWidth <= 1 && node.offsetHeight <= 1;
}

function nothing(): HTMLElement {
  const element = document.createElement("div");
  element.style.setProperty("display", "none", "important");
  return element;
}

/**
 * The items of a row that runs over keep their widths, which snapdom gives them in pixels: in the page they are not made
 * narrower than their content, and that rule (`min-width: auto`) snapdom leaves out. (ipyvolume's panel.)
 */
function keepFromShrinking(originals: ReadonlyMap<Node, Node>): void {
  for (const [clone, original] of originals) {
    if (!(clone instanceof HTMLElement && original instanceof HTMLElement)) continue;
    if (original.scrollWidth <= original.clientWidth || !getComputedStyle(original).display.endsWith("flex")) continue;
    for (const item of clone.children) if (item instanceof HTMLElement && isBlock(item)) item.style.flexShrink = "0";
  }
}

/** What stands for a frame of this site is as large as the frame with its border, which snapdom would add once more. */
function keepFrames(originals: ReadonlyMap<Node, Node>): void {
  for (const [clone, original] of originals) {
    if (!(clone instanceof HTMLElement && original instanceof HTMLIFrameElement)) continue;
    clone.style.boxSizing = "border-box";
    clone.style.width = `${original.offsetWidth}px`;
    clone.style.height = `${original.offsetHeight}px`;
  }
}

/** Of others snapdom leaves the width to their text. */
function isBlock({ localName }: Element): boolean {
  return localName === "div" || localName === "section" || localName === "nav" || localName === "main";
}
