import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RECORDER_CHUNK_BYTES, RECORDER_KEPT_BYTES, RECORDER_WINDOW_BYTES } from "../protocol/messages.gen";
import { Chunks } from "./chunks";
import { Shelf } from "./shelf";

const sent: (readonly [number, boolean, number])[] = [];
const told: string[] = [];
let chunks: Chunks;

beforeEach(() => {
  vi.useFakeTimers();
  sent.length = 0;
  told.length = 0;
  chunks = new Chunks(
    {
      send: (sequence, last, bytes) => sent.push([sequence, last, bytes.length]),
      done: () => told.push("done"),
      full: () => told.push("full"),
      lost: () => told.push("lost"),
    },
    new Shelf("test"), // Node has no private file system: all stays in memory
  );
});

afterEach(() => {
  chunks.end();
  vi.useRealTimers();
});

const settle = async (): Promise<void> => vi.advanceTimersByTimeAsync(0).then(() => undefined);
const MEGABYTE = new Uint8Array(RECORDER_CHUNK_BYTES);

describe("chunks", () => {
  it("are numbered, cut to size, and end with a last one", async () => {
    chunks.add(new Uint8Array(RECORDER_CHUNK_BYTES + 5));
    chunks.finish();
    await settle();
    expect(sent).toEqual([
      [0, false, RECORDER_CHUNK_BYTES],
      [1, false, 5],
      [2, true, 0],
    ]);
    chunks.acknowledge(1);
    expect(told).toEqual([]);
    chunks.acknowledge(2);
    expect(told).toEqual(["done"]);
  });

  it("go within a window, and on when some were written", async () => {
    const window = Math.ceil(RECORDER_WINDOW_BYTES / RECORDER_CHUNK_BYTES);
    for (let n = 0; n < window + 3; n += 1) chunks.add(MEGABYTE);
    await settle();
    expect(sent.length).toBe(window);
    chunks.acknowledge(0);
    await settle();
    expect(sent.map(([sequence]) => sequence)).toEqual(Array.from({ length: window + 1 }, (_, n) => n));
  });

  it("follow from where the kernel stands after a loss, none left out", async () => {
    for (let n = 0; n < 3; n += 1) chunks.add(new Uint8Array(10));
    await settle();
    chunks.resume(1);
    await settle();
    expect(sent.map(([sequence]) => sequence)).toEqual([0, 1, 2, 1, 2]);
  });

  it("go again when nothing is heard of them", async () => {
    chunks.add(new Uint8Array(10));
    await settle();
    await vi.advanceTimersByTimeAsync(5000);
    expect(sent.length).toBeGreaterThan(1);
    chunks.acknowledge(0);
    const count = sent.length;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent.length).toBe(count);
  });

  it("say when a page can keep no more", () => {
    const large = new Uint8Array(64 << 20);
    for (let bytes = 0; bytes <= RECORDER_KEPT_BYTES; bytes += large.length) chunks.add(large);
    expect(told).toContain("full");
  });

  it("leave what the kernel has not written, with the head of the file", async () => {
    chunks.add(Uint8Array.of(1, 2));
    chunks.add(Uint8Array.of(3));
    chunks.add(Uint8Array.of(4));
    await settle();
    chunks.acknowledge(1);
    const rest = new Uint8Array(await (await chunks.rest()).arrayBuffer());
    expect([...rest]).toEqual([1, 2, 4]);
  });
});
