import type { AnyModel } from "@anywidget/types";
import type { Streams } from "../../streams/streams";
import { STREAM_KINDS } from "../../streams/kinds";
import type { LiveStream } from "../../streams/live_stream";
import { managerOf, referredId } from "../../streams/model_stream";
import { watchTraits } from "../../ui/traits";

/** A stream and its model. */
interface Known {
  readonly live: LiveStream;
  readonly model: AnyModel;
}

/** From a stream to what a function made it of, and so on. */
const MOST_STEPS = 16;

/** What the room's trait `stream` names, as far as this page knows it. Event "change". */
export class OwnStream extends EventTarget {
  /** The model id; null where this side shows nothing. */
  id: string | null = null;
  /** Null for another library's stream. */
  live: LiveStream | null = null;
  /** Its model, where the host lets it be found. */
  model: AnyModel | null = null;
  /** What has devices to choose from: this stream, or the one that functions made it of; null for a film. */
  devices: Known | null = null;
  readonly #room: AnyModel;
  readonly #streams: Streams;
  #scope = new AbortController();

  constructor(room: AnyModel, streams: Streams, signal: AbortSignal) {
    super();
    this.#room = room;
    this.#streams = streams;
    const find = (): void => {
      this.#scope.abort();
      this.#scope = new AbortController();
      void this.#find(AbortSignal.any([signal, this.#scope.signal]));
    };
    watchTraits(room, ["stream"], find, signal);
    find();
  }

  /** Whether it is the user's camera, which people know from mirrors. */
  get isCamera(): boolean {
    return this.live?.kind === "camera";
  }

  /** What its picture is called in a sentence. */
  get noun(): string {
    return this.isCamera ? "camera" : "picture";
  }

  /** Whether it has a picture at all. Of another library's the tracks tell. */
  hasPicture(stream: MediaStream | null): boolean {
    if (this.live !== null) return STREAM_KINDS[this.live.kind].picture;
    return stream !== null && stream.getVideoTracks().length > 0;
  }

  async #find(signal: AbortSignal): Promise<void> {
    this.id = referredId(this.#room.get("stream"));
    this.live = null;
    this.model = null;
    this.devices = null;
    this.dispatchEvent(new Event("change"));
    if (this.id === null) return;
    const live = await this.#streams.find(this.#room, this.id, signal);
    if (signal.aborted || live === null) return;
    this.live = live;
    for (const event of ["phase", "failure", "needs_click"]) {
      live.addEventListener(event, () => this.dispatchEvent(new Event("change")), { signal });
    }
    this.dispatchEvent(new Event("change"));
    const model = await this.#modelOf(this.id);
    if (signal.aborted || model === null) return;
    this.model = model;
    this.dispatchEvent(new Event("change"));
    const devices = await this.#withDevices({ live, model }, signal);
    if (signal.aborted) return;
    this.devices = devices;
    this.dispatchEvent(new Event("change"));
  }

  async #withDevices(known: Known, signal: AbortSignal): Promise<Known | null> {
    let { live, model } = known;
    for (let step = 0; step < MOST_STEPS; step += 1) {
      if (STREAM_KINDS[live.kind].devices !== undefined) return { live, model };
      const source: unknown = model.get("_source");
      if (typeof source !== "string" || source === "") return null;
      const [upstream, itsModel] = await Promise.all([this.#streams.find(this.#room, source, signal), this.#modelOf(source)]);
      if (signal.aborted || upstream === null || itsModel === null) return null;
      live = upstream;
      model = itsModel;
    }
    return null;
  }

  async #modelOf(id: string): Promise<AnyModel | null> {
    const model: unknown = await managerOf(this.#room)?.get_model(id);
    return model === undefined ? null : (model as AnyModel);
  }
}
