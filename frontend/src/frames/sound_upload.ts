/** A stream's sound on its way to the kernel: cut into frames of 20 ms, coded as Opus, or sent as it is. */
import type { Link } from "../link/link";
import type { Bytes } from "../protocol/framing";
import type { SoundStart } from "../protocol/messages.gen";
import { SOUND_FRAME_SAMPLES, SOUND_RATE } from "../protocol/messages.gen";
import { SoundReader } from "./sound_reader";

/** Where so much waits to leave the page, new sound would only come later and later. */
const MOST_WAITING_BYTES = 1 << 18;
const BITS_PER_CHANNEL = 64_000;

type Send = (codec: "opus" | "pcm", channels: number, timeUs: number, data: Bytes) => void;

export class SoundUpload {
  readonly #reader: SoundReader;

  /** Sends until the signal aborts. @param failed is told what this browser can't do. */
  constructor(link: Link, { stream, epoch }: SoundStart, failed: (error: unknown) => void, signal: AbortSignal) {
    let next = 0;
    const coder = new Coder((codec, channels, time_us, data) => {
      const sequence = next;
      next += 1;
      if (link.bufferedBytes > MOST_WAITING_BYTES) return; // the kernel hears silence in its place
      link.send({ type: "sound.data", stream, epoch, sequence, codec, channels, time_us }, data);
    });
    const take = (channels: readonly Float32Array[], timeUs: number): void => {
      if (!signal.aborted) coder.code(channels, timeUs);
    };
    this.#reader = new SoundReader(take, failed, signal);
    signal.addEventListener("abort", () => coder.end(), { once: true });
  }

  /** Another track makes the sound from now on; without one there is silence. */
  read(track: MediaStreamTrack | undefined): void {
    this.#reader.read(track);
  }
}

/** Codes frames; made anew when the number of channels changes. */
class Coder {
  readonly #send: Send;
  #encoder: AudioEncoder | null = null;
  #channels = 0;

  constructor(send: Send) {
    this.#send = send;
  }

  code(channels: readonly Float32Array[], timeUs: number): void {
    if (!("AudioEncoder" in globalThis)) {
      this.#send("pcm", channels.length, timeUs, toPcm(channels));
      return;
    }
    if (channels.length !== this.#channels) this.#begin(channels.length);
    const data = new AudioData({
      format: "f32-planar",
      sampleRate: SOUND_RATE,
      numberOfFrames: SOUND_FRAME_SAMPLES,
      numberOfChannels: channels.length,
      timestamp: timeUs,
      data: joined(channels),
    });
    this.#encoder?.encode(data);
    data.close();
  }

  #begin(channels: number): void {
    this.end();
    this.#channels = channels;
    this.#encoder = new AudioEncoder({
      output: (chunk) => {
        const bytes = new Uint8Array(chunk.byteLength);
        chunk.copyTo(bytes);
        this.#send("opus", channels, Math.max(0, Math.round(chunk.timestamp)), bytes);
      },
      error: () => (this.#channels = 0), // the next frame begins anew
    });
    this.#encoder.configure({
      codec: "opus",
      sampleRate: SOUND_RATE,
      numberOfChannels: channels,
      bitrate: BITS_PER_CHANNEL * channels,
    });
  }

  end(): void {
    if (this.#encoder?.state === "configured") this.#encoder.close();
    this.#encoder = null;
    this.#channels = 0;
  }
}

function joined(channels: readonly Float32Array[]): Float32Array<ArrayBuffer> {
  const all = new Float32Array(channels.length * SOUND_FRAME_SAMPLES);
  for (const [index, channel] of channels.entries()) all.set(channel, index * SOUND_FRAME_SAMPLES);
  return all;
}

/** 16 bits a sample, little-endian, interleaved. */
export function toPcm(channels: readonly Float32Array[]): Bytes {
  const length = channels[0]?.length ?? 0;
  const view = new DataView(new ArrayBuffer(2 * length * channels.length));
  for (let sample = 0; sample < length; sample += 1) {
    for (const [index, channel] of channels.entries()) {
      const value = Math.max(-1, Math.min(1, channel[sample] ?? 0));
      view.setInt16(2 * (sample * channels.length + index), Math.round(value * 32767), true);
    }
  }
  return new Uint8Array(view.buffer);
}

/** The inverse of `toPcm`. */
export function fromPcm(bytes: Uint8Array, count: number): Float32Array[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Math.floor(bytes.byteLength / (2 * count));
  return Array.from({ length: count }, (_, index) =>
    Float32Array.from({ length }, (__, sample) => view.getInt16(2 * (sample * count + index), true) / 32768),
  );
}
