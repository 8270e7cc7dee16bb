/**
 * What runs on the browser's audio thread, as the text of two worklet modules: one cuts what it hears into frames, the
 * other one plays frames that come over the network.
 */
import { SOUND_FRAME_SAMPLES, SOUND_RATE } from "../protocol/messages.gen";

/** Posts `{ channels, endFrame }`: a frame of each channel, and the context's frame at its end. */
export const CUTTER = `
registerProcessor("ipymedia-cutter", class extends AudioWorkletProcessor {
  held = 0;
  count = 1;
  parts = [new Float32Array(${SOUND_FRAME_SAMPLES}), new Float32Array(${SOUND_FRAME_SAMPLES})];
  process([input]) {
    const length = input[0]?.length ?? 128;
    if (input.length > 0) this.count = Math.min(2, input.length);
    for (let from = 0; from < length; ) {
      const room = Math.min(length - from, ${SOUND_FRAME_SAMPLES} - this.held);
      for (const [index, part] of this.parts.entries()) {
        const channel = input[index] ?? input[0];
        if (channel) part.set(channel.subarray(from, from + room), this.held);
        else part.fill(0, this.held, this.held + room);
      }
      from += room;
      this.held += room;
      if (this.held < ${SOUND_FRAME_SAMPLES}) continue;
      this.held = 0;
      this.port.postMessage({ channels: this.parts.slice(0, this.count), endFrame: currentFrame + from });
    }
    return true;
  }
});`;

/**
 * Plays what is posted, an array of channels, a little late: so late that what the network delays is there in time. It waits
 * longer after it ran dry and again less when that lasts too long, skips what came in a heap, and follows a sender whose
 * clock runs a little faster or slower.
 */
export const PLAYER = `
const SIZE = 1 << 17, LEAST = 130, FIRST = ${0.07 * SOUND_RATE}, MOST = ${0.4 * SOUND_RATE}, HEAP = ${0.2 * SOUND_RATE};
const FRAME = ${SOUND_FRAME_SAMPLES}, EACH_SECOND = ${Math.round(SOUND_RATE / 128)}, LOOKED_S = 10;
registerProcessor("ipymedia-player", class extends AudioWorkletProcessor {
  data = [new Float32Array(SIZE), new Float32Array(SIZE)];
  written = 0; read = 0; fraction = 0; wanted = FIRST; mean = 0; playing = false; correcting = false; dry = 0; skipped = 0; turn = 0;
  least = Infinity; looked = 0; silent = -1;
  constructor() {
    super();
    this.port.onmessage = ({ data }) => this.add(data);
  }
  add(channels) {
    const length = channels[0].length;
    for (const [index, ring] of this.data.entries()) {
      const channel = channels[index] ?? channels[0];
      for (let i = 0; i < length; i += 1) ring[(this.written + i) % SIZE] = channel[i];
    }
    this.written += length;
    if (this.written - this.read > this.wanted + FRAME + HEAP) {
      this.skipped += 1;
      this.read = this.written - this.wanted;
      this.mean = this.wanted;
    }
  }
  // Silent, until something comes again; what was late is waited for longer then, and a sender who paused is not late.
  waits(held) {
    if (this.silent >= 0 && held < FRAME) this.silent += 128;
    else if (this.silent >= 0) {
      if (this.silent < MOST) this.wanted = Math.min(MOST, this.wanted + Math.min(3 * FRAME, Math.max(FRAME, this.silent)));
      this.silent = -1;
    }
    return held < this.wanted;
  }
  // What was held all the time, and never needed, is waited for in vain.
  look() {
    if ((this.looked += 1) < LOOKED_S) return;
    if (this.playing && this.least > LEAST + 2 * FRAME) this.wanted = Math.max(FIRST, this.wanted - FRAME);
    this.looked = 0;
    this.least = Infinity;
  }
  tell() { this.port.postMessage({ dry: this.dry, skipped: this.skipped, heldMs: (this.written - this.read) / ${SOUND_RATE / 1000} }); }
  process(_, [output]) {
    if ((this.turn = (this.turn + 1) % EACH_SECOND) === 0) {
      this.tell();
      this.look();
    }
    const held = this.written - this.read;
    this.least = Math.min(this.least, held);
    if (!this.playing) {
      if (this.waits(held)) return true;
      this.playing = true;
      this.mean = held;
    } else if (held < LEAST) {
      this.playing = false;
      this.dry += 1;
      this.silent = this.looked = 0;
      return true;
    }
    this.mean += (held - this.mean) * 0.001;
    const off = this.mean - this.wanted;
    this.correcting = Math.abs(off) > (this.correcting ? FRAME / 4 : FRAME);
    const rate = this.correcting ? 1 + Math.sign(off) * 0.003 : 1;
    const length = output[0].length;
    for (let i = 0; i < length; i += 1) {
      for (const [index, channel] of output.entries()) {
        const ring = this.data[index] ?? this.data[0];
        const [a, b] = [ring[this.read % SIZE], ring[(this.read + 1) % SIZE]];
        channel[i] = this.fraction === 0 ? a : a + (b - a) * this.fraction;
      }
      this.fraction += rate;
      const whole = Math.floor(this.fraction);
      this.read += whole;
      this.fraction -= whole;
    }
    return true;
  }
});`;

/** Loads one of them into a context, and gives its node. */
export async function worklet(
  context: AudioContext,
  kind: "cutter" | "player",
  options: AudioWorkletNodeOptions,
): Promise<AudioWorkletNode> {
  const url = URL.createObjectURL(new Blob([kind === "cutter" ? CUTTER : PLAYER], { type: "text/javascript" }));
  try {
    await context.audioWorklet.addModule(url);
  } finally {
    URL.revokeObjectURL(url);
  }
  return new AudioWorkletNode(context, `ipymedia-${kind}`, options);
}
