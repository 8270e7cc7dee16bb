import type { AnyModel } from "@anywidget/types";
import type { Streams } from "../../streams/streams";
import { STREAM_KINDS } from "../../streams/kinds";
import type { LiveStream } from "../../streams/live_stream";
import { referredId } from "../../streams/model_stream";
import { watchTraits } from "../../ui/traits";

/** What the room's trait `stream` names, as far as this page knows it. Event "change". */
export class OwnStream extends EventTarget {
  /** The model id; null where this side shows nothing. */
  id: string | null = null;
  /** Null for another library's stream. */
  live: LiveStream | null = null;
  /** What has devices to choose from: this stream, or the one that functions made it of; null for a film. */
  devices: LiveStream | null = null;
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
    const devices = await withDevices(live);
    if (signal.aborted) return;
    this.devices = devices;
    this.dispatchEvent(new Event("change"));
  }
}

async function withDevices(live: LiveStream): Promise<LiveStream | null> {
  let at: LiveStream | null = live;
  while (at !== null && STREAM_KINDS[at.kind].devices === undefined) at = await at.upstream();
  return at;
}
