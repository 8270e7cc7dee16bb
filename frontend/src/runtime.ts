/** The page's runtime: one link for each kernel, one live object for each of our models, views of them. */
import type { AnyModel } from "@anywidget/types";
import { pageCapabilities } from "./frames/codecs";
import type { OwnFrames } from "./frames/own_frames";
import { Link } from "./link/link";
import { pageId } from "./page";
import { loadChunk } from "./link/chunk";
import type * as RecordersChunk from "./recorders";
import type { ModelContext, Runtime, ViewContext } from "./registry";
import type * as RoomsChunk from "./rooms";
import { earlyRequests } from "./streams/early_requests";
import { isStreamKind, STREAM_KINDS } from "./streams/kinds";
import type { LiveStream, StreamContext } from "./streams/live_stream";
import { MappedAudioLive } from "./streams/mapped_audio";
import { MappedLive } from "./streams/mapped";
import { isForeign, offerStream, referredId, streamOfWidget } from "./streams/model_stream";
import { PageLive } from "./streams/page_live";
import type { Streams } from "./streams/streams";
import { installStyle } from "./ui/install_style";
import { renderPlayer } from "./ui/player";

/** How fast another library's widget is asked to draw. */
const FOREIGN_FPS = 30;
/** How soon another library's widget is looked for again. */
const LOOK_AGAIN_MS = 250;

/** What stands behind one model; shown by any number of views. */
interface Live {
  render(view: ViewContext): void;
}

const RECORDERS = ["video_recorder", "audio_recorder", "image_recorder"] as const;
type RecorderKind = (typeof RECORDERS)[number];

export class PageRuntime implements Runtime, Streams {
  readonly #page = pageId();
  readonly #capabilities = pageCapabilities();
  readonly #links = new Map<string, Promise<Link>>();
  /** By the id that the kernel gave (`_stream`). */
  readonly #streams = new Map<string, Promise<LiveStream>>();
  /** By the id of their model, which is how traits name widgets. */
  readonly #streamsByModel = new Map<string, Promise<LiveStream>>();
  /** By the id of their model too: anywidget wraps a model anew for each of its hooks. */
  readonly #lives = new Map<string, Promise<Live>>();
  readonly #own = new Map<string, OwnFrames>();
  readonly #arrivals = new EventTarget();

