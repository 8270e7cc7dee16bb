import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OwnFrames } from "./own_frames";

// Node.js has no canvas; what is tested is which frames are kept, not their pixels.
class Canvas {
  readonly width: number;
  readonly height: number;
  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
  }
  getContext(): { drawImage(): void } {
    return { drawImage: () => undefined };
  }
}
beforeEach(() => vi.stubGlobal("OffscreenCanvas", Canvas));
afterEach(() => vi.unstubAllGlobals());

const FRAME = { displayWidth: 64, displayHeight: 48 } as VideoFrame;

test("nothing is kept while nobody needs it", () => {
  const own = new OwnFrames();
  own.keep(FRAME, 1, 1, 100);
  expect(own.atOrBefore(200)).toBeNull();
});

test("the newest frame that is not too new is found, also after the ring went round", () => {
  const own = new OwnFrames();
  own.use(() => undefined, new AbortController().signal);
  for (let index = 1; index <= 40; index += 1) own.keep(FRAME, 1, index, index * 10);
  expect(own.atOrBefore(395)?.index).toBe(39);
  expect(own.get(1, 40)?.timeUs).toBe(400);
  expect(own.get(1, 2)).toBeNull();
});

test("a second user begins with an empty ring", () => {
  const own = new OwnFrames();
  const first = new AbortController();
  own.use(() => undefined, first.signal);
  for (let index = 1; index <= 5; index += 1) own.keep(FRAME, 1, index, index * 10);
  first.abort();
  const heard = vi.fn<() => void>();
  own.use(heard, new AbortController().signal);
  expect(own.atOrBefore(1000)).toBeNull();
  own.keep(FRAME, 1, 6, 60);
  expect(own.atOrBefore(1000)?.index).toBe(6);
  expect(heard).toHaveBeenCalledOnce();
});
