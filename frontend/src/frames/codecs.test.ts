import { afterEach, describe, expect, it, vi } from "vitest";
import { CODECS } from "../protocol/messages.gen";
import { codecString, encoderConfig, pageCapabilities } from "./codecs";

afterEach(() => {
  vi.unstubAllGlobals();
});

describe("codecString", () => {
  it.each([
    [320, 240, "avc1.42001e"],
    [640, 480, "avc1.42001f"],
    [1280, 720, "avc1.420028"],
    [1920, 1080, "avc1.420032"],
    [3840, 2160, "avc1.42003e"],
  ])("gives H.264 at %ix%i a level that holds its macroblocks at 60 frames a second", (width, height, expected) => {
    expect(codecString("h264", width, height)).toBe(expected);
  });

  it.each(CODECS)("has a name for %s", (codec) => {
    expect(codecString(codec, 1920, 1080)).toMatch(/^(avc1|vp09|av01|vp8|jpeg)/u);
  });
});

describe("encoderConfig", () => {
  it("asks for Annex B in H.264 alone, and for no delay", () => {
    expect(encoderConfig("h264", 640, 480, 29.97, 1e6)).toMatchObject({
      avc: { format: "annexb" },
      latencyMode: "realtime",
      framerate: 30,
      bitrate: 1e6,
    });
    expect(encoderConfig("vp8", 640, 480, 0.2, 1e6)).toMatchObject({ codec: "vp8", framerate: 1 });
    expect(encoderConfig("vp8", 640, 480, 30, 1e6)).not.toHaveProperty("avc");
  });
});

describe("pageCapabilities", () => {
  it("is JPEG alone without WebCodecs", async () => {
    expect(await pageCapabilities()).toEqual({ encode: ["jpeg"], decode: ["jpeg"] });
  });

  it("asks the browser for each codec, and takes a name that it does not know for a no", async () => {
    vi.stubGlobal("VideoEncoder", {
      isConfigSupported: async ({ codec }: VideoEncoderConfig) => {
        if (codec.startsWith("av01")) throw new TypeError("unknown");
        return { supported: codec === "vp8" };
      },
    });
    // No canvas to try the first codec on: it is believed.
    vi.stubGlobal(
      "OffscreenCanvas",
      class {
        getContext(): null {
          return null;
        }
      },
    );
    vi.stubGlobal("VideoDecoder", { isConfigSupported: async () => ({ supported: true }) });
    expect(await pageCapabilities()).toEqual({ encode: ["vp8", "jpeg"], decode: [...CODECS] });
  });
});
