/**
 * What the kernel asked of a stream before this page had it: the socket is quicker than the widget's comm, so a cell that
 * makes a camera and reads from it asks before the camera's model is there.
 */
import type { Link } from "../link/link";
import type { SnapshotRequest, SoundStart, SoundStop, TapStart, TapStop } from "../protocol/messages.gen";

export type Request = TapStart | TapStop | SnapshotRequest | SoundStart | SoundStop;

const TYPES = ["tap.start", "tap.stop", "snapshot.request", "sound.start", "sound.stop"] as const;
const KEPT = 32;
const ALWAYS = new AbortController().signal;

export class EarlyRequests {
  readonly #known = new Set<string>();
  #waiting: Request[] = [];

  constructor(link: Pick<Link, "on">) {
    const keep = (request: Request): void => {
      if (this.#known.has(request.stream)) return;
      this.#waiting.push(request);
      if (this.#waiting.length > KEPT) this.#waiting.shift();
    };
    for (const type of TYPES) link.on(type, keep, ALWAYS);
  }

  /** The stream is there until the signal aborts; gives what was asked of it before, in order. */
  claim(stream: string, signal: AbortSignal): Request[] {
    const early = this.#waiting.filter((request) => request.stream === stream);
    this.#waiting = this.#waiting.filter((request) => request.stream !== stream);
    this.#known.add(stream);
    signal.addEventListener("abort", () => this.#known.delete(stream), { once: true });
    return early;
  }
}

const OF_LINK = new WeakMap<object, EarlyRequests>();

/** Those of a link, kept from the first call on. */
export function earlyRequests(link: Pick<Link, "on">): EarlyRequests {
  let early = OF_LINK.get(link);
  if (early === undefined) OF_LINK.set(link, (early = new EarlyRequests(link)));
  return early;
}
