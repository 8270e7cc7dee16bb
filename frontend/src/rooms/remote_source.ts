/** Somebody else in a room, as a stream: what their page sends to this one. */
import { abortReason } from "../abort_reason";
import type { SourceContext } from "../streams/kinds";
import type { PageSource } from "../streams/page_source";
import type { RemoteMedia } from "./remote_media";
import { remoteMedia } from "./remote_media";

/** ``idle --start--> waiting --media--> live --the peer left--> finished``; a new connection's tracks take the old ones' place. */
export class RemoteSource implements PageSource {
  readonly events = new EventTarget();
  readonly notice = "";
  readonly #context: SourceContext;
  #scope: AbortController | null = null;
  #media: RemoteMedia | null = null;

  constructor(context: SourceContext) {
    this.#context = context;
  }

  async start(signal: AbortSignal): Promise<MediaStream> {
    this.stop();
    const scope = new AbortController();
    this.#scope = scope;
    const ended = AbortSignal.any([signal, scope.signal]);
    const { _room: room, _peer: peer } = this.#context.options;
    const media = remoteMedia(String(room), String(peer), ended);
    this.#media = media;
    await firstTrack(media, ended);
    const tell = (type: string): void => void this.events.dispatchEvent(new Event(type));
    media.addEventListener("track", () => tell("track"), { signal: ended });
    media.addEventListener("finished", () => tell("finished"), { signal: ended });
    return media.stream;
  }

  update(): Promise<MediaStream> {
    const media = this.#media;
    return media === null ? Promise.reject(new Error("The stream does not run.")) : Promise.resolve(media.stream);
  }

  /** The tracks are the room's: they go on for those who listen. */
  stop(): void {
    this.#scope?.abort();
    this.#scope = null;
    this.#media = null;
  }
}

async function firstTrack(media: RemoteMedia, signal: AbortSignal): Promise<void> {
  if (media.there) return;
  const scope = new AbortController();
  await new Promise<void>((resolve, reject) => {
    const left = (): void => reject(Object.assign(new Error("They left before anything came of them."), { reason: "peer_gone" }));
    media.addEventListener("track", () => resolve(), { signal: scope.signal });
    media.addEventListener("finished", left, { signal: scope.signal });
    signal.addEventListener("abort", () => reject(abortReason(signal)), { signal: scope.signal });
    if (signal.aborted) reject(abortReason(signal));
  }).finally(() => scope.abort());
}
