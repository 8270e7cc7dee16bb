/** A widget as a stream: its model's own stream where it gives one, else its picture, composed here. */
import { abortReason } from "../../abort_reason";
import { CaptureFailure } from "../capture_error";
import type { SourceContext } from "../kinds";
import { managerOf } from "../model_stream";
import type { PageSource } from "../page_source";
import { fillBlanks } from "./blanks";
import type { Composed } from "./composed";
import { compose, pngOf } from "./composed";
import type { WidgetOptions } from "./options";
import { readOptions } from "./options";
import { ownStream } from "./own_stream";
import { PacedWriter } from "./paced_writer";
import { Remarks } from "./remarks";
import { settle } from "./settle";
import { shareElement } from "./tab";
import type { FoundView, ViewedModel } from "./views";
import { findView, isLaidOut, nameOf, waitForSize, watchViews, whenClosed } from "./views";

/** What one capture has until it ends, and what its view says about it. */
interface Scope {
  readonly controller: AbortController;
  readonly signal: AbortSignal;
  readonly remarks: Remarks;
}

interface Running {
  readonly scope: Scope;
  readonly stream: MediaStream;
  readonly composed: Composed | null;
  readonly writer: PacedWriter | null;
}

export class WidgetSource implements PageSource {
  readonly events = new EventTarget();
  needsClick = false;
  readonly #context: SourceContext;
  #options: WidgetOptions;
  #running: Running | null = null;
  /** One object while the stream runs; its tracks are exchanged. */
  #stream = new MediaStream();
  #started: AbortController | null = null;
  #clicked: (() => void) | null = null;
  #told: { readonly method: string; readonly why: string } | null = null;
  #beginning: AbortController | null = null;

  constructor(context: SourceContext) {
    this.#context = context;
    this.#options = readOptions(context.options);
  }

  get notice(): string {
    return this.#running?.scope.remarks.text ?? "";
  }

