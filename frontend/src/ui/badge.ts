import type { AnyModel } from "@anywidget/types";
import type { LiveStream, StreamFigures } from "../streams/live_stream";
import { element } from "./element";
import { readBoolean, watchTraits } from "./traits";

/** The figures of the running stream, in a corner of the picture, while the trait `badge` is on. */
export function renderBadge(model: AnyModel, live: LiveStream, signal: AbortSignal): HTMLElement {
  const badge = element("div", "ipymedia-badge", { "aria-label": "Figures of the stream" });
  const update = (): void => {
    badge.hidden = !readBoolean(model, "badge", false);
    if (badge.hidden) return;
    const rows = live.figures === null ? [["", "no figures yet"] as const] : badgeRows(live.figures);
    badge.replaceChildren(
      ...rows.flatMap(([name, value]) => [
        element("span", "ipymedia-badge-name", {}, [name]),
        element("span", "ipymedia-badge-value", {}, [value]),
      ]),
    );
  };
  live.addEventListener("figures", update, { signal });
  watchTraits(model, ["badge"], update, signal);
  update();
  return badge;
}

/** Name and value of each figure, the most asked for first. What was not measured has no row. */
export function badgeRows(figures: StreamFigures): (readonly [string, string])[] {
  const rows: (readonly [string, string])[] = [
    ["rate", `${figures.fps.toFixed(1)} fps`],
    ["size", `${figures.width} × ${figures.height}`],
  ];
  if (figures.latencyMs !== undefined) {
    const tail = figures.latencyP95Ms === undefined ? "" : ` (p95 ${Math.round(figures.latencyP95Ms)})`;
    rows.push(["latency", `${Math.round(figures.latencyMs)} ms${tail}`]);
  }
  if (figures.functionMs !== undefined) rows.push(["function", `${figures.functionMs.toFixed(1)} ms`]);
  if (figures.kernelFps !== undefined) rows.push(["kernel", `${figures.kernelFps.toFixed(1)} fps`]);
  rows.push(["carrier", figures.codec === undefined ? figures.carrier : `${figures.carrier}, ${figures.codec}`]);
  if (figures.bytesPerSecond !== undefined) rows.push(["traffic", bitrate(figures.bytesPerSecond)]);
  rows.push(["dropped", String(figures.dropped)]);
  return rows;
}

function bitrate(bytesPerSecond: number): string {
  const bits = bytesPerSecond * 8;
  return bits < 1e6 ? `${Math.round(bits / 1e3)} kbit/s` : `${(bits / 1e6).toFixed(1)} Mbit/s`;
}
