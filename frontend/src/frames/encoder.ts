/** Encodes frames for the kernel: WebCodecs, or JPEG pictures where it is missing; one frame at a time, no queue. */
import type { Bytes } from "../protocol/framing";
import type { Color } from "../protocol/messages.gen";
import type { Codec } from "./codecs";
import { encoderConfig } from "./codecs";

export interface EncodedFrame {
  readonly data: Bytes;
  readonly key: boolean;
  readonly width: number;
  readonly height: number;
  readonly color?: Color;
}

export interface EncoderSettings {
  readonly width: number;
  readonly height: number;
  readonly fps: number;
  readonly bitrateBps: number;
}

const JPEG_QUALITY = 0.85;

/** Encodes one frame after the other; `encode` must not be called before the last one's promise settled. */
export class FrameEncoder {
  readonly #codec: Codec;
  #encoder: VideoEncoder | null = null;
  #settings: EncoderSettings | null = null;
  #canvas: OffscreenCanvas | null = null;
  #color: Color | undefined;
  #done: { resolve(frame: EncodedFrame): void; reject(error: unknown): void } | null = null;

  constructor(codec: Codec) {
    this.#codec = codec;
  }

  /** Does not close the frame. */
  async encode(frame: VideoFrame, settings: EncoderSettings, key: boolean): Promise<EncodedFrame> {
    const fitted = this.#fit(frame, settings);
    try {
      return this.#codec === "jpeg" ? await this.#encodeJpeg(fitted, settings) : await this.#encode(fitted, settings, key);
    } finally {
      if (fitted !== frame) fitted.close();
    }
  }

  close(): void {
    if (this.#encoder?.state !== "closed") this.#encoder?.close();
    this.#encoder = null;
    this.#done?.reject(new DOMException("the encoder was closed", "AbortError"));
    this.#done = null;
  }

  async #encode(frame: VideoFrame, settings: EncoderSettings, key: boolean): Promise<EncodedFrame> {
    const fresh = this.#configure(settings);
    return new Promise((resolve, reject) => {
      this.#done = { resolve, reject };
      this.#encoder?.encode(frame, { keyFrame: key || fresh });
    });
  }

  /** True when the next frame has to be a key frame. A new bitrate alone does not ask for one. */
  #configure(settings: EncoderSettings): boolean {
    const old = this.#settings;
    const resized = old === null || old.width !== settings.width || old.height !== settings.height;
    let fresh = false;
    if (this.#encoder === null || this.#encoder.state === "closed") {
      this.#encoder = new VideoEncoder({
        output: (chunk, metadata) => this.#output(chunk, metadata),
        error: (error) => this.#done?.reject(error),
      });
      fresh = true;
    }
    const changed = old === null || Math.abs(old.bitrateBps - settings.bitrateBps) > 0.05 * settings.bitrateBps;
    if (fresh || resized || changed) {
      const { width, height, fps, bitrateBps } = settings;
      this.#encoder.configure(encoderConfig(this.#codec, width, height, fps, bitrateBps));
      this.#settings = settings;
    }
    return fresh || resized;
  }

  #output(chunk: EncodedVideoChunk, metadata?: EncodedVideoChunkMetadata): void {
    const settings = this.#settings;
    const done = this.#done;
    if (settings === null || done === null) return;
    const space = metadata?.decoderConfig?.colorSpace;
    if (space !== undefined) {
      this.#color = {
        primaries: space.primaries ?? "",
        transfer: space.transfer ?? "",
        matrix: space.matrix ?? "",
        full_range: space.fullRange ?? false,
      };
    }
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    this.#done = null;
    done.resolve({
      data,
      key: chunk.type === "key",
      width: settings.width,
      height: settings.height,
      ...(this.#color === undefined ? {} : { color: this.#color }),
    });
  }

  async #encodeJpeg(frame: VideoFrame, { width, height }: EncoderSettings): Promise<EncodedFrame> {
    const canvas = this.#draw(frame, width, height);
    const blob = await canvas.convertToBlob({ type: "image/jpeg", quality: JPEG_QUALITY });
    return { data: new Uint8Array(await blob.arrayBuffer()), key: true, width, height };
  }

  /** Encoders differ in what they do with a frame of another size: they get the size that they were configured for. */
  #fit(frame: VideoFrame, { width, height }: EncoderSettings): VideoFrame {
    if (this.#codec === "jpeg" || (frame.displayWidth === width && frame.displayHeight === height)) return frame;
    return new VideoFrame(this.#draw(frame, width, height), { timestamp: frame.timestamp });
  }

  #draw(frame: VideoFrame, width: number, height: number): OffscreenCanvas {
    const canvas = (this.#canvas ??= new OffscreenCanvas(width, height));
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    canvas.getContext("2d", { alpha: false })?.drawImage(frame, 0, 0, width, height);
    return canvas;
  }
}
