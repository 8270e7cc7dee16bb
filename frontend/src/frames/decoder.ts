/** Decodes what the kernel sends: WebCodecs, or JPEG pictures. Gives the frame out as soon as it is decoded. */
import type { Bytes } from "../protocol/framing";
import type { FrameData } from "../protocol/messages.gen";
import type { Codec } from "./codecs";
import { codecString } from "./codecs";

export type Decoded = (picture: VideoFrame | ImageBitmap, message: FrameData) => void;

export class FrameDecoder {
  readonly #decoded: Decoded;
  readonly #failed: (error: unknown) => void;
  #decoder: VideoDecoder | null = null;
  #configured = "";
  readonly #pending = new Map<number, FrameData>();

  constructor(decoded: Decoded, failed: (error: unknown) => void) {
    this.#decoded = decoded;
    this.#failed = failed;
  }

  decode(message: FrameData, data: Bytes): void {
    if (message.codec === "jpeg") {
      void this.#decodeJpeg(message, data);
      return;
    }
    try {
      const decoder = this.#decoderFor(message);
      this.#pending.set(message.sequence, message);
      decoder.decode(
        new EncodedVideoChunk({ type: message.key ? "key" : "delta", timestamp: message.sequence, data }),
      );
    } catch (error) {
      this.reset();
      this.#failed(error);
    }
  }

  /** Forget all: the next frame has to be a key frame. */
  reset(): void {
    if (this.#decoder !== null && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
    this.#configured = "";
    this.#pending.clear();
  }

  #decoderFor(message: FrameData): VideoDecoder {
    // What pages send each other over their kernels names its codec alone.
    const codec = message.codec_string || codecString(message.codec as Codec, message.width, message.height);
    const wanted = `${codec} ${message.epoch}`;
    if (this.#decoder !== null && this.#decoder.state === "configured" && this.#configured === wanted) {
      return this.#decoder;
    }
    this.reset();
    const decoder = new VideoDecoder({
      output: (frame) => {
        const of = this.#pending.get(frame.timestamp);
        this.#pending.delete(frame.timestamp);
        if (of === undefined || this.#decoder !== decoder) frame.close();
        else this.#decoded(frame, of);
      },
      error: (error) => {
        if (this.#decoder !== decoder) return;
        this.reset();
        this.#failed(error);
      },
    });
    const { color } = message;
    decoder.configure({
      codec,
      optimizeForLatency: true,
      ...(color?.matrix
        ? {
            colorSpace: {
              primaries: color.primaries as VideoColorPrimaries,
              transfer: color.transfer as VideoTransferCharacteristics,
              matrix: color.matrix as VideoMatrixCoefficients,
              fullRange: color.full_range ?? false,
            },
          }
        : {}),
    });
    this.#decoder = decoder;
    this.#configured = wanted;
    return decoder;
  }

  async #decodeJpeg(message: FrameData, data: Bytes): Promise<void> {
    try {
      this.#decoded(await createImageBitmap(new Blob([data], { type: "image/jpeg" })), message);
    } catch (error) {
      this.#failed(error);
    }
  }
}
