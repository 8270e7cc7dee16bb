/** A recorder as it lives in a page: records what the kernel asks it to, one take at a time. */
import type { AnyModel } from "@anywidget/types";
import { addressOf, fetchFile } from "../link/fetch_file";
import type { Link } from "../link/link";
import type { RecorderResult, RecorderStart, ServedFile } from "../protocol/messages.gen";
import { failureOf } from "../streams/failure";
import { playFrom } from "../streams/model_stream";
import type { Streams } from "../streams/streams";
import { Take } from "./take";

/** Which trait holds ipywidgets' player of the recording. */
const PLAYERS = ["video", "audio", "image"] as const;

const WHOLE_BYTES = 64 << 20;

/** Lets the browser save a file that the kernel hands out. */
export async function saveFile(link: Link, file: ServedFile, signal: AbortSignal): Promise<void> {
  const anchor = document.createElement("a");
  // A proxy refuses an answer of over 100 MB, and a download asks for no ranges.
  anchor.href =
    file.size > WHOLE_BYTES
      ? URL.createObjectURL(await fetchFile(link, file, () => undefined, signal))
      : await addressOf(link, file, () => undefined, signal);
  anchor.download = file.name;
  anchor.click();
}

/** Events: "result" when there is another recording to show, "rest" when what is left here, or could not be, is to be said. */
export class RecorderLive extends EventTarget {
  readonly id: string;
  readonly link: Link;
  readonly #model: AnyModel;
  readonly #streams: Streams;
  readonly #signal: AbortSignal;
  #take: Take | null = null;
  result: RecorderResult | null = null;
  rest: Blob | null = null;
  /** Whether the last take ended as the page could keep no more of what the kernel did not take. */
  wasFull = false;

  /** @param signal ends with the widget's model. */
  constructor(id: string, link: Link, model: AnyModel, streams: Streams, signal: AbortSignal) {
    super();
    this.id = id;
    this.link = link;
    this.#model = model;
    this.#streams = streams;
    this.#signal = signal;
    const hello = (): void => link.send({ type: "recorder.hello", recorder: id });
    link.addEventListener("loaded", hello, { signal });
    link.on("recorder.start", (message) => message.recorder === id && this.#start(message), signal);
    link.on("recorder.stop", (message) => message.recorder === id && this.#named(message.take)?.stop(), signal);
    link.on("recorder.pause", (message) => message.recorder === id && this.#named(message.take)?.pause(message.paused), signal);
    link.on("recorder.ack", (message) => message.recorder === id && this.#named(message.take)?.acknowledge(message.sequence), signal);
    link.on("recorder.resume", (message) => message.recorder === id && this.#resume(message.take, message.sequence), signal);
    link.on("recorder.result", (message) => message.recorder === id && this.#show(message), signal);
    link.addEventListener("phase", () => void this.#phaseChanged(), { signal });
    signal.addEventListener("abort", () => this.#take?.end(), { once: true });
    hello(); // what the kernel said before this was there is said again
  }

  /** The stream's tracks, as they are recorded now; for a meter. */
  get recorded(): MediaStream | null {
    return this.#take?.stream ?? null;
  }

  #named(take: string): Take | null {
    return this.#take?.request.take === take ? this.#take : null;
  }

  #start(request: RecorderStart): void {
    if (this.#named(request.take) !== null) return; // the message came twice
    this.#take?.end();
    this.wasFull = false;
    const take = new Take(request, this.link, this.#signal, {
      over: () => {
        if (this.#take === take) this.#take = null;
      },
      changed: () => {
        this.wasFull = take.wasFull;
        this.dispatchEvent(new Event("rest"));
      },
    });
    this.#take = take;
    this.rest = null;
    const live = this.#streams.live(request.widget);
    const open = async (signal: AbortSignal): Promise<MediaStream> => this.#streams.open(this.#model, request.widget, signal);
    take.run(live, open).catch((error: unknown) => {
      const { reason, message } = failureOf(error, "unknown");
      take.fail(reason, `The recording was not made: ${message}`);
    });
  }

  #resume(take: string, sequence: number): void {
    const known = this.#named(take);
    if (known !== null) known.resume(sequence);
    else {
      this.link.send({
        type: "recorder.failed",
        recorder: this.id,
        take,
        reason: "recording_cut",
        message: "The recording was cut short: its page was loaded anew. What came until then is kept, and plays.",
      });
    }
  }

  async #phaseChanged(): Promise<void> {
    if (this.link.phase !== "gone") {
      this.#take?.resend();
      return;
    }
    const take = this.#take;
    this.#take = null;
    if (take === null) return;
    this.rest = await take.rest();
    take.end();
    this.dispatchEvent(new Event("rest"));
  }

  #show(message: RecorderResult): void {
    this.result = message;
    this.dispatchEvent(new Event("result"));
    const { file } = message;
    if (file === null) return;
    if (message.download) void saveFile(this.link, file, this.#signal);
    const player: unknown = PLAYERS.map((name) => this.#model.get(name) as unknown).find((value) => typeof value === "string");
    void addressOf(this.link, file, () => undefined, this.#signal)
      .then(async (address) => playFrom(this.#model, player, address))
      .catch(() => undefined); // the view says it, where there is one
  }
}
