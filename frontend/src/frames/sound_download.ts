/** Sound from the kernel: decoded, played a little late so that it does not break off, and given out as a track. */
import type { Link } from "../link/link";
import type { Bytes } from "../protocol/framing";
import type { SoundData } from "../protocol/messages.gen";
import { SOUND_FRAME_SAMPLES, SOUND_RATE } from "../protocol/messages.gen";
import { reachSpeakers } from "./web_audio";
import { fromPcm } from "./sound_upload";
import { worklet } from "./sound_worklets";

/** More than so many missing frames are a pause of the sender's. */
const MOST_CONCEALED = 50;

/** What the player tells once a second: how often it ran dry, or left a heap out, and how much waits in it. */
interface Played {
  readonly dry: number;
  readonly skipped: number;
  readonly heldMs: number;
}

/** Events: "sound": the first frame came; "failed": a `CustomEvent` whose `detail` says what this browser can't do; "figures", once a second. */
export class SoundDownload extends EventTarget {
  /** Its track is there from the beginning. */
  readonly stream: MediaStream;
  /** From the capture to the loudspeaker's turn, lately. */
  latencyMs = 0;
  /** How often sound was missing, or was left out. */
  dropped = 0;
  bytes = 0;
  /** How loud the last frame is, 0 to 1. */
  level = 0;
  readonly #context = new AudioContext({ sampleRate: SOUND_RATE, latencyHint: "interactive" });
  readonly #loudness: GainNode;
  #player: AudioWorkletNode | null = null;
  #decoder: AudioDecoder | null = null;
  #what = "";
  #expected = 0;
  #begun = false;
  #ageMs = 0;
  #lost = 0;

  /** Asks the kernel for the stream's sound until the signal aborts. */
  constructor(link: Link, stream: string, signal: AbortSignal) {
    super();
    const context = this.#context;
    const out = context.createMediaStreamDestination();
    this.stream = out.stream;
    this.#loudness = context.createGain();
    this.#loudness.gain.value = 0;
    this.#loudness.connect(context.destination);
    reachSpeakers(context, signal);
    const codec = "AudioDecoder" in globalThis ? "opus" : "pcm";
    const ask = (): void => link.send({ type: "sound.watch", stream, watch: true, codec });
    link.on("sound.data", (message, data) => message.stream === stream && this.#take(message, data), signal);
    const ready = worklet(context, "player", { numberOfInputs: 0, numberOfOutputs: 1, outputChannelCount: [2] });
    const failed = (detail: unknown): void => void (signal.aborted || this.dispatchEvent(new CustomEvent("failed", { detail })));
    ready.then((node) => {
      if (signal.aborted) return;
      node.port.addEventListener("message", ({ data }: MessageEvent<Played>) => signal.aborted || this.#tell(data));
      node.port.start();
      node.connect(out);
      node.connect(this.#loudness);
      this.#player = node;
      link.addEventListener("loaded", ask, { signal });
      ask();
    }).catch(failed);
    link.hold(signal);
    signal.addEventListener(
      "abort",
      () => {
        link.send({ type: "sound.watch", stream, watch: false, codec });
        this.#endDecoder();
        for (const track of out.stream.getTracks()) track.stop();
        void context.close();
      },
      { once: true },
    );
  }

  /** Whether it is heard here; the track has the sound in any case. */
  setLoud(loud: boolean): void {
    this.#loudness.gain.value = loud ? 1 : 0;
  }

  #tell({ dry, skipped, heldMs }: Played): void {
    this.latencyMs = this.#ageMs + heldMs;
    this.dropped = dry + skipped + this.#lost;
    this.dispatchEvent(new Event("figures"));
  }

  #take(message: SoundData, data: Bytes): void {
    const { codec, channels, sequence, time_us } = message;
    this.#ageMs = Math.max(0, performance.timeOrigin + performance.now() - time_us / 1000);
    this.bytes += data.length;
    const what = `${message.epoch} ${codec} ${channels}`;
    if (what !== this.#what) {
      this.#what = what;
      this.#expected = sequence;
      this.#endDecoder();
      if (codec === "opus") this.#beginDecoder(channels);
    }
    const missing = sequence - this.#expected;
    this.#expected = sequence + 1;
    this.#lost += Math.max(0, missing);
    if (missing > 0 && missing <= MOST_CONCEALED) this.#play([new Float32Array(missing * SOUND_FRAME_SAMPLES)]);
    if (codec === "pcm") this.#play(fromPcm(data, channels));
    else if (this.#decoder?.state === "configured") {
      this.#decoder.decode(new EncodedAudioChunk({ type: "key", timestamp: time_us, data }));
    }
  }

  #beginDecoder(channels: number): void {
    this.#decoder = new AudioDecoder({
      output: (decoded) => {
        const { numberOfFrames, numberOfChannels } = decoded;
        const planes = Array.from({ length: numberOfChannels }, (_, planeIndex) => {
          const plane = new Float32Array(numberOfFrames);
          decoded.copyTo(plane, { planeIndex, format: "f32-planar" });
          return plane;
        });
        decoded.close();
        this.#play(planes);
      },
      error: () => (this.#what = ""), // the next packet begins anew
    });
    this.#decoder.configure({ codec: "opus", sampleRate: SOUND_RATE, numberOfChannels: channels });
  }

  #endDecoder(): void {
    if (this.#decoder?.state === "configured") this.#decoder.close();
    this.#decoder = null;
  }

  #play(planes: Float32Array[]): void {
    this.level = peakOf(planes[0]);
    this.#player?.port.postMessage(planes, planes.map((plane) => plane.buffer));
    if (this.#begun) return;
    this.#begun = true;
    this.dispatchEvent(new Event("sound"));
  }
}

/** Each eighth sample tells enough of a loudness. */
function peakOf(samples: Float32Array | undefined): number {
  let peak = 0;
  for (let index = 0; index < (samples?.length ?? 0); index += 8) peak = Math.max(peak, Math.abs(samples?.[index] ?? 0));
  return peak;
}