  /** A kernel's channel is there. */
  attach({ model, signal }: ModelContext): void {
    void this.#link(textOf(model, "_session")).then((link) => {
      if (!signal.aborted) link.attach(model, signal);
    });
  }

  initialize(context: ModelContext): void {
    const kind = textOf(context.model, "_kind");
    if (isRecorderKind(kind)) this.#initializeRecorder(kind, context);
    else if (kind === "room") this.#initializeRoom(context);
    else if (kind === "peer") this.#initializePeer(context);
    else this.#initializeStream(context);
  }

  #initializeRecorder(kind: RecorderKind, { model, signal }: ModelContext): void {
    const shown = this.#link(textOf(model, "_session")).then(async (link): Promise<Live> => {
      const { RecorderLive, renderRecorder } = await loadChunk<typeof RecordersChunk>(link, "recorders");
      const live = new RecorderLive(textOf(model, "_recorder"), link, model, this, signal);
      return {
        render: ({ model: seen, el, signal: ended }) => {
          installStyle(document);
          renderRecorder(seen, live, kind, el, ended);
        },
      };
    });
    keep(this.#lives, textOf(model, "_own_id"), shown, signal);
  }

  #initializeRoom({ model, signal }: ModelContext): void {
    const shown = this.#link(textOf(model, "_session")).then(async (link): Promise<Live> => {
      const { RoomLive, renderRoom } = await loadChunk<typeof RoomsChunk>(link, "rooms");
      const live = new RoomLive(textOf(model, "_room"), link, model, this, signal);
      return {
        render: ({ model: seen, el, signal: ended }) => {
          installStyle(document);
          renderRoom(seen, live, this, el, ended);
        },
      };
    });
    keep(this.#lives, textOf(model, "_own_id"), shown, signal);
  }

  /** Somebody in a room is shown as the player of what they show. */
  #initializePeer({ model, signal }: ModelContext): void {
    const widget = referredId(model.get("stream_remote"));
    const shown = (async (): Promise<Live> => {
      const live = widget === null ? null : await this.#streamsByModel.get(widget);
      return {
        render: ({ model: seen, el, signal: ended }) => {
          if (live) renderPlayer({ model: seen, el, live, signal: ended });
        },
      };
    })();
    keep(this.#lives, textOf(model, "_own_id"), shown, signal);
  }

  #initializeStream({ model, signal }: ModelContext): void {
    const link = this.#link(textOf(model, "_session"));
    const id = textOf(model, "_stream");
    const live = link.then((opened) => this.#makeStream(id, opened, model, signal));
    keep(this.#streams, id, live, signal);
    keep(this.#streamsByModel, textOf(model, "_own_id"), live, signal);
    this.#arrivals.dispatchEvent(new Event("stream"));
    const shown = live.then((stream) => ({
      render: ({ model: seen, el, signal: ended }: ViewContext) =>
        renderPlayer({ model: seen, el, live: stream, signal: ended }),
    }));
    keep(this.#lives, textOf(model, "_own_id"), shown, signal);
    const open = async (ended: AbortSignal): Promise<MediaStream> => (await live).open(ended);
    void offerStream(model, textOf(model, "_own_id"), open, signal);
  }

  render(view: ViewContext): void {
    void this.#lives.get(textOf(view.model, "_own_id"))?.then((live) => {
      if (!view.signal.aborted) live.render(view);
    });
  }

  /**
   * The stream of a widget, by the id of its model: one of ours, or any other that gives one.
   *
   * Rejects with an error that has a `reason`.
   */
  async open(model: AnyModel, widget: string, signal: AbortSignal): Promise<MediaStream> {
    const live = this.#streamsByModel.get(widget);
    return live === undefined ? streamOfWidget(model, widget, FOREIGN_FPS) : (await live).open(signal);
  }

  /** One of our own streams, by the id of its model; null for any other widget. */
  live(widget: string): Promise<LiveStream> | null {
    return this.#streamsByModel.get(widget) ?? null;
  }

  async find(model: AnyModel, widget: string, signal: AbortSignal): Promise<LiveStream | null> {
    while (!signal.aborted) {
      const live = this.#streamsByModel.get(widget);
      if (live !== undefined) return live;
      if (await isForeign(model, widget)) return null;
      await this.#arrival(signal);
    }
    return null;
  }

  /** Resolves when a stream of ours came, or the signal aborts; of other libraries' widgets no event tells. */
  async #arrival(signal: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const scope = new AbortController();
      const done = (): void => {
        scope.abort();
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(done, LOOK_AGAIN_MS);
      this.#arrivals.addEventListener("stream", done, { signal: scope.signal });
      signal.addEventListener("abort", done, { signal: scope.signal });
    });
  }

  #link(session: string): Promise<Link> {
    let link = this.#links.get(session);
    if (link === undefined) {
      link = this.#page.then((page) => {
        const made = new Link(session, page, this.#capabilities);
        earlyRequests(made);
        return made;
      });
      this.#links.set(session, link);
    }
    return link;
  }

  #makeMapped(context: StreamContext): MappedLive {
    return new MappedLive(
      context,
      (source) => this.#own.get(source) ?? null,
      (stream) => this.#streams.get(stream) ?? null,
    );
  }

  #makeStream(id: string, link: Link, model: AnyModel, signal: AbortSignal): LiveStream {
    const kind = textOf(model, "_kind");
    if (!isStreamKind(kind)) throw new Error(`The kernel sent a stream of an unknown kind: ${kind}.`);
    const { make, prepare } = STREAM_KINDS[kind];
    // Whoever needs it asks again, and is told what went wrong.
    prepare?.(link).catch(() => undefined);
    const context = { id, kind, link, model, signal };
    if (kind === "mapped_audio") return new MappedAudioLive(context);
    if (make === null) return this.#makeMapped(context);
    const live = new PageLive(context, make);
    this.#own.set(id, live.own);
    signal.addEventListener("abort", () => this.#own.delete(id), { once: true });
    return live;
  }
}

function isRecorderKind(kind: string): kind is RecorderKind {
  return (RECORDERS as readonly string[]).includes(kind);
}

/** Keeps a value under a name until the signal aborts, or another one takes the name. */
function keep<T>(map: Map<string, T>, name: string, value: T, signal: AbortSignal): void {
  if (name === "") return;
  map.set(name, value);
  signal.addEventListener(
    "abort",
    () => {
      if (map.get(name) === value) map.delete(name);
    },
    { once: true },
  );
}

function textOf(model: AnyModel, name: string): string {
  const value: unknown = model.get(name);
  return typeof value === "string" ? value : "";
}
