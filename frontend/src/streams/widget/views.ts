/** The view of a widget to take the pictures of: one that can be seen, else one of our own, off the screen. */
import type { AnyModel } from "@anywidget/types";
import { abortReason } from "../../abort_reason";
import { CaptureFailure } from "../capture_error";
import { managerOf } from "../model_stream";
import { isRecord } from "../record";

/** How long a widget that is not shown is waited for, before a view of our own is made. */
const SHOWN_PATIENCE_MS = 250;
const LOOK_AGAIN_MS = 250;
const DEFAULT_WIDTH_PX = 640;
/** How long a widget may be without a size. */
const SIZE_PATIENCE_MS = 2000;

/** A Backbone view, as far as it concerns us. */
interface WidgetView {
  readonly el: HTMLElement;
  readonly luminoWidget?: LuminoWidget;
  readonly pWidget?: LuminoWidget;
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
  const view = laidOut.find(({ el }) => inSight(el)) ?? laidOut[0];
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

/** Calls `moved` when another view should be captured: this one went, or the widget is now shown. */
export function watchViews(model: ViewedModel, found: FoundView, moved: () => void, signal: AbortSignal): void {
  const look = (): void => {
    if (signal.aborted) return;
    if (!found.own && found.root.isConnected && isLaidOut(found.root)) return;
    void shownView(model).then((shown) => {
      if (signal.aborted || (shown === null && found.own) || shown?.root === found.root) return;
      moved();
    });
  };
  const timer = setInterval(look, LOOK_AGAIN_MS);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
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

function inSight(element: HTMLElement): boolean {
  const { top, bottom, left, right } = element.getBoundingClientRect();
  return bottom > 0 && right > 0 && top < innerHeight && left < innerWidth;
}

const OFF_SCREEN = "ipymedia-off-screen";

/** In the page, so that it is laid out and drawn, but below everything. */
async function makeView(model: AnyModel, other: ViewedModel, { width, height }: WantedSize, signal: AbortSignal): Promise<FoundView> {
  const manager = managerOf(model) as unknown as ViewManager | null;
  if (typeof manager?.create_view !== "function") {
    throw new CaptureFailure("no_stream", "The widget was not captured: it is not shown, and this host makes no view of it. Show it in a cell.");
  }
  const view = await manager.create_view(other);
  const host = document.createElement("div");
  host.className = `${OFF_SCREEN} jp-OutputArea-output jupyter-widgets-output-area`;
  host.setAttribute("aria-hidden", "true");
  host.inert = true;
  const wide = width > 0 ? width : DEFAULT_WIDTH_PX;
  host.style.cssText =
    "position:fixed; left:0; top:0; z-index:-1; overflow:hidden; pointer-events:none; margin:0; padding:0;" +
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
  return { root: height > 0 || width > 0 ? host : view.el, own: true, view };
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
export async function waitForSize(root: HTMLElement, name: string, signal: AbortSignal): Promise<void> {
  const untilMs = performance.now() + SIZE_PATIENCE_MS;
  while (!isLaidOut(root)) {
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