  async start(signal: AbortSignal): Promise<MediaStream> {
    signal.throwIfAborted();
    this.stop();
    const started = new AbortController();
    this.#started = started;
    signal.addEventListener("abort", () => this.stop(), { once: true, signal: started.signal });
    // A widget may be captured before the kernel has greeted the page.
    this.#context.link.addEventListener("loaded", () => this.#tellAgain(), { signal: started.signal });
    this.#stream = new MediaStream();
    try {
      await this.#begin(started.signal);
    } catch (error) {
      if (this.#started === started) this.stop();
      throw signal.aborted ? abortReason(signal) : error;
    }
    return this.#stream;
  }

  async update(options: unknown): Promise<MediaStream> {
    const before = this.#options;
    this.#options = readOptions(options);
    if (this.#started === null) throw new CaptureFailure("closed", "The widget was not changed: it is not captured. Start it first.");
    const { widget, method, width, height } = this.#options;
    if (widget !== before.widget || method !== before.method || width !== before.width || height !== before.height) {
      await this.#begin(this.#started.signal);
    }
    return this.#stream;
  }

  stop(): void {
    this.#started?.abort(new DOMException("It was stopped.", "AbortError"));
    this.#started = null;
    const running = this.#running;
    this.#running = null;
    this.#end(running);
    this.events.dispatchEvent(new Event("notice"));
  }

  click(): void {
    this.#clicked?.();
  }

  // --- ways to capture -----------------------------------------------------------------------------------------------

  /** The capture that runs goes on until the new one has a picture, or fails. */
  async #begin(signal: AbortSignal): Promise<void> {
    this.#beginning?.abort(new DOMException("Another capture begins.", "AbortError"));
    const controller = new AbortController();
    this.#beginning = controller;
    const remarks = new Remarks(() => this.events.dispatchEvent(new Event("notice")));
    const scope = { controller, signal: AbortSignal.any([signal, controller.signal]), remarks };
    try {
      await this.#find(scope);
    } catch (error) {
      const superseded = controller.signal.aborted && !signal.aborted;
      controller.abort(error);
      if (!superseded) throw error;
    } finally {
      if (this.#beginning === controller) this.#beginning = null;
    }
  }

  async #find(scope: Scope): Promise<void> {
    const { model } = this.#context;
    const { method, width, height } = this.#options;
    const { signal } = scope;
    const other = await this.#findModel();
    signal.throwIfAborted();
    whenClosed(other, signal, () => {
      const failure = new CaptureFailure("closed", "The widget is not captured any more: it was closed. Make it again, and the stream.");
      this.events.dispatchEvent(new CustomEvent("ended", { detail: failure }));
    });
    if (method === "auto" && this.#options.maxFps !== 0) {
      const own = await ownStream(other, this.#options.maxFps, signal);
      if (own !== null) {
        this.#adopt({ scope, stream: own, composed: null, writer: null });
        this.#tell("model", "the widget gives a stream of its own");
        for (const track of own.getTracks()) track.addEventListener("ended", () => this.#restart(), { signal });
        return;
      }
    }
    const view = await findView(model, other, { width, height }, signal);
    await waitForSize(view, nameOf(other), signal);
    if (method === "tab") {
      await this.#shareTab(view, scope);
      return;
    }
    const why = method === "compositor" ? "you chose it" : "the widget gives no stream of its own";
    await this.#compose(view, scope);
    this.#tell("compositor", view.own ? `${why}; it is not shown, and drawn off the screen` : why);
    watchViews(other, view, () => this.#restart(), signal);
  }

  async #compose(view: FoundView, scope: Scope): Promise<void> {
    let writer: PacedWriter | null = null;
    const composed = await compose(this.#context.model, view, { drawn: () => writer?.write(), remarks: scope.remarks }, scope.signal);
    const { canvas } = composed.compositor;
    writer = new PacedWriter(canvas, () => this.#options.maxFps, scope.signal);
    this.#adopt({ scope, stream: writer.stream, composed, writer });
    writer.begin();
  }

  async #shareTab(view: FoundView, scope: Scope): Promise<void> {
    const { signal, remarks } = scope;
    if (view.own) {
      throw new CaptureFailure("no_stream", "The widget was not captured: a tab shows only what is shown in it. Show the widget in a cell.");
    }
    const shared = await shareElement(view.root, {
      click: (clickSignal) => this.#waitForClick(clickSignal),
      notice: (text) => remarks.set("sight", text),
      ended: (error) => {
        if (!signal.aborted) this.events.dispatchEvent(error === null ? new Event("finished") : new CustomEvent("ended", { detail: error }));
      },
    }, this.#options.maxFps, signal);
    this.#adopt({ scope, stream: shared, composed: null, writer: null });
    this.#tell("tab", "you chose it: the browser itself captures the element");
  }

  // --- the running stream --------------------------------------------------------------------------------------------

  #adopt(running: Running): void {
    const before = this.#running;
    this.#running = running;
    for (const track of this.#stream.getTracks()) this.#stream.removeTrack(track);
    for (const track of running.stream.getTracks()) this.#stream.addTrack(track);
    this.events.dispatchEvent(new Event("track"));
    this.events.dispatchEvent(new Event("notice"));
    this.#end(before);
  }

  #end(running: Running | null): void {
    if (running === null) return;
    running.scope.controller.abort(new DOMException("It was stopped.", "AbortError"));
    // What the widget's own stream has belongs to the widget.
    if (running.writer !== null) for (const track of running.stream.getTracks()) track.stop();
  }

  /** Another view is to be captured. */
  #restart(): void {
    const started = this.#started;
    if (started === null || this.#beginning !== null) return;
    this.#begin(started.signal).catch((error: unknown) => {
      if (!started.signal.aborted) this.events.dispatchEvent(new CustomEvent("ended", { detail: error }));
    });
  }

  async #waitForClick(signal: AbortSignal): Promise<void> {
    this.#setNeedsClick(true);
    try {
      await new Promise<void>((resolve, reject) => {
        this.#clicked = resolve;
        signal.addEventListener("abort", () => reject(abortReason(signal)), { once: true });
      });
    } finally {
      this.#clicked = null;
      this.#setNeedsClick(false);
    }
  }

  async #findModel(): Promise<ViewedModel> {
    const manager = managerOf(this.#context.model);
    const id = this.#options.widget;
    if (manager === null) {
      throw new CaptureFailure("no_stream", "The widget was not captured: this host does not let widgets find each other.");
    }
    if (id === null) throw new CaptureFailure("no_stream", "The widget was not captured: there is none. Give the stream a widget.");
    try {
      return (await manager.get_model(id)) as unknown as ViewedModel;
    } catch (error) {
      throw new CaptureFailure("closed", "The widget was not captured: it was closed. Make it again.", textOf(error));
    }
  }

  /** A picture of what the kernel told the page before it asked, as a PNG; an empty one where only the stream is to have it. */
  async picture(wanted: boolean): Promise<{ width: number; height: number; data: Uint8Array<ArrayBuffer> }> {
    const scope = new AbortController();
    const signal = AbortSignal.any([scope.signal, this.#started?.signal ?? scope.signal]);
    try {
      let composed = this.#running?.composed ?? (await this.#composeOnce(signal));
      await settle(composed.compositor, composed.questions, signal);
      if (!isLaidOut(composed.root)) {
        // Its view went, and shows what was before.
        composed = await this.#composeOnce(signal);
        await settle(composed.compositor, composed.questions, signal);
      }
      const { compositor } = composed;
      await fillBlanks(compositor, managerOf(this.#context.model), signal);
      compositor.drawNow();
      if (this.#running?.composed === composed) this.#running.writer?.writeNow();
      const { width, height } = compositor.canvas;
      return { width, height, data: wanted ? await pngOf(compositor.canvas) : new Uint8Array(0) };
    } finally {
      scope.abort(new DOMException("The picture was taken.", "AbortError"));
    }
  }

  /** For a single picture, while the stream itself comes from the widget, or from the tab. */
  async #composeOnce(signal: AbortSignal): Promise<Composed> {
    const other = await this.#findModel();
    const { width, height } = this.#options;
    const view = await findView(this.#context.model, other, { width, height }, signal);
    await waitForSize(view, nameOf(other), signal);
    return compose(this.#context.model, view, { drawn: () => undefined, remarks: new Remarks(() => undefined) }, signal);
  }

  #tell(method: string, why: string): void {
    this.#told = { method, why };
    this.#tellAgain();
  }

  #tellAgain(): void {
    const { link, id } = this.#context;
    if (this.#told !== null) link.send({ type: "widget.method", stream: id, ...this.#told });
  }

  #setNeedsClick(needed: boolean): void {
    this.needsClick = needed;
    this.events.dispatchEvent(new Event("needs_click"));
  }
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
