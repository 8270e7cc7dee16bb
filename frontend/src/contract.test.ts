/** What page and kernel must agree on: the files of `tests/contract`, which `test_contract.py` reads too. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { fullBitrateBps, Pace } from "./frames/pace";
import { equalProofs, proofOf } from "./link/handshake";
import type { Bytes } from "./protocol/framing";
import { Assembler, isMessage, join, pieces, ProtocolFailure, split } from "./protocol/framing";
import type { FrameCredit, LinkPiece, Message } from "./protocol/messages.gen";
import { MAX_ASSEMBLED_BYTES, MAX_MESSAGE_BYTES } from "./protocol/messages.gen";

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`../../tests/contract/${name}`, import.meta.url), "utf8"));
}

function bytes(hex: string): Bytes {
  return Uint8Array.from(hex.match(/../gu) ?? [], (pair) => Number.parseInt(pair, 16));
}

const piece = (index: number, count = 2, message = 1): LinkPiece => ({ type: "link.piece", message, index, count });

const CREDIT: FrameCredit = { type: "frame.credit", stream: "s", epoch: 1, sequence: 2 };

describe("messages", () => {
  it.each(read("messages/valid.json") as Message[])("$type is understood", (message) => {
    expect(isMessage(message)).toBe(true);
    expect(split(join(message)).message).toEqual(message);
  });

  it.each(read("messages/malformed.json") as { why: string; message: unknown }[])("$why is refused", ({ message }) => {
    expect(isMessage(message)).toBe(false);
    const header = new TextEncoder().encode(JSON.stringify(message));
    const frame = new Uint8Array([header.length, 0, 0, 0, ...header]);
    expect(() => split(frame)).toThrow(ProtocolFailure);
  });
});

interface Framing {
  readonly good: { frame: string; message: Message; buffer: string }[];
  readonly bad: { why: string; frame: string }[];
}

describe("framing", () => {
  const { good, bad } = read("framing.json") as Framing;

  it.each(good)("$message.type is split and joined", ({ frame, message, buffer }) => {
    const received = split(bytes(frame));
    expect(received.message).toEqual(message);
    expect(received.buffer).toEqual(bytes(buffer));
    expect(join(message, bytes(buffer))).toEqual(bytes(frame));
  });

  it("splits a view into a larger buffer", () => {
    const frame = join(CREDIT, bytes("0102"));
    const larger = new Uint8Array(frame.length + 7);
    larger.set(frame, 7);
    expect(split(larger.subarray(7))).toEqual({ message: CREDIT, buffer: bytes("0102") });
  });

  it.each(bad)("$why is refused", ({ frame }) => {
    expect(() => split(bytes(frame))).toThrow(ProtocolFailure);
  });
});

describe("pieces", () => {
  const frame = join(CREDIT, new Uint8Array(2 * MAX_MESSAGE_BYTES).fill(7));

  it("make the message again, each no larger than a message may be", () => {
    const assembler = new Assembler();
    const made = [...pieces(5, frame)];
    expect(made.every((part) => join(part.message, part.buffer).length <= MAX_MESSAGE_BYTES)).toBe(true);
    const wholes = made.map((part) => assembler.add(part.message, part.buffer));
    expect(wholes.slice(0, -1).every((whole) => whole === null)).toBe(true);
    expect(wholes.at(-1)).toEqual(split(frame));
  });

  it.each([
    ["the second first", [piece(1)]],
    ["one twice", [piece(0), piece(1, 3), piece(1, 3)]],
    ["of two messages", [piece(0), piece(1, 2, 9)]],
  ])("are refused: %s", (_, given) => {
    const assembler = new Assembler();
    expect(() => given.forEach((one) => assembler.add(one, new Uint8Array(3)))).toThrow(ProtocolFailure);
    expect(assembler.add(piece(0, 1), join(CREDIT))?.message).toEqual(CREDIT); // and what comes next is taken
  });

  it("are refused when they would hold too much", () => {
    const assembler = new Assembler();
    const part = new Uint8Array(MAX_ASSEMBLED_BYTES / 4);
    for (let index = 0; index < 4; index += 1) assembler.add(piece(index, 9), part);
    expect(() => assembler.add(piece(4, 9), new Uint8Array(1))).toThrow("too large");
  });
});

interface Proofs {
  readonly token: string;
  readonly page_nonce: string;
  readonly kernel_nonce: string;
  readonly kernel: string;
  readonly page: string;
}

describe("handshake", () => {
  it.each(read("handshake.json") as Proofs[])("proofs are the kernel's", (vector) => {
    for (const role of ["kernel", "page"] as const) {
      expect(proofOf(role, vector.token, vector.page_nonce, vector.kernel_nonce)).toBe(vector[role]);
    }
    expect(equalProofs(vector.kernel, vector.kernel)).toBe(true);
    expect(equalProofs(vector.kernel, vector.page)).toBe(false);
  });

  it.each(["", "a", "abcd", "abc\u0000"])("%j is not abc", (other) => {
    expect(equalProofs("abc", other)).toBe(false);
    expect(equalProofs(other, "abc")).toBe(false);
  });
});

interface Series {
  readonly max_bitrate_bps: number;
  readonly fps: number;
  readonly series: ["sent" | "credited" | "expire" | "chooseScale" | "reset", number[], number[]][];
  readonly full: [[number, number, number], number][];
}

describe("pace", () => {
  const recorded = read("pace.json") as Series;

  it("makes of a recorded series what Python makes of it", () => {
    const pace = new Pace(recorded.max_bitrate_bps);
    pace.fps = recorded.fps;
    recorded.series.forEach(([name, given, expected], number) => {
      Reflect.apply(pace[name], pace, given);
      const state = [pace.bitrateBps, pace.window, pace.inFlight, pace.lost, pace.scale];
      expect(state, `after step ${number}, ${name}(${given.join(", ")})`).toEqual(expected);
    });
  });

  it.each(recorded.full)("gives %j the same bitrate", ([width, height, fps], bitrateBps) => {
    expect(fullBitrateBps(width, height, fps)).toBe(bitrateBps);
  });
});
