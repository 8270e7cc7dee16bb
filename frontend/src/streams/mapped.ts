/** A stream that comes from the kernel: what a Python function made of another one. */
import type { FindOwnFrames } from "../frames/download";
import { Download } from "../frames/download";
import { Presenter } from "../frames/presenter";
import type { StreamContext } from "./live_stream";
import { LiveStream } from "./live_stream";
import { reportFigures } from "./reporting";
import { holdWhileVisible } from "./visibility";

export class MappedLive extends LiveStream {
  readonly #presenter = new Presenter();
  readonly #findOwn: FindOwnFrames;

  constructor(context: StreamContext, findOwn: FindOwnFrames) {
    super(context);
    const { id, link, signal } = context;
    this.#findOwn = findOwn;
    link.on(
      "error.report",
      (message) => {
        if (message.stream === id) this.setFailure({ reason: message.reason, message: message.message });
      },
      signal,
    );
  }

  get size(): { width: number; height: number } {
    return { width: this.#presenter?.width ?? 0, height: this.#presenter?.height ?? 0 };
  }

  mount(host: HTMLElement, signal: AbortSignal): void {
    this.#presenter.mount(host, signal);
    holdWhileVisible(this, host, signal);
  }

  mediaStream(): MediaStream {
    return this.#presenter.mediaStream();
  }

  async grab(): Promise<ImageBitmap> {
    return this.#presenter.grab();
  }

  protected run(signal: AbortSignal): void {
    runDownload(this, this.#presenter, this.#findOwn, signal, {
      live: () => this.recover(),
      figures: (figures) => {
        this.figures = figures;
        this.dispatchEvent(new Event("figures"));
      },
    });
  }
}

/** Watches a stream of the kernel and shows it through a presenter until the signal aborts. */
export function runDownload(
  live: LiveStream,
  presenter: Presenter,
  findOwn: FindOwnFrames,
  signal: AbortSignal,
  on: { live(): void; figures(figures: NonNullable<LiveStream["figures"]>): void },
): void {
  const download = new Download(live.link, live.id, presenter, findOwn, signal);
  let size = "";
  download.addEventListener("frame", () => {
    on.live();
    const now = `${presenter.width}x${presenter.height}`;
    if (now === size) return;
    size = now;
    live.dispatchEvent(new Event("size"));
  });
  reportFigures(live, download, signal, (figures) => on.figures(figures));
}
