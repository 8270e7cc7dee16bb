/** How loud a stream is: a small bar beside its controls, for streams that have sound. */
import { reachSpeakers } from "../frames/web_audio";
import type { LiveStream } from "../streams/live_stream";
import { element } from "./element";

const EVERY_MS = 66;
/** What the bar's left end stands for; the right one is full scale. */
const QUIETEST_DB = -60;
/** How much of its length the bar falls back each time, so that a peak can be seen. */
const FALL = 0.06;

export function renderLevelMeter(live: LiveStream, signal: AbortSignal): HTMLElement {
  const bar = element("span", "ipymedia-level-bar");
  const meter = element(
    "span",
    "ipymedia-level",
    { role: "meter", "aria-label": "Loudness", "aria-valuemin": "0", "aria-valuemax": "100", "aria-valuenow": "0" },
    [bar],
  );
  let scope = new AbortController();
  let shown = "";
  const follow = (): void => {
    const track = live.sound?.getAudioTracks()[0];
    meter.hidden = track === undefined;
    if (track?.id === shown) return;
    shown = track?.id ?? "";
    scope.abort();
    scope = new AbortController();
    if (track !== undefined) measure(track, meter, bar, AbortSignal.any([signal, scope.signal]));
  };
  live.addEventListener("stream", follow, { signal });
  follow();
  return meter;
}

function measure(track: MediaStreamTrack, meter: HTMLElement, bar: HTMLElement, signal: AbortSignal): void {
  const context = new AudioContext();
  reachSpeakers(context, signal);
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  let level = 0;
  const timer = setInterval(() => {
    if (document.visibilityState !== "visible" || !meter.isConnected) return;
    analyser.getFloatTimeDomainData(samples);
    level = Math.max(levelOf(samples), level - FALL);
    bar.style.setProperty("transform", `scaleX(${level.toFixed(3)})`);
    meter.ariaValueNow = String(Math.round(100 * level));
  }, EVERY_MS);
  signal.addEventListener(
    "abort",
    () => {
      clearInterval(timer);
      void context.close();
    },
    { once: true },
  );
}

/** 0 at `QUIETEST_DB` and below, 1 at full scale. */
export function levelOf(samples: Float32Array): number {
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  if (peak === 0) return 0;
  return Math.min(1, Math.max(0, 1 - (20 * Math.log10(peak)) / QUIETEST_DB));
}
