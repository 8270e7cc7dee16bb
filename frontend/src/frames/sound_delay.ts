/** A sound that is let wait as long as its pictures take: what a function makes of a camera is later than the microphone. */
import { reachSpeakers } from "./web_audio";

const MOST_S = 5;
/** How long a new delay takes to be reached: slowly enough not to be heard. */
const RAMP_S = 0.4;
/** What the way into the context and out of it takes, beside the context's own latency. */
const BUFFERED_S = 0.008;
/** Less than this is not worth a change. */
const STEP_S = 0.004;

export class DelayedSound {
  /** Its one track. */
  readonly stream: MediaStream;
  readonly #context = new AudioContext({ latencyHint: "interactive" });
  readonly #delay: DelayNode;
  #source: MediaStreamAudioSourceNode | null = null;
  #delayS = 0;

  /** Runs until the signal aborts. */
  constructor(signal: AbortSignal) {
    const context = this.#context;
    const out = context.createMediaStreamDestination();
    this.stream = out.stream;
    this.#delay = context.createDelay(MOST_S);
    this.#delay.connect(out);
    reachSpeakers(context, signal);
    signal.addEventListener(
      "abort",
      () => {
        for (const track of out.stream.getTracks()) track.stop();
        void context.close();
      },
      { once: true },
    );
  }

  /** Another track makes the sound from now on; null for none. */
  read(track: MediaStreamTrack | null): void {
    this.#source?.disconnect();
    this.#source = track === null ? null : this.#context.createMediaStreamSource(new MediaStream([track]));
    this.#source?.connect(this.#delay);
  }

  /** How old the picture is that is shown now. */
  follow(pictureMs: number): void {
    const ownS = this.#context.baseLatency + BUFFERED_S;
    const wantedS = Math.min(MOST_S, Math.max(0, pictureMs / 1000 - ownS));
    if (Math.abs(wantedS - this.#delayS) < STEP_S) return;
    const { delayTime } = this.#delay;
    const nowS = this.#context.currentTime;
    if (this.#delayS === 0) delayTime.setValueAtTime(wantedS, nowS);
    else {
      delayTime.cancelScheduledValues(nowS);
      delayTime.setValueAtTime(delayTime.value, nowS);
      delayTime.linearRampToValueAtTime(wantedS, nowS + RAMP_S);
    }
    this.#delayS = wantedS;
  }
}
