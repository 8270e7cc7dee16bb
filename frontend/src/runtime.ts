/** The page's runtime: one link for each kernel, one live stream for each stream model, views of them. */
import type { AnyModel } from "@anywidget/types";
import { pageCapabilities } from "./frames/codecs";
import type { OwnFrames } from "./frames/own_frames";
import { Link } from "./link/link";
import { pageId } from "./page";
import type { ModelContext, Runtime, ViewContext } from "./registry";
import type { LiveStream } from "./streams/live_stream";
import { MappedLive } from "./streams/mapped";
import { PageLive } from "./streams/page_live";
import { renderPlayer } from "./ui/player";

export class PageRuntime implements Runtime {
  readonly #page = pageId();
  readonly #capabilities = pageCapabilities();
  readonly #links = new Map<string, Promise<Link>>();
  readonly #streams = new Map<string, Promise<LiveStream>>();

  /** A kernel's channel is there. */
  attach({ model, signal }: ModelContext): void {
    void this.#link(textOf(model, "_session")).then((link) => {
      if (!signal.aborted) link.attach(model, signal);
    });
  }

  initialize({ model, signal }: ModelContext): void {
    const id = textOf(model, "_stream");
    const live = this.#link(textOf(model, "_session")).then((link) => this.#make(id, link, model, signal));
    this.#streams.set(id, live);
    signal.addEventListener(
      "abort",
      () => {
        if (this.#streams.get(id) === live) this.#streams.delete(id);
      },
      { once: true },
    );
  }

  render({ model, el, signal }: ViewContext): void {
    void this.#streams.get(textOf(model, "_stream"))?.then((live) => {
      if (!signal.aborted) renderPlayer({ model, el, live, signal });
    });
  }

  #link(session: string): Promise<Link> {
    let link = this.#links.get(session);
    if (link === undefined) {
      link = this.#page.then((page) => new Link(session, page, this.#capabilities));
      this.#links.set(session, link);
    }
    return link;
  }

  #make(id: string, link: Link, model: AnyModel, signal: AbortSignal): LiveStream {
    const kind = textOf(model, "_kind");
    if (kind !== "camera" && kind !== "pattern") {
      return new MappedLive(id, link, (source) => this.#ownFrames(source), signal);
    }
    const live = new PageLive(id, kind, link, model, signal);
    this.#own.set(id, live.own);
    signal.addEventListener("abort", () => this.#own.delete(id), { once: true });
    return live;
  }

  readonly #own = new Map<string, OwnFrames>();

  #ownFrames(stream: string): OwnFrames | null {
    return this.#own.get(stream) ?? null;
  }
}

function textOf(model: AnyModel, name: string): string {
  const value: unknown = model.get(name);
  return typeof value === "string" ? value : "";
}
