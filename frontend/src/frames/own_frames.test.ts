import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { OwnFrames } from "./own_frames";

const drawn = vi.fn<() => void>();

/** Node.js has no canvas; which frames are kept is what is tested. */
class Canvas {
  readonly width: number;
  readonly height: number;

  constructor(width: number, height: number) {
    this.width = width;
    this.height = height;
  }

  getContext(): { drawImage: typeof drawn } {
    return { drawImage: drawn };
  }
}

function frame(displayWidth = 4, displayHeight = 2): VideoFrame {
  return { displayWidth, displayHeight } as VideoFrame;
}

describe("OwnFrames", () => {
  let own: OwnFrames;
  let scope: AbortController;

  beforeEach(() => {
    vi.stubGlobal("OffscreenCanvas", Canvas);
    own = new OwnFrames();
    scope = new AbortController();
  });

  afterEach(() => {
    vi.unstubAllGlobals();
    drawn.mockClear();
  });

  it("copies nothing while nobody needs it", () => {
    own.keep(frame(), 1, 1, 10);
    expect(drawn).not.toHaveBeenCalled();
    expect(own.get(1, 1)).toBeNull();
  });

  it("finds a frame by its number and by its time", () => {
    own.use(() => undefined, scope.signal);
    for (let index = 1; index <= 5; index += 1) own.keep(frame(), 1, index, 10 * index);
    expect(own.get(1, 3)?.timeUs).toBe(30);
    expect(own.get(2, 3)).toBeNull();
    expect(own.atOrBefore(35)?.index).toBe(3);
    expect(own.atOrBefore(1000)?.index).toBe(5);
    expect(own.atOrBefore(9)).toBeNull();
  });

  it("keeps a bounded number, and uses their canvases again", () => {
    own.use(() => undefined, scope.signal);
    const canvases = new Set<unknown>();
    for (let index = 1; index <= 100; index += 1) {
      own.keep(frame(), 1, index, 10 * index);
      canvases.add(own.get(1, index)?.canvas);
    }
    expect(canvases.size).toBe(16);
    expect(own.get(1, 84)).toBeNull();
    expect(own.get(1, 85)).not.toBeNull();
    expect(own.atOrBefore(Infinity)?.index).toBe(100);
  });

  it("takes another canvas when the size changes", () => {
    own.use(() => undefined, scope.signal);
    for (let index = 1; index <= 17; index += 1) own.keep(frame(index === 17 ? 8 : 4), 1, index, index);
    expect(own.get(1, 17)?.canvas.width).toBe(8);
    expect(own.get(1, 16)?.canvas.width).toBe(4);
  });

  it("tells of each frame until the last user left, and lets all go then", () => {
    const [first, second] = [vi.fn<() => void>(), vi.fn<() => void>()];
    const other = new AbortController();
    own.use(first, scope.signal);
    own.use(second, other.signal);
    own.keep(frame(), 1, 1, 1);
    scope.abort();
    own.keep(frame(), 1, 2, 2);
    expect([first.mock.calls.length, second.mock.calls.length]).toEqual([1, 2]);
    expect(own.get(1, 1)).not.toBeNull();
    other.abort();
    expect(own.get(1, 2)).toBeNull();
    own.keep(frame(), 1, 3, 3);
    expect(second).toHaveBeenCalledTimes(2);
  });
});
