import { describe, expect, it } from "vitest";

import { maskFits, maskPixels } from "./mask";
import { drawShapes } from "./shapes";
import type { MaskShape, Shape } from "../protocol/messages.gen";

type Call = [string, ...unknown[]];

/** Writes down what is drawn, with the style at that moment; a letter is half as wide as it is high. */
class Recorder {
  readonly calls: Call[] = [];
  fillStyle = "#000000";
  strokeStyle = "#000000";
  lineWidth = 1;
  lineJoin = "miter";
  lineCap = "butt";
  font = "10px sans-serif";
  textBaseline = "alphabetic";
  globalAlpha = 1;
  imageSmoothingEnabled = true;

  get #fontPixels(): number {
    return Number(/([\d.]+)px/.exec(this.font)?.[1]);
  }
  save(): void {
    this.calls.push(["save"]);
  }
  restore(): void {
    this.calls.push(["restore"]);
  }
  beginPath(): void {
    this.calls.push(["beginPath"]);
  }
  closePath(): void {
    this.calls.push(["closePath"]);
  }
  moveTo(...at: number[]): void {
    this.calls.push(["moveTo", ...at]);
  }
  lineTo(...at: number[]): void {
    this.calls.push(["lineTo", ...at]);
  }
  arc(...at: number[]): void {
    this.calls.push(["arc", ...at]);
  }
  fill(): void {
    this.calls.push(["fill", this.fillStyle]);
  }
  stroke(): void {
    this.calls.push(["stroke", this.strokeStyle, this.lineWidth]);
  }
  fillRect(...at: number[]): void {
    this.calls.push(["fillRect", ...at, this.fillStyle]);
  }
  strokeRect(...at: number[]): void {
    this.calls.push(["strokeRect", ...at, this.strokeStyle, this.lineWidth]);
  }
  roundRect(...at: number[]): void {
    this.calls.push(["roundRect", ...at]);
  }
  measureText(text: string): { width: number } {
    return { width: (text.length * this.#fontPixels) / 2 };
  }
  fillText(text: string, ...at: number[]): void {
    this.calls.push(["fillText", text, ...at, this.fillStyle]);
  }
}

function drawn(items: Shape[], size: [number, number] = [640, 480], from: [number, number] = [640, 480]): Call[] {
  const recorder = new Recorder();
  const context = recorder as unknown as CanvasRenderingContext2D;
  drawShapes(context, { width: from[0], height: from[1], items }, new Uint8Array(), ...size);
  return recorder.calls.filter(([name]) => name !== "save" && name !== "restore" && name !== "beginPath");
}

function only(calls: Call[], name: string): Call[] {
  return calls.filter((call) => call[0] === name);
}

describe("boxes", () => {
  it("are scaled from the function's picture to what is shown", () => {
    const box: Shape = { type: "box", x: 10, y: 20, width: 30, height: 40, color: "red" };
    expect(drawn([box])).toEqual([["strokeRect", 10, 20, 30, 40, "red", 2]]);
    expect(drawn([box], [1280, 960])).toEqual([["strokeRect", 20, 40, 60, 80, "red", 4]]);
    expect(drawn([box], [1280, 480])[0]?.slice(0, 5)).toEqual(["strokeRect", 20, 20, 60, 40]);
  });

  it("keep lines that can be seen when shown small, and none where none is wanted", () => {
    const box: Shape = { type: "box", x: 0, y: 0, width: 640, height: 480, line_width: 2 };
    expect(drawn([box], [64, 48])[0]?.at(-1)).toBe(1);
    expect(drawn([{ ...box, line_width: 0 }])).toEqual([]);
  });

  it("are filled before they are outlined", () => {
    const calls = drawn([{ type: "box", x: 1, y: 2, width: 3, height: 4, fill: "#11223344" }]);
    expect(calls.map(([name]) => name)).toEqual(["fillRect", "strokeRect"]);
    expect(calls[0]?.at(-1)).toBe("#11223344");
  });

  it("have a default colour", () => {
    expect(drawn([{ type: "box", x: 1, y: 2, width: 3, height: 4 }])[0]?.[5]).toMatch(/^#[0-9a-f]{6}$/);
  });

  it.each([
    [100, 100, 100, "above"],
    [100, 0, 480, "inside"],
    [-50, 100, 100, "at the left edge"],
    [630, 470, 470, "at the right edge"],
  ])("at %d, %d have their label in the picture (not below %d, %s)", (x, y, most) => {
    const calls = drawn([{ type: "box", x, y, width: 50, height: 50, label: "a cat 0.93", color: "#000000" }]);
    const [, left, top, width, height] = only(calls, "roundRect")[0] as [string, number, number, number, number];
    expect(left).toBeGreaterThanOrEqual(0);
    expect(top).toBeGreaterThanOrEqual(0);
    expect(left + width).toBeLessThanOrEqual(640);
    expect(top + height).toBeLessThanOrEqual(most);
    expect(only(calls, "fillText")[0]?.[1]).toBe("a cat 0.93");
  });

  it.each([
    ["#000000", "#ffffff"],
    ["#ffff00", "#111111"],
    ["rgba(255, 255, 255, 0.5)", "#111111"],
  ])("on %s write in %s", (color, expected) => {
    const calls = drawn([{ type: "box", x: 100, y: 100, width: 50, height: 50, label: "a", color }]);
    expect(only(calls, "fillText")[0]?.at(-1)).toBe(expected);
  });
});

describe("labels", () => {
  it("stand at their point, on a background", () => {
    const calls = drawn([{ type: "label", x: 10, y: 20, text: "hello", size: 20 }], [1280, 960]);
    expect(only(calls, "roundRect")[0]?.slice(0, 3)).toEqual(["roundRect", 20, 40]);
    expect(only(calls, "fill")[0]?.[1]).toContain("rgba(0, 0, 0");
    const [, text, x, y] = only(calls, "fillText")[0] as [string, string, number, number];
    expect(text).toBe("hello");
    expect(x).toBeGreaterThan(20);
    expect(y).toBeGreaterThan(40);
  });

  it("take their text as text, line by line", () => {
    const calls = drawn([{ type: "label", x: 0, y: 0, text: "<b>one</b>\ntwo" }]);
    const texts = only(calls, "fillText");
    expect(texts.map((call) => call[1])).toEqual(["<b>one</b>", "two"]);
    expect(texts[1]?.[3] as number).toBeGreaterThan(texts[0]?.[3] as number);
  });

  it("put dark letters on a light background", () => {
    const calls = drawn([{ type: "label", x: 0, y: 0, text: "a", color: "#101010" }]);
    expect(only(calls, "fill")[0]?.[1]).toContain("rgba(255, 255, 255");
    expect(only(calls, "fillText")[0]?.at(-1)).toBe("#101010");
  });

  it("without a text are nothing", () => {
    expect(drawn([{ type: "label", x: 0, y: 0, text: "" }])).toEqual([]);
  });
});

describe("lines and points", () => {
  const points: [number, number][] = [
    [0, 0],
    [10, 0],
    [10, 10],
  ];

  it("follow their points", () => {
    expect(drawn([{ type: "polyline", points, color: "lime" }], [1280, 960])).toEqual([
      ["lineTo", 0, 0],
      ["lineTo", 20, 0],
      ["lineTo", 20, 20],
      ["stroke", "lime", 4],
    ]);
  });

  it("are closed and filled on request", () => {
    const names = drawn([{ type: "polyline", points, closed: true, fill: "#123" }]).map(([name]) => name);
    expect(names.slice(3)).toEqual(["closePath", "fill", "stroke"]);
  });

  it("make one dot for each point", () => {
    const calls = drawn([{ type: "points", points, radius: 5, color: "lime" }], [1280, 960]);
    expect(only(calls, "arc").map((call) => call.slice(1, 4))).toEqual([
      [0, 0, 10],
      [20, 0, 10],
      [20, 20, 10],
    ]);
    expect(only(calls, "fill")).toEqual([["fill", "lime"]]);
  });

  it("without points are nothing", () => {
    expect(drawn([{ type: "polyline", points: [] }])).toEqual([]);
    expect(only(drawn([{ type: "points", points: [] }]), "arc")).toEqual([]);
  });
});

describe("what is broken", () => {
  it.each<[string, Shape]>([
    ["box", { type: "box", x: Number.NaN, y: 0, width: 1, height: 1 }],
    ["label", { type: "label", x: 0, y: Number.POSITIVE_INFINITY, text: "a" }],
    ["polyline", { type: "polyline", points: [[0, 0], [Number.NaN, 1]] }],
    ["points", { type: "points", points: [[0, Number.NaN]] }],
    ["mask", { type: "mask", width: 8, height: 8, offset: 0 }],
  ])("a %s is left out, the next shape is not", (_, shape) => {
    const good: Shape = { type: "box", x: 1, y: 2, width: 3, height: 4 };
    expect(drawn([shape, good]).map(([name]) => name)).toEqual(["strokeRect"]);
  });

  it("a picture without a size gets nothing", () => {
    expect(drawn([{ type: "box", x: 1, y: 2, width: 3, height: 4 }], [640, 480], [0, 0])).toEqual([]);
  });

  it("each shape leaves the context as it was", () => {
    const recorder = new Recorder();
    const items: Shape[] = [
      { type: "label", x: 0, y: 0, text: "" },
      { type: "box", x: 0, y: 0, width: 1, height: 1 },
    ];
    const context = recorder as unknown as CanvasRenderingContext2D;
    drawShapes(context, { width: 10, height: 10, items }, new Uint8Array(), 10, 10);
    expect(only(recorder.calls, "save")).toHaveLength(2);
    expect(only(recorder.calls, "restore")).toHaveLength(2);
  });
});

describe("masks", () => {
  it("are rows of bits, the most significant first, padded to bytes", () => {
    const mask: MaskShape = { type: "mask", width: 10, height: 2, offset: 1 };
    const bytes = new Uint8Array([0xff, 0b1000_0001, 0b0100_0000, 0b0000_0000, 0b1000_0000]);
    expect(maskFits(mask, bytes)).toBe(true);
    const pixels = maskPixels(mask, bytes);
    const set = Array.from({ length: 20 }, (_, index) => (pixels[index * 4 + 3] ?? 0) > 0);
    const expected = new Set([0, 7, 9, 18]);
    expect(set).toEqual(Array.from({ length: 20 }, (_, index) => expected.has(index)));
  });

  it.each([
    [{ width: 8, height: 2, offset: 0 }, true],
    [{ width: 9, height: 1, offset: 0 }, true],
    [{ width: 9, height: 2, offset: 0 }, false],
    [{ width: 8, height: 1, offset: 2 }, false],
    [{ width: 8, height: 1, offset: -1 }, false],
    [{ width: 0, height: 1, offset: 0 }, false],
    [{ width: 1.5, height: 1, offset: 0 }, false],
  ])("%o fits two bytes: %s", (shape, fits) => {
    expect(maskFits({ type: "mask", ...shape }, new Uint8Array(2))).toBe(fits);
  });
});
