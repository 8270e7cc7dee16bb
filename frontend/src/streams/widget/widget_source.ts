/** A widget as a stream: its model's own stream where it gives one, else its picture, composed here. */
import { abortReason } from "../../abort_reason";
import { CaptureFailure } from "../capture_error";
import type { SourceContext } from "../kinds";
import { managerOf } from "../model_stream";
import type { PageSource } from "../page_source";
import { fillBlanks } from "./blanks";
import { Compositor } from "./compositor";
import type { WidgetOptions } from "./options";
import { LARGEST_PX, readOptions } from "./options";
import { ownStream } from "./own_stream";
import { PacedWriter } from "./paced_writer";
import { OpenQuestions, settle } from "./settle";
import { shareElement } from "./tab";
import type { FoundView, ViewedModel } from "./views";
import { findView, nameOf, waitForSize, watchViews, whenClosed } from "./views";

/** A picture that is kept up to date, and what tells whether it is. */
interface Composed {
  readonly compositor: Compositor;
  readonly questions: OpenQuestions;
}

interface Running {
  readonly scope: AbortController;
  readonly stream: MediaStream;
  readonly view: FoundView | null;
  readonly composed: Composed | null;
  readonly writer: PacedWriter | null;
}

export class WidgetSource implements PageSource {
  readonly events = new EventTarget();
  notice = "";
  needsClick = false;
  readonly #context: SourceContext;
  #options: WidgetOptions;
  #running: Running | null = null;
  /** One object while the stream runs; its tracks are exchanged. */
  #stream = new MediaStream();
  #started: AbortController | null = null;
  #clicked: (() => void) | null = null;
  #told: { readonly method: string; readonly why: string } | null = null;

  constructor(context: SourceContext) {
    this.#context = context;
    this.#options = readOptions(context.options);
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
    this.#end();
    this.#setNotice("");
  }

  click(): void {
    this.#clicked?.();
  }

  // --- ways to capture -----------------------------------------------------------------------------------------------

  async #begin(signal: AbortSignal): Promise<void> {
    this.#end();
    const scope = new AbortController();
    const ended = AbortSignal.any([signal, scope.signal]);
    const { model } = this.#context;
    const { method, width, height } = this.#options;
    const other = await this.#findModel();
    ended.throwIfAborted();
    whenClosed(other, ended, () => {
      const failure = new CaptureFailure("closed", "The widget is not captured any more: it was closed. Make it again, and the stream.");
      this.events.dispatchEvent(new CustomEvent("ended", { detail: failure }));
    });
    if (method === "auto" && this.#options.maxFps !== 0) {
      const own = await ownStream(other, this.#options.maxFps, ended);
      if (own !== null) {
        this.#adopt({ scope, stream: own, view: null, composed: null, writer: null });
        this.#tell("model", "the widget gives a stream of its own");
        return;
      }
    }
    const view = await findView(model, other, { width, height }, ended);
    await waitForSize(view.root, nameOf(other), ended);
    if (method === "tab") {
      await this.#shareTab(view, scope, ended);
      return;
    }
    const why = method === "compositor" ? "you chose it" : "the widget gives no stream of its own";
    await this.#compose(view, scope, ended);
    this.#tell("compositor", view.own ? `${why}; it is not shown, and drawn off the screen` : why);
    watchViews(other, view, () => this.#restart(), ended);
  }

  async #compose(view: FoundView, scope: AbortController, signal: AbortSignal): Promise<void> {
    let writer: PacedWriter | null = null;
    const composed = await this.#compositor(view, () => writer?.write(), signal);
    const { canvas } = composed.compositor;
    writer = new PacedWriter(canvas, () => this.#options.maxFps, signal);
    this.#adopt({ scope, stream: writer.stream, view, composed, writer });
    writer.begin();
  }

  /** A compositor that has its first picture. */
  async #compositor(view: FoundView, drawn: () => void, signal: AbortSignal): Promise<Composed> {
    const questions = new OpenQuestions(this.#context.model, signal);
    const compositor = new Compositor(
      view.root,
      {
        drawn,
        remark: (text) => this.#setNotice(text),
        failed: (error) => this.#setNotice(`A part could not be drawn: ${textOf(error)}`),
      },
      signal,
    );
    // At the same time: what owners draw when they are asked is there when the DOM is rasterised.
    await Promise.all([compositor.start(), fillBlanks(compositor, managerOf(this.#context.model), signal)]);
    compositor.drawNow();
    const longest = Math.max(view.root.offsetWidth, view.root.offsetHeight) * devicePixelRatio;
    if (longest > LARGEST_PX) {
      this.#setNotice(`The widget is ${Math.round(longest)} px long: its picture is made smaller, to ${LARGEST_PX} px.`);
    }
    return { compositor, questions };
  }

  async #shareTab(view: FoundView, scope: AbortController, signal: AbortSignal): Promise<void> {
    if (view.own) {
      throw new CaptureFailure("no_stream", "The widget was not captured: a tab shows only what is shown in it. Show the widget in a cell.");
    }
    const shared = await shareElement(view.root, {
      click: (clickSignal) => this.#waitForClick(clickSignal),
      notice: (text) => this.#setNotice(text),
      ended: (error) => {
        if (!signal.aborted) this.events.dispatchEvent(error === null ? new Event("finished") : new CustomEvent("ended", { detail: error }));
      },
    }, this.#options.maxFps, signal);
    this.#adopt({ scope, stream: shared, view, composed: null, writer: null });
    this.#tell("tab", "you chose it: the browser itself captures the element");
  }

  // --- the running stream --------------------------------------------------------------------------------------------

  #adopt(running: Running): void {
    this.#running = running;
    for (const track of this.#stream.getTracks()) this.#stream.removeTrack(track);
    for (const track of running.stream.getTracks()) this.#stream.addTrack(track);
    this.events.dispatchEvent(new Event("track"));
  }

  #end(): void {
    const running = this.#running;
    this.#running = null;
    if (running === null) return;
    running.scope.abort(new DOMException("It was stopped.", "AbortError"));
    // What the widget's own stream has belongs to the widget.
    if (running.writer !== null) for (const track of running.stream.getTracks()) track.stop();
  }

  /** Another view is to be captured. */
  #restart(): void {
    const started = this.#started;
    if (started === null) return;
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
    const running = this.#running;
    const scope = new AbortController();
    const signal = AbortSignal.any([scope.signal, this.#started?.signal ?? scope.signal]);
    try {
      const { compositor, questions } = running?.composed ?? (await this.#composeOnce(signal));
      await settle(compositor, questions, signal);
      await fillBlanks(compositor, managerOf(this.#context.model), signal);
      compositor.drawNow();
      running?.writer?.writeNow();
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
    await waitForSize(view.root, nameOf(other), signal);
    return this.#compositor(view, () => undefined, signal);
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

  #setNotice(notice: string): void {
    if (notice === this.notice) return;
    this.notice = notice;
    this.events.dispatchEvent(new Event("notice"));
  }
}

async function pngOf(canvas: HTMLCanvasElement): Promise<Uint8Array<ArrayBuffer>> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob === null) throw new CaptureFailure("unknown", "No picture was taken: the browser could not encode it.");
  return new Uint8Array(await blob.arrayBuffer());
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
