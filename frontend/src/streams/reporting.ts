/** Once a second while a stream from the kernel is shown: figures for the badge, and for `stream.stats` in Python. */
import type { Download } from "../frames/download";
import type { StatsKernel } from "../protocol/messages.gen";
import type { LiveStream, StreamFigures } from "./live_stream";

const EVERY_MS = 1000;

export function reportFigures(
  live: LiveStream,
  download: Download,
  signal: AbortSignal,
  show: (figures: StreamFigures) => void,
): void {
  let kernel: StatsKernel | null = null;
  let lastBytes = 0;
  live.link.on(
    "stats.kernel",
    (message) => {
      if (message.stream === live.id) kernel = message;
    },
    signal,
  );
  const timer = setInterval(() => {
    const { meter } = download;
    const nowMs = performance.now();
    const figures: StreamFigures = {
      carrier: live.link.carrier,
      codec: download.codec,
      ...live.size,
      fps: meter.fps(nowMs),
      latencyMs: meter.latencyMs(nowMs, 0.5),
      latencyP95Ms: meter.latencyMs(nowMs, 0.95),
      dropped: meter.dropped + (kernel?.dropped ?? 0),
      bytesPerSecond: (1000 * (meter.bytes - lastBytes)) / EVERY_MS,
      ...(kernel === null ? {} : { functionMs: kernel.function_ms, kernelFps: kernel.fps }),
    };
    lastBytes = meter.bytes;
    show(figures);
    live.link.send({
      type: "stats.report",
      stream: live.id,
      fps: figures.fps,
      latency_ms: figures.latencyMs ?? 0,
      latency_p95_ms: figures.latencyP95Ms ?? 0,
      dropped: meter.dropped,
      bytes: meter.bytes,
    });
  }, EVERY_MS);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
}
