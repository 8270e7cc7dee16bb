/**
 * Cuts a track's sound into frames of 20 ms.
 *
 * Where the browser has `MediaStreamTrackProcessor` (Chromium) they come from the track itself: an audio context has a clock
 * of its own, leaves out 10 ms or repeats them whenever the two have drifted apart, and runs only when the user has done
 * something in the page. It is taken elsewhere, and for tracks of another rate, as it converts them.
 */
import { SOUND_FRAME_SAMPLES, SOUND_RATE } from "../protocol/messages.gen";
import { reachSpeakers } from "./web_audio";
import { worklet } from "./sound_worklets";

/** A frame of each channel, and when it began, in microseconds since 1970. */
export type TakeFrame = (channels: readonly Float32Array[], timeUs: number) => void;

interface Way {
  /** Another track makes the sound from now on; without one there is silence. */
  read(track: MediaStreamTrack | undefined): void;
}

interface Cut {
  readonly channels: readonly Float32Array[];
  readonly endFrame: number;
}

interface TrackProcessor {
  readonly readable: ReadableStream<AudioData>;
}
type TrackProcessorClass = new (init: { track: MediaStreamTrack; maxBufferSize?: number }) => TrackProcessor;

const MOST_CHANNELS = 2;
/** Buffers of 10 ms that wait while the page does something else. */
const MOST_BUFFERS = 200;
/** How often it is looked whether a track gives anything. */
const LOOK_EVERY_MS = 200;
/** More than so much silence is not made up for: the computer slept. */
const MOST_SILENCE_SAMPLES = 5 * SOUND_RATE;

/** Reads until the signal aborts. @param failed is told what this browser can't do. */
export class SoundReader implements Way {
  #way: Way;

  constructor(take: TakeFrame, failed: (error: unknown) => void, signal: AbortSignal) {
    const Processor = (globalThis as { MediaStreamTrackProcessor?: TrackProcessorClass }).MediaStreamTrackProcessor;
    const inContext = (): Way => new ContextWay(take, failed, signal);
    const convert = (track: MediaStreamTrack): void => {
      this.#way = inContext();
      this.#way.read(track);
    };
    this.#way = Processor === undefined ? inContext() : new DirectWay(Processor, take, convert, failed, signal);
  }

  read(track: MediaStreamTrack | undefined): void {
    this.#way.read(track);
  }
}

/** Straight from the track. Where it gives nothing, as it is switched off or there is none, silence takes its place. */
class DirectWay implements Way {
  readonly #Processor: TrackProcessorClass;
  readonly #cutter: FrameCutter;
  readonly #convert: (track: MediaStreamTrack) => void;
  readonly #failed: (error: unknown) => void;
  readonly #scope = new AbortController();
  readonly #signal: AbortSignal;
  #reading: AbortController | null = null;
  /** Whether anything came since it was looked last, and how often nothing had. */
  #came = false;
  #looks = 0;

  /** @param convert takes a track over whose rate is another one; this way ends then. */
  constructor(
    Processor: TrackProcessorClass,
    take: TakeFrame,
    convert: (track: MediaStreamTrack) => void,
    failed: (error: unknown) => void,
    signal: AbortSignal,
  ) {
    this.#Processor = Processor;
    this.#cutter = new FrameCutter(take);
    this.#convert = convert;
    this.#failed = failed;
    this.#signal = AbortSignal.any([signal, this.#scope.signal]);
    const timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
    this.#signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  }

  read(track: MediaStreamTrack | undefined): void {
    this.#reading?.abort();
    this.#reading = null;
    if (track === undefined || this.#signal.aborted) return;
    this.#reading = new AbortController();
    const reading = AbortSignal.any([this.#reading.signal, this.#signal]);
    this.#run(track, reading).catch((error: unknown) => reading.aborted || this.#failed(error));
  }

  async #run(track: MediaStreamTrack, signal: AbortSignal): Promise<void> {
    const reader = new this.#Processor({ track, maxBufferSize: MOST_BUFFERS }).readable.getReader();
    const stop = (): void => void reader.cancel().catch(() => undefined); // the track may have ended first
    signal.addEventListener("abort", stop, { once: true });
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      const { sampleRate } = value;
      if (!signal.aborted && sampleRate === SOUND_RATE) {
        this.#came = true;
        this.#cutter.add(planesOf(value));
      }
      value.close();
      if (signal.aborted) return;
      if (sampleRate === SOUND_RATE) continue;
      this.#scope.abort();
      this.#convert(track);
      return;
    }
  }

  /** A page that was busy finds no sound at its first look, and what had waited at the next one. */
  #look(): void {
    this.#looks = this.#came ? 0 : this.#looks + 1;
    this.#came = false;
    if (this.#looks >= 2) this.#cutter.fillUp();
  }
}

/** Through an audio context, which converts the rate. */
class ContextWay implements Way {
  readonly #context = new AudioContext({ sampleRate: SOUND_RATE, latencyHint: "interactive" });
  readonly #ready: Promise<AudioWorkletNode>;
  readonly #failed: (error: unknown) => void;
  #source: MediaStreamAudioSourceNode | null = null;

  constructor(take: TakeFrame, failed: (error: unknown) => void, signal: AbortSignal) {
    const context = this.#context;
    const clock = new SampleClock();
    this.#failed = failed;
    reachSpeakers(context, signal);
    this.#ready = worklet(context, "cutter", { numberOfInputs: 1, numberOfOutputs: 1, channelCountMode: "max" });
    this.#ready.then((node) => {
      if (signal.aborted) return;
      node.port.addEventListener("message", ({ data }: MessageEvent<Cut>) => {
        if (!signal.aborted) take(data.channels, clock.startUs(data.endFrame));
      });
      node.port.start();
      node.connect(context.destination); // it gives out silence: what leads nowhere is not run
    }).catch((error: unknown) => signal.aborted || failed(error));
    signal.addEventListener("abort", () => void context.close(), { once: true });
  }

