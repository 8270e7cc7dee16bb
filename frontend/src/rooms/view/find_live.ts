import type { Streams } from "../../streams/streams";
import type { LiveStream } from "../../streams/live_stream";

/** No event tells that a model's hooks ran in this page; a look at a map costs nothing. */
const AGAIN_MS = 150;

/**
 * One of our streams, by the id of its model, once it is there: what the kernel says on the socket is here before the
 * widget that it names. Null when the signal aborts before.
 */
export async function findLive(streams: Streams, widget: string, signal: AbortSignal): Promise<LiveStream | null> {
  while (!signal.aborted) {
    const live = streams.live(widget);
    if (live !== null) return live;
    await new Promise((resolve) => {
      setTimeout(resolve, AGAIN_MS);
    });
  }
  return null;
}
