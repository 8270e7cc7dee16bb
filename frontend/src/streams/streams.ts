import type { AnyModel } from "@anywidget/types";
import type { LiveStream } from "./live_stream";

/** How recorders and rooms find the streams of the page that their models name. */
export interface Streams {
  /** One of ours, by the id of its model; null for another library's. */
  live(widget: string): Promise<LiveStream> | null;
  /** The stream of any widget, asked for through the model of ours that names it. */
  open(model: AnyModel, widget: string, signal: AbortSignal): Promise<MediaStream>;
}
