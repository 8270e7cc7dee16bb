/** The view of a widget to take the pictures of: one that can be seen, else one of our own, off the screen. */
import type { AnyModel } from "@anywidget/types";
import { abortReason } from "../../abort_reason";
import { CaptureFailure } from "../capture_error";
import { managerOf } from "../model_stream";
import { isRecord } from "../record";

/** How long a widget that is not shown is waited for, before a view of our own is made. */
const SHOWN_PATIENCE_MS = 250;
const LOOK_AGAIN_MS = 250;
/** A page that is shown tells in its next frame what can be seen of it. */
const SEEN_PATIENCE_MS = 200;
const DEFAULT_WIDTH_PX = 640;
/** How long a widget may be without a size. */
const SIZE_PATIENCE_MS = 2000;
/** How long a library may take to make a view, which may load its code first. */
const VIEW_PATIENCE_MS = 10_000;

/** A Backbone view, as far as it concerns us. */
interface WidgetView {
  readonly el: HTMLElement;
  readonly luminoWidget?: LuminoWidget;
  readonly pWidget?: LuminoWidget;
  /** Resolves when it is attached; then its layout is asked for, and until that is there it has the size of its parts. */
  readonly displayed?: PromiseLike<unknown>;
  readonly layoutPromise?: PromiseLike<unknown>;
  remove(): void;
}

interface LuminoWidget {
  readonly constructor: unknown;
  dispose(): void;
}

/** A model of ipywidgets', as far as it concerns us. */
export interface ViewedModel {
  readonly views?: Readonly<Record<string, PromiseLike<WidgetView>>>;
  readonly name?: string;
  get(name: string): unknown;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
}

interface ViewManager {
  create_view(model: unknown, options?: object): Promise<WidgetView>;
}

export interface FoundView {
  readonly root: HTMLElement;
  /** Whether it is our own, which nobody sees. */
  readonly own: boolean;
  readonly view: WidgetView;
}

export interface WantedSize {
  readonly width: number;
  readonly height: number;
}

/** A view that is laid out in the page, the one in sight first; null where there is none. */
export async function shownView(model: ViewedModel): Promise<FoundView | null> {
  const settled = await Promise.allSettled(Object.values(model.views ?? {}));
  const views = settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
  const laidOut = views.filter(({ el }) => el.isConnected && isLaidOut(el) && el.closest(`.${OFF_SCREEN}`) === null);
  const inSight = laidOut.length > 1 ? await seen(laidOut.map(({ el }) => el)) : null;
  const view = laidOut.find(({ el }) => inSight?.has(el)) ?? laidOut[0];
  return view === undefined ? null : { root: view.el, own: false, view };
}

/** The view to capture: shown, or made here until the signal aborts. */
export async function findView(
  model: AnyModel,
  other: ViewedModel,
  size: WantedSize,
  signal: AbortSignal,
): Promise<FoundView> {
  const untilMs = performance.now() + SHOWN_PATIENCE_MS;
  do {
    const shown = await shownView(other);
    if (shown !== null) return shown;
    await pause(50, signal);
  } while (performance.now() < untilMs);
  return makeView(model, other, size, signal);
}

/** Calls `moved` when another view should be captured: this one went, or another one can be seen in its place. */
export function watchViews(model: ViewedModel, found: FoundView, moved: () => void, signal: AbortSignal): void {
  const { root, own, view } = found;
  let inSight = true;
  const observer = new IntersectionObserver((entries) => {
    inSight = entries.at(-1)?.isIntersecting ?? true;
  });
  if (!own) observer.observe(root);
  const isBetter = async (other: HTMLElement): Promise<boolean> => own || (await seen([other])).has(other);
  const look = async (): Promise<void> => {
    const there = root.isConnected && isLaidOut(view.el);
    if (there && !own && inSight) return;
    const shown = await shownView(model);
    if (shown?.root === root) return;
    // Scrolled away it is drawn as before: only one that is in sight is better.
    const better = shown !== null && (await isBetter(shown.root));
    if (!signal.aborted && (better || !there)) moved();
  };
  const timer = setInterval(() => void look(), LOOK_AGAIN_MS);
  signal.addEventListener(
    "abort",
    () => {
      clearInterval(timer);
      observer.disconnect();
    },
    { once: true },
  );
}

/** Calls back when the kernel closed the widget, unless the signal aborts before. */
export function whenClosed(model: ViewedModel, signal: AbortSignal, closed: () => void): void {
  model.on("comm:close", closed);
  signal.addEventListener("abort", () => model.off("comm:close", closed), { once: true });
}

export function isLaidOut(element: HTMLElement): boolean {
  const { width, height } = element.getBoundingClientRect();
  return width > 0 && height > 0;
}

