/** What a page measures of a stream that it shows: rate, latency from the capture to the presentation, losses. */
const SPAN_MS = 2000;

interface Sample {
  readonly atMs: number;
  readonly latencyMs: number;
}

export class Meter {
  dropped = 0;
  bytes = 0;
  #samples: Sample[] = [];

  presented(atMs: number, latencyMs: number): void {
    this.#samples.push({ atMs, latencyMs });
    while ((this.#samples[0]?.atMs ?? atMs) < atMs - SPAN_MS) this.#samples.shift();
  }

  fps(nowMs: number): number {
    const recent = this.#recent(nowMs);
    const first = recent[0];
    const last = recent.at(-1);
    if (first === undefined || last === undefined || last.atMs <= first.atMs) return 0;
    return (1000 * (recent.length - 1)) / (last.atMs - first.atMs);
  }

  /** The latency that the share `quantile` of the frames stays below, in milliseconds. */
  latencyMs(nowMs: number, quantile: number): number {
    const sorted = this.#recent(nowMs)
      .map(({ latencyMs }) => latencyMs)
      .sort((a, b) => a - b);
    return sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))] ?? 0;
  }

  #recent(nowMs: number): Sample[] {
    return this.#samples.filter(({ atMs }) => atMs >= nowMs - SPAN_MS);
  }
}
