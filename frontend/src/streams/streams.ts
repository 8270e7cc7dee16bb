import type { AnyModel } from "@anywidget/types";
import type { LiveStream } from "./live_stream";

/** How recorders and rooms find the streams of the page that their models name. */
export interface Streams {
  /** One of ours, by the id of its model; null for another library's. */
  live(widget: string): Promise<LiveStream> | null;
  /**
   * One of ours, once it is there: what the kernel says on the socket is here before the widget that it names. Null for
   * another library's, and when the signal aborts before.
   */
  find(model: AnyModel, widget: string, signal: AbortSignal): Promise<LiveStream | null>;
  /** The stream of any widget, asked for through the model of ours that names it. */
  open(model: AnyModel, widget: string, signal: AbortSignal): Promise<MediaStream>;
}