/** Those of which a part can be seen: within the window, and within all that they scroll in. */
async function seen(elements: readonly HTMLElement[]): Promise<ReadonlySet<Element>> {
  if (elements.length === 0) return new Set();
  return new Promise((resolve) => {
    const done = (inSight: readonly IntersectionObserverEntry[]): void => {
      clearTimeout(timer);
      observer.disconnect();
      resolve(new Set(inSight.map(({ target }) => target)));
    };
    const observer = new IntersectionObserver((entries) => done(entries.filter(({ isIntersecting }) => isIntersecting)));
    // In a hidden page nobody is told, as nothing is to be seen.
    const timer = setTimeout(done, SEEN_PATIENCE_MS, []);
    for (const element of elements) observer.observe(element);
  });
}

const OFF_SCREEN = "ipymedia-off-screen";

/** In the page, so that it is laid out and drawn, but below everything. */
async function makeView(model: AnyModel, other: ViewedModel, { width, height }: WantedSize, signal: AbortSignal): Promise<FoundView> {
  const manager = managerOf(model) as unknown as ViewManager | null;
  if (typeof manager?.create_view !== "function") {
    throw new CaptureFailure("no_stream", "The widget was not captured: it is not shown, and this host makes no view of it. Show it in a cell.");
  }
  const view = await viewOf(manager, other);
  signal.throwIfAborted();
  const host = document.createElement("div");
  host.className = `${OFF_SCREEN} jp-OutputArea-output jupyter-widgets-output-area`;
  host.setAttribute("aria-hidden", "true");
  host.inert = true;
  const wide = width > 0 ? width : DEFAULT_WIDTH_PX;
  host.style.cssText =
    "position:fixed; left:0; top:0; z-index:-1; overflow:hidden; pointer-events:none; margin:0; padding:0;" +
    // As a notebook's outputs have it; that of a page is darker.
    "background:var(--jp-layout-color0, white);" +
    `width:${wide}px; height:${height > 0 ? `${height}px` : "auto"}; display:flex; flex-direction:column`;
  document.body.append(host);
  signal.addEventListener(
    "abort",
    () => {
      view.remove();
      host.remove();
    },
    { once: true },
  );
  attach(view, host);
  await Promise.race([layoutOf(view), pause(SIZE_PATIENCE_MS, signal)]);
  return { root: height > 0 || width > 0 ? host : view.el, own: true, view };
}

async function layoutOf(view: WidgetView): Promise<void> {
  await view.displayed;
  await view.layoutPromise;
}

async function viewOf(manager: ViewManager, other: ViewedModel): Promise<WidgetView> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`none came within ${VIEW_PATIENCE_MS / 1000} s`)), VIEW_PATIENCE_MS);
  });
  try {
    return await Promise.race([manager.create_view(other), late]);
  } catch (error) {
    throw new CaptureFailure(
      "no_stream",
      `The ${nameOf(other)} was not captured: it is not shown, and its library makes no view of it here. Show it in a cell.`,
      error instanceof Error ? error.message : String(error),
    );
  } finally {
    clearTimeout(timer);
  }
}

/** Lumino's widgets want to be told that they are attached; the class of the view's widget has the function. */
function attach(view: WidgetView, host: HTMLElement): void {
  const widget = view.luminoWidget ?? view.pWidget;
  const lumino: unknown = widget?.constructor;
  if (typeof lumino === "function" && "attach" in lumino && typeof lumino.attach === "function") {
    (lumino as unknown as { attach(widget: unknown, host: HTMLElement): void }).attach(widget, host);
  } else host.append(view.el);
}

/** Resolves when the view is laid out; rejects where it stays without a size. */
export async function waitForSize({ root, view }: FoundView, name: string, signal: AbortSignal): Promise<void> {
  const untilMs = performance.now() + SIZE_PATIENCE_MS;
  while (!isLaidOut(root) || !isLaidOut(view.el)) {
    if (performance.now() > untilMs) {
      throw new CaptureFailure("no_stream", `The ${name} was not captured: it has no size. Give it a width and a height, or show it in a cell.`);
    }
    await pause(50, signal);
  }
}

/** What a model calls itself, for messages. */
export function nameOf(model: unknown): string {
  const get = isRecord(model) && typeof model["get"] === "function" ? (model as unknown as ViewedModel) : null;
  const name = get?.get("_view_name") ?? get?.get("_model_name");
  return typeof name === "string" ? name.replace(/(View|Model)$/u, "") : "widget";
}

async function pause(ms: number, signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => void setTimeout(resolve, ms));
  if (signal.aborted) throw abortReason(signal);
}