  read(track: MediaStreamTrack | undefined): void {
    this.#source?.disconnect();
    this.#source = null;
    if (track === undefined) return;
    try {
      this.#source = this.#context.createMediaStreamSource(new MediaStream([track]));
    } catch (error) {
      this.#failed(error); // Firefox joins no two rates
      return;
    }
    void this.#ready.then((node) => this.#source?.connect(node)).catch(() => undefined); // told above
  }
}

/** Buffers of any length in, frames of one length out. */
export class FrameCutter {
  readonly #take: TakeFrame;
  readonly #clock: SampleClock;
  #parts: Float32Array[] = [];
  #held = 0;
  #endSample = 0;

  constructor(take: TakeFrame, clock = new SampleClock()) {
    this.#take = take;
    this.#clock = clock;
  }

  add(planes: readonly Float32Array[]): void {
    const length = planes[0]?.length ?? 0;
    if (planes.length !== this.#parts.length) this.#parts = planes.map((_, index) => this.#parts[index] ?? emptyFrame());
    for (let from = 0; from < length; ) {
      const count = Math.min(length - from, SOUND_FRAME_SAMPLES - this.#held);
      for (const [index, part] of this.#parts.entries()) {
        part.set(planes[index]?.subarray(from, from + count) ?? new Float32Array(count), this.#held);
      }
      from += count;
      this.#held += count;
      if (this.#held === SOUND_FRAME_SAMPLES) this.#finish();
    }
  }

  /** Silence up to now; after a long time the clock begins anew. */
  fillUp(): void {
    const missing = this.#clock.samplesBehind(this.#endSample);
    if (missing > MOST_SILENCE_SAMPLES) {
      this.#clock.restart();
      return;
    }
    const channels = Math.max(1, this.#parts.length);
    for (let left = Math.floor(missing / SOUND_FRAME_SAMPLES); left > 0; left -= 1) {
      this.add(Array.from({ length: channels }, emptyFrame));
    }
  }

  #finish(): void {
    const frame = this.#parts;
    this.#parts = frame.map(emptyFrame);
    this.#held = 0;
    this.#endSample += SOUND_FRAME_SAMPLES;
    this.#take(frame, this.#clock.startUs(this.#endSample));
  }
}

/** When a frame was captured, by the page's clock, as the samples are counted. */
export class SampleClock {
  readonly #nowS: () => number;
  /** The page's clock minus the samples', in seconds: the least that was seen, as frames come late and never early. */
  #offsetS = Infinity;

  constructor(nowS = (): number => (performance.timeOrigin + performance.now()) / 1000) {
    this.#nowS = nowS;
  }

  /** When the frame began that ends with this sample, and is there now; in microseconds since 1970. */
  startUs(endSample: number): number {
    const endS = endSample / SOUND_RATE;
    // A little up each time: the clocks of sound card and computer are two.
    this.#offsetS = Math.min(this.#nowS() - endS, this.#offsetS + 1e-5);
    return Math.round(1e6 * (endS - SOUND_FRAME_SAMPLES / SOUND_RATE + this.#offsetS));
  }

  /** The next frame says anew where the samples stand. */
  restart(): void {
    this.#offsetS = Infinity;
  }

  /** How many samples there should be more by now; the first time there are none. */
  samplesBehind(endSample: number): number {
    if (this.#offsetS === Infinity) this.startUs(endSample);
    return Math.max(0, (this.#nowS() - this.#offsetS) * SOUND_RATE - endSample);
  }
}

function emptyFrame(): Float32Array {
  return new Float32Array(SOUND_FRAME_SAMPLES);
}

function planesOf(data: AudioData): Float32Array[] {
  const { numberOfFrames, numberOfChannels } = data;
  return Array.from({ length: Math.min(MOST_CHANNELS, numberOfChannels) }, (_, planeIndex) => {
    const plane = new Float32Array(numberOfFrames);
    data.copyTo(plane, { planeIndex, format: "f32-planar" });
    return plane;
  });
}
