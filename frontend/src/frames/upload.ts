/**
 * The page's end of a tap: reads a track, encodes the newest frame when there is room on the wire, sends it.
 *
 * `waiting` holds at most one frame; a newer one takes its place. Nothing else queues in the page (rule 5 of the live
 * path: never older than needed).
 */
import type { Link } from "../link/link";
import { nowUs } from "../page";
import type { TapStart } from "../protocol/messages.gen";
import { MAX_SIDE_PX } from "../protocol/messages.gen";
import type { Codec } from "./codecs";
import { FrameEncoder } from "./encoder";
import type { OwnFrames } from "./own_frames";
import { fullBitrateBps, Pace } from "./pace";
import { readFrames } from "./reader";

interface Waiting {
  readonly frame: VideoFrame;
  readonly index: number;
  readonly timeUs: number;
}

const SLACK = 0.25;

export class Upload {
  dropped = 0;
  readonly #link: Link;
  readonly #own: OwnFrames;
  readonly #signal: AbortSignal;
  readonly #onError: (error: unknown) => void;
  #tap: TapStart;
  #encoder: FrameEncoder;
  readonly #pace = new Pace(2_000_000);
  #waiting: Waiting | null = null;
  #encoding = false;
  #needKey = true;
  #sequence = 0;
  #index = 0;
  #fps = 30;
  #lastUs = 0;
  #dueUs = 0;
  #sized = "";

  constructor(link: Link, tap: TapStart, own: OwnFrames, onError: (error: unknown) => void, signal: AbortSignal) {
    this.#link = link;
    this.#tap = tap;
    this.#own = own;
    this.#onError = onError;
    this.#signal = signal;
    this.#encoder = new FrameEncoder(tap.codec as Codec);
    link.on(
      "frame.credit",
      (message) => {
        if (!this.#isMine(message)) return;
        this.#pace.credited(message.sequence, performance.now() / 1000);
        void this.#pump();
      },
      signal,
    );
    link.on(
      "frame.key_request",
      (message) => {
        if (this.#isMine(message)) this.#needKey = true;
      },
      signal,
    );
    link.addEventListener("phase", () => this.#carrierChanged(), { signal });
    signal.addEventListener("abort", () => {
      this.#drop();
      this.#encoder.close();
    });
  }

  get epoch(): number {
    return this.#tap.epoch;
  }

  /** Other bounds for the same tap. */
  change(tap: TapStart): void {
    if (tap.codec !== this.#tap.codec) {
      this.#encoder.close();
      this.#encoder = new FrameEncoder(tap.codec as Codec);
      this.#needKey = true;
    }
    this.#tap = tap;
    this.#sized = "";
  }

  /** Reads a track until the signal aborts; a track that takes another one's place goes on in the same upload. */
  read(track: MediaStreamTrack, signal: AbortSignal): void {
    readFrames(track, (frame) => this.#take(frame), AbortSignal.any([this.#signal, signal]));
  }

  #isMine(message: { stream: string; epoch: number }): boolean {
    return !this.#signal.aborted && message.stream === this.#tap.stream && message.epoch === this.#tap.epoch;
  }

  #take(frame: VideoFrame): void {
    const timeUs = nowUs();
    if (this.#lastUs > 0) {
      const seconds = Math.max(0.001, (timeUs - this.#lastUs) / 1e6);
      this.#fps = 0.95 * this.#fps + 0.05 * Math.min(120, 1 / seconds);
    }
    this.#lastUs = timeUs;
    this.#index += 1;
    if (this.#signal.aborted || !this.#isDue(timeUs)) {
      frame.close();
      return;
    }
    this.#own.keep(frame, this.#tap.epoch, this.#index, timeUs);
    this.#drop();
    this.#waiting = { frame, index: this.#index, timeUs };
    void this.#pump();
  }

  #isDue(timeUs: number): boolean {
    const maxFps = this.#tap.max_fps ?? 0;
    if (maxFps === 0) return true;
    const intervalUs = 1e6 / maxFps;
    if (timeUs + SLACK * intervalUs < this.#dueUs) return false;
    this.#dueUs = (timeUs - this.#dueUs < intervalUs ? this.#dueUs : timeUs) + intervalUs;
    return true;
  }

  async #pump(): Promise<void> {
    if (this.#encoding || this.#signal.aborted) return;
    if (this.#pace.expire(performance.now() / 1000)) this.#needKey = true;
    const waiting = this.#waiting;
    if (waiting === null || !this.#pace.maySend()) return;
    this.#waiting = null;
    this.#encoding = true;
    try {
      await this.#send(waiting);
    } catch (error) {
      if (!this.#signal.aborted && !(error instanceof DOMException && error.name === "AbortError")) {
        this.#needKey = true;
        this.#onError(error);
      }
    } finally {
      waiting.frame.close();
      this.#encoding = false;
    }
    if (this.#waiting !== null) void this.#pump();
  }

  async #send({ frame, index, timeUs }: Waiting): Promise<void> {
    const settings = this.#settings(frame);
    const key = this.#needKey;
    this.#needKey = false;
    const encoded = await this.#encoder.encode(frame, settings, key);
    if (this.#signal.aborted) return;
    const sequence = this.#sequence;
    this.#sequence += 1;
    this.#pace.fps = this.#fps;
    this.#pace.sent(sequence, performance.now() / 1000);
    const { width, height } = settings;
    this.#link.send(
      {
        type: "frame.data",
        stream: this.#tap.stream,
        epoch: this.#tap.epoch,
        sequence,
        index,
        time_us: timeUs,
        key: encoded.key,
        codec: this.#tap.codec,
        width,
        height,
        ...(encoded.color === undefined ? {} : { color: encoded.color }),
      },
      encoded.data,
    );
  }

  #settings(frame: VideoFrame): { width: number; height: number; fps: number; bitrateBps: number } {
    const full = fitInto(frame.displayWidth, frame.displayHeight, this.#tap.width ?? 0, this.#tap.height ?? 0);
    const fps = Math.min(this.#fps, (this.#tap.max_fps ?? 0) || Infinity);
    const sized = `${full.width}x${full.height}`;
    if (sized !== this.#sized) {
      this.#sized = sized;
      this.#pace.maxBitrateBps = (this.#tap.bitrate_bps ?? 0) || fullBitrateBps(full.width, full.height, Math.max(fps, 24));
      this.#pace.bitrateBps = this.#pace.maxBitrateBps;
    }
    const scale = this.#pace.chooseScale(full.width, full.height);
    return {
      width: scale === 1 ? full.width : even(full.width * scale),
      height: scale === 1 ? full.height : even(full.height * scale),
      fps,
      bitrateBps: this.#pace.bitrateBps,
    };
  }

  #carrierChanged(): void {
    this.#pace.reset();
    this.#needKey = true;
    void this.#pump();
  }

  #drop(): void {
    if (this.#waiting === null) return;
    this.#waiting.frame.close();
    this.#waiting = null;
    this.dropped += 1;
  }
}

/** The largest even size of the same shape that fits; encoders of 4:2:0 pictures need even sides. */
export function fitInto(
  width: number,
  height: number,
  maxWidth: number,
  maxHeight: number,
): { width: number; height: number } {
  const scale = Math.min(1, (maxWidth || MAX_SIDE_PX) / width, (maxHeight || MAX_SIDE_PX) / height);
  return { width: even(width * scale), height: even(height * scale) };
}

function even(value: number): number {
  return Math.max(16, 2 * Math.round(value / 2));
}
