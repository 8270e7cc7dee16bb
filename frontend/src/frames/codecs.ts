/** What this browser can encode and decode, by the names of the protocol, and what WebCodecs calls it. */
import type { Capabilities } from "../protocol/messages.gen";
import { CODECS } from "../protocol/messages.gen";
import { encodesPromptly } from "./prompt_encoder";

export type Codec = (typeof CODECS)[number];

/** H.264 levels by the macroblocks of a frame (ITU-T H.264, table A-1), for at least 30 frames a second. */
const H264_LEVELS = [
  [1620, "1e"],
  [3600, "1f"],
  [8192, "28"],
  [22_080, "32"],
  [36_864, "33"],
  [139_264, "3e"],
] as const;

const isLarge = (width: number, height: number): boolean => width * height > 1280 * 720;

/** What WebCodecs calls each codec, for pictures of a size. VP8 has no levels, JPEG is none of its codecs. */
const STRINGS: Readonly<Record<Codec, (width: number, height: number) => string>> = {
  h264: (width, height) => {
    const blocks = Math.ceil(width / 16) * Math.ceil(height / 16);
    // Twice the blocks: a level for 60 frames a second of this size.
    return `avc1.4200${H264_LEVELS.find(([most]) => 2 * blocks <= most)?.[1] ?? "3e"}`;
  },
  vp9: (width, height) => (isLarge(width, height) ? "vp09.00.41.08" : "vp09.00.31.08"),
  vp8: () => "vp8",
  av1: (width, height) => (isLarge(width, height) ? "av01.0.09M.08" : "av01.0.05M.08"),
  jpeg: () => "jpeg",
};

/** The codec string of an encoder for pictures of this size. */
export function codecString(codec: Codec, width: number, height: number): string {
  return STRINGS[codec](width, height);
}

/**
 * Asks the browser once; JPEG works everywhere.
 *
 * The first codec, which is the one that is chosen, is tried before it is named; those after it are believed.
 */
export async function pageCapabilities(): Promise<Capabilities> {
  const able = await Promise.all(
    CODECS.map(async (codec) => ({ codec, encode: await canEncode(codec), decode: await canDecode(codec) })),
  );
  const encode = able.filter((one) => one.encode).map(({ codec }) => codec);
  while (encode[0] !== undefined && !(await isPrompt(encode[0]))) encode.shift();
  return { encode, decode: able.filter((one) => one.decode).map(({ codec }) => codec) };
}

export function encoderConfig(
  codec: Codec,
  width: number,
  height: number,
  fps: number,
  bitrateBps: number,
): VideoEncoderConfig {
  return {
    codec: codecString(codec, width, height),
    width,
    height,
    bitrate: bitrateBps,
    framerate: Math.max(1, Math.round(fps)),
    latencyMode: "realtime",
    ...(codec === "h264" ? { avc: { format: "annexb" as const } } : {}),
  };
}

async function canEncode(codec: Codec): Promise<boolean> {
  if (codec === "jpeg") return true;
  if (!("VideoEncoder" in globalThis)) return false;
  try {
    return (await VideoEncoder.isConfigSupported(encoderConfig(codec, 640, 480, 30, 2_000_000))).supported === true;
  } catch {
    return false; // the browser does not even know the codec's name
  }
}

async function isPrompt(codec: Codec): Promise<boolean> {
  return codec === "jpeg" || encodesPromptly(encoderConfig(codec, 320, 240, 30, 1_000_000));
}

async function canDecode(codec: Codec): Promise<boolean> {
  if (codec === "jpeg") return true;
  if (!("VideoDecoder" in globalThis)) return false;
  try {
    return (await VideoDecoder.isConfigSupported({ codec: codecString(codec, 640, 480) })).supported === true;
  } catch {
    return false; // as above
  }
}
