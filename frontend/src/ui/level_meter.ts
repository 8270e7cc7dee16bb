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
  const context = sharedContext(signal);
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  const source = context.createMediaStreamSource(new MediaStream([track]));
  source.connect(analyser);
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
      source.disconnect();
    },
    { once: true },
  );
}

/** One context for all meters of the page, as long as there is one: each takes a thread of the browser's. */
let shared: { readonly context: AudioContext; readonly scope: AbortController; users: number } | null = null;

function sharedContext(signal: AbortSignal): AudioContext {
  if (shared === null) {
    const scope = new AbortController();
    shared = { context: new AudioContext(), scope, users: 0 };
    reachSpeakers(shared.context, scope.signal);
  }
  const mine = shared;
  mine.users += 1;
  signal.addEventListener(
    "abort",
    () => {
      mine.users -= 1;
      if (mine.users > 0) return;
      if (shared === mine) shared = null;
      mine.scope.abort();
      void mine.context.close();
    },
    { once: true },
  );
  return mine.context;
}

/** 0 at `QUIETEST_DB` and below, 1 at full scale. */
export function levelOf(samples: Float32Array): number {
  const peak = samples.reduce((most, sample) => Math.max(most, Math.abs(sample)), 0);
  if (peak === 0) return 0;
  return Math.min(1, Math.max(0, 1 - (20 * Math.log10(peak)) / QUIETEST_DB));
}
