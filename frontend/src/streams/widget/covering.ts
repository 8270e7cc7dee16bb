/** Whether anything is painted over a widget's surfaces, or cuts them: only then is the DOM rasterised in layers. */
import type { Placement, Surface } from "./surfaces";
import { isSurface, paintOrder } from "./surfaces";

interface Boxed {
  readonly surface: Surface;
  readonly box: DOMRect;
}

/** How far rounding may let a surface stand out of what holds it. */
const SLACK_PX = 1;

export function mayBeCovered(root: HTMLElement, placements: readonly Placement[]): boolean {
  if (placements.length === 0) return false;
  const boxes = placements.map(({ surface }) => ({ surface, box: surface.getBoundingClientRect() }));
  for (const element of root.querySelectorAll("*")) {
    if (!isSurface(element) && boxes.some((boxed) => covers(element, boxed, root))) return true;
  }
  return boxes.some((boxed) => isCut(boxed, root));
}

/** Whether an element lies over a surface, and is painted later. */
function covers(element: Element, { surface, box }: Boxed, root: HTMLElement): boolean {
  if (element.contains(surface) || surface.contains(element)) return false;
  const { left, right, top, bottom, width, height } = element.getBoundingClientRect();
  const apart = right <= box.left || left >= box.right || bottom <= box.top || top >= box.bottom;
  return !apart && width > 0 && height > 0 && paintOrder(surface, element, root) < 0 && paints(element);
}

/** Boxes that only hold others paint nothing of themselves. */
const BOXES = new Set(["div", "span", "section", "p", "g", "svg", "defs", "clipPath", "label"]);

/** Whether an element itself, not what is in it, can be seen. */
function paints(element: Element): boolean {
  if (!BOXES.has(element.localName)) return true;
  if ([...element.childNodes].some(({ nodeType, nodeValue }) => nodeType === Node.TEXT_NODE && nodeValue?.trim())) return true;
  const style = getComputedStyle(element);
  return decorates(style) || ["::before", "::after"].some((part) => getComputedStyle(element, part).content !== "none");
}

function decorates(style: CSSStyleDeclaration): boolean {
  const { backgroundColor, backgroundImage, boxShadow, outlineStyle, borderTopWidth, borderLeftWidth, borderRightWidth } = style;
  const sides = [borderTopWidth, borderLeftWidth, borderRightWidth, style.borderBottomWidth];
  const plain = [backgroundImage, boxShadow, outlineStyle, style.backdropFilter].every((value) => value === "none" || value === "");
  return !plain || sides.some((width) => Number.parseFloat(width) > 0) || !/^(transparent|rgba\(.*, 0\))$/u.test(backgroundColor);
}

/** Whether an ancestor cuts a part of a surface off. */
function isCut({ surface, box }: Boxed, root: HTMLElement): boolean {
  for (let at: Element | null = surface; at !== null && at !== root; at = at.parentElement) {
    const { clipPath, overflow, borderRadius } = getComputedStyle(at);
    if (clipPath !== "none") return true;
    if (overflow === "visible") continue;
    if (borderRadius !== "0px" || (at !== surface && !isInside(box, at.getBoundingClientRect()))) return true;
  }
  return false;
}

function isInside(inner: DOMRect, outer: DOMRect): boolean {
  return (
    inner.left >= outer.left - SLACK_PX &&
    inner.right <= outer.right + SLACK_PX &&
    inner.top >= outer.top - SLACK_PX &&
    inner.bottom <= outer.bottom + SLACK_PX
  );
}
