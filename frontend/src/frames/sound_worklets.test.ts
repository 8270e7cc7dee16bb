/** The modules' own text, in a scope that has what an audio thread gives them. */
import { describe, expect, it } from "vitest";
import { SOUND_FRAME_SAMPLES, SOUND_RATE } from "../protocol/messages.gen";
import { CUTTER, PLAYER } from "./sound_worklets";

interface Processor {
  port: { onmessage?: (event: { data: unknown }) => void };
  process(input: Float32Array[][], output: Float32Array[][]): boolean;
}

const BLOCK = 128;

function load(text: string, posted: unknown[]): Processor {
  let made: (new () => Processor) | null = null;
  class AudioWorkletProcessor {
    port = { postMessage: (message: unknown) => void posted.push(structuredClone(message)) };
  }
  const register = (_: string, kind: new () => Processor): void => void (made = kind);
  // eslint-disable-next-line no-new-func, typescript/no-implied-eval
  const run = new Function("registerProcessor", "AudioWorkletProcessor", "currentFrame", text) as (...scope: unknown[]) => void;
  run(register, AudioWorkletProcessor, 0);
  if (made === null) throw new Error("nothing was registered");
  return new (made as new () => Processor)();
}

class Playing {
  readonly told: { dry: number; skipped: number; heldMs: number }[] = [];
  readonly heard: number[] = [];
  readonly #player = load(PLAYER, this.told);
  #phase = 0;

  /** Gives frames of a tone. */
  give(frames: number): void {
    for (let frame = 0; frame < frames; frame += 1) {
      const tone = Float32Array.from({ length: SOUND_FRAME_SAMPLES }, (_, index) =>
        Math.sin((2 * Math.PI * 1000 * (this.#phase + index)) / SOUND_RATE),
      );
      this.#phase += SOUND_FRAME_SAMPLES;
      this.#player.port.onmessage?.({ data: [tone] });
    }
  }

  /** Plays; how many blocks. */
  play(blocks: number): void {
    for (let block = 0; block < blocks; block += 1) {
      const output = [new Float32Array(BLOCK), new Float32Array(BLOCK)];
      this.#player.process([], [output]);
      this.heard.push(...(output[0] ?? []));
    }
  }

  /** The greatest step from one sample to the next: a tone of 1 kHz has 0.131. */
  get greatestStep(): number {
    let greatest = 0;
    let before = 0;
    for (const sample of this.heard) {
      greatest = Math.max(greatest, Math.abs(sample - before));
      before = sample;
    }
    return greatest;
  }

  last(): { dry: number; skipped: number; heldMs: number } {
    const last = this.told.at(-1);
    if (last === undefined) throw new Error("it told nothing");
    return last;
  }
}

const EACH_FRAME = SOUND_FRAME_SAMPLES / BLOCK; // 7.5: fifteen blocks for two frames

describe("the player", () => {
  it("waits for a start, and then plays without a step, however unevenly the frames come", () => {
    const playing = new Playing();
    playing.give(2);
    playing.play(1);
    expect(playing.heard.every((sample) => sample === 0)).toBe(true);
    playing.give(2);
    for (let turn = 0; turn < 200; turn += 1) {
      playing.give(turn % 2 === 0 ? 3 : 1); // up to 60 ms at once
      playing.play(2 * EACH_FRAME);
    }
    expect(playing.last()).toMatchObject({ dry: 0, skipped: 0 });
    expect(playing.greatestStep).toBeLessThan(0.14);
  });

  it("is silent when it ran dry, and waits longer the next time", () => {
    const playing = new Playing();
    playing.give(4);
    playing.play(8 * EACH_FRAME);
    playing.heard.length = 0;
    playing.give(5); // 100 ms, and 70 were enough the first time
    playing.play(4);
    expect(playing.heard.every((sample) => sample === 0)).toBe(true);
    playing.give(2);
    playing.play(4);
    expect(playing.heard.some((sample) => sample !== 0)).toBe(true);
    playing.play(375);
    expect(playing.told.at(0)?.dry).toBeGreaterThan(0);
  });

  it("does not wait longer for a sender who paused", () => {
    const playing = new Playing();
    playing.give(4);
    playing.play(400); // a second
    playing.heard.length = 0;
    playing.give(4);
    playing.play(4);
    expect(playing.heard.some((sample) => sample !== 0)).toBe(true);
  });

  it("plays on through stalls of a third of a second, after the first ones, and less late when there are none any more", () => {
    const playing = new Playing();
    const stalls = (times: number): void => {
      for (let time = 0; time < times; time += 1) {
        playing.play(17 * EACH_FRAME - 0.5);
        playing.give(17); // what was held up comes at once
      }
    };
    playing.give(4);
    stalls(60);
    const { dry } = playing.last();
    expect(dry).toBeGreaterThan(0);
    stalls(40);
    expect(playing.last().dry).toBeLessThanOrEqual(dry + 1); // it finds what it needs step by step
    const heldMs = (): number => playing.last().heldMs;
    const before = heldMs();
    const after = playing.last().dry;
    for (let turn = 0; turn < 6000; turn += 1) {
      playing.give(1);
      playing.play(turn % 2 === 0 ? 7 : 8);
    }
    expect(playing.last().dry).toBe(after);
    expect(heldMs()).toBeLessThan(before - 100);
  });

  it("leaves out what came in a heap", () => {
    const playing = new Playing();
    playing.give(4);
    playing.play(4);
    playing.give(40);
    playing.play(400);
    expect(playing.last().skipped).toBeGreaterThan(0);
    expect(playing.last().heldMs).toBeLessThan(300);
  });

  it("follows a sender whose clock runs faster, without a step", () => {
    const playing = new Playing();
    playing.give(5);
    let given = 0;
    for (let block = 0; block < 60 * 375; block += 1) {
      playing.play(1);
      // A thousandth too much: 60 ms in a minute, which would be a buffer's worth.
      while (given * SOUND_FRAME_SAMPLES < block * BLOCK * 1.001) {
        playing.give(1);
        given += 1;
      }
    }
    expect(playing.last()).toMatchObject({ dry: 0, skipped: 0 });
    expect(playing.last().heldMs).toBeLessThan(140);
    expect(playing.greatestStep).toBeLessThan(0.14);
  });
});

describe("the cutter", () => {
  it("posts frames of one length, and gives two channels where there are two", () => {
    const posted: { channels: Float32Array[] }[] = [];
    const cutter = load(CUTTER, posted);
    for (let block = 0; block < 30; block += 1) {
      const value = (channel: number): Float32Array => new Float32Array(BLOCK).fill(channel + block / 100);
      cutter.process([[value(1), value(2)]], []);
    }
    expect(posted).toHaveLength((30 * BLOCK) / SOUND_FRAME_SAMPLES);
    expect(posted.map(({ channels }) => channels.map((channel) => channel.length))).toEqual(
      posted.map(() => [SOUND_FRAME_SAMPLES, SOUND_FRAME_SAMPLES]),
    );
    expect(posted[0]?.channels[1]?.[0]).toBe(2);
  });
});
