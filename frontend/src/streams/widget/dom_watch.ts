/** Tells when what a widget's DOM looks like may have changed: its nodes, sizes, controls, style sheets, animations. */
import { concernedText } from "./concerned_rules";
import { isSurface, markChanging } from "./surfaces";

const INPUT_EVENTS = ["input", "change", "focusin", "focusout", "scroll", "pointerover", "pointerout", "toggle"] as const;

/** Calls `changed` at once for each change, until the signal aborts. Many changes are many calls. */
export function watchDom(root: HTMLElement, changed: () => void, signal: AbortSignal): void {
  const nodes = new MutationObserver((records) => {
    // Judged before the images are marked: one that changes for the first time is still in the raster.
    const concerns = records.some((record) => !isOfSurface(record));
    for (const { target, attributeName } of records) {
      if (attributeName === "src" && target instanceof HTMLImageElement) markChanging(target);
    }
    if (concerns) changed();
  });
  const all = { subtree: true, childList: true, characterData: true, attributes: true };
  nodes.observe(root, all);
  // What is in a frame is a document of its own, and another one after each load.
  const watchFrames = (): void => {
    for (const { contentDocument } of root.querySelectorAll("iframe")) if (contentDocument !== null) nodes.observe(contentDocument, all);
  };
  watchFrames();
  watchSurroundings(root, changed, signal);
  let size = `${root.offsetWidth}×${root.offsetHeight}`;
  const sizes = new ResizeObserver(() => {
    const now = `${root.offsetWidth}×${root.offsetHeight}`;
    if (now !== size) changed(); // the first call tells nothing new
    size = now;
  });
  sizes.observe(root);
  signal.addEventListener(
    "abort",
    () => {
      nodes.disconnect();
      sizes.disconnect();
    },
    { once: true },
  );
  const options = { signal, capture: true, passive: true };
  for (const type of INPUT_EVENTS) root.addEventListener(type, changed, options);
  const loaded = ({ target }: Event): void => {
    if (target instanceof HTMLIFrameElement) watchFrames();
    else if (!(target instanceof Node) || isSurface(target)) return;
    changed();
  };
  root.addEventListener("load", loaded, options);
  document.fonts.addEventListener("loadingdone", changed, { signal });
  watchAnimations(root, changed, signal);
}

/** What a widget inherits from the page around it: style sheets, and through its ancestors, whose classes change all the time. */
function watchSurroundings(root: HTMLElement, changed: () => void, signal: AbortSignal): void {
  let before = inherited(root);
  let rules: string | null = null;
  // JupyterLab's editors bring a few rules with each new cell.
  const sheetsChanged = (): void => {
    const now = concernedText(root);
    if (now === null || now !== rules) changed();
    rules = now;
  };
  const observer = new MutationObserver((records) => {
    const now = inherited(root);
    if (now !== before) changed();
    before = now;
    if (records.some(({ target, addedNodes, removedNodes }) => [target, ...addedNodes, ...removedNodes].some(isStyleSheet))) sheetsChanged();
  });
  for (let at = root.parentElement; at !== null; at = at.parentElement) observer.observe(at, { attributes: true });
  observer.observe(document.head, { subtree: true, childList: true, characterData: true });
  // Of one that is linked the rules come later.
  document.head.addEventListener("load", ({ target }) => target instanceof Node && isStyleSheet(target) && sheetsChanged(), { signal, capture: true });
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}

function isStyleSheet(node: Node): boolean {
  const element = node instanceof Element ? node : node.parentElement;
  if (element instanceof HTMLElement && element.dataset["snapdom"] !== undefined) return false; // put there to be read, by each raster
  return element instanceof HTMLStyleElement || (element instanceof HTMLLinkElement && element.rel === "stylesheet");
}

function inherited(root: HTMLElement): string {
  const { color, font, direction, colorScheme } = getComputedStyle(root);
  const theme = document.body.dataset["jpThemeName"] ?? "";
  return [color, font, direction, colorScheme, theme, document.documentElement.className].join();
}

/** A surface's own attributes say where it is, not what it shows: drawing needs them, rasterising doesn't. */
function isOfSurface({ type, target, attributeName }: MutationRecord): boolean {
  return type === "attributes" && isSurface(target) && attributeName !== "style" && attributeName !== "class";
}

/** While a transition or an animation runs, each frame looks different. */
function watchAnimations(root: HTMLElement, changed: () => void, signal: AbortSignal): void {
  let running = false;
  const step = (): void => {
    running = !signal.aborted && root.getAnimations({ subtree: true }).some(({ playState }) => playState === "running");
    changed();
    if (running) requestAnimationFrame(step);
  };
  for (const type of ["transitionrun", "animationstart", "transitionend", "animationend"]) {
    root.addEventListener(type, () => !running && step(), { signal, capture: true, passive: true });
  }
}
