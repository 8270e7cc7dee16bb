import { describe, expect, it } from "vitest";
import { onPixels } from "./surfaces";

describe("where a surface is drawn", () => {
  const box = { x: -200, y: -150, width: 400, height: 300 };

  it("is on whole pixels", () => {
    expect(onPixels({ matrix: [1, 0, 0, 1, 207, 180.5], box }, 1)).toEqual({ a: 1, b: 0, c: 0, d: 1, e: 207, f: 181 });
  });

  it("begins and ends on whole ones, whatever the screen's scale", () => {
    const { a = 0, d = 0, e = 0, f = 0 } = onPixels({ matrix: [1, 0, 0, 1, 207.3, 180.4], box }, 1.5);
    const edges = [a * box.x + e, d * box.y + f, a * (box.x + box.width) + e, d * (box.y + box.height) + f];
    expect(edges).toEqual([11, 46, 611, 496]);
  });

  it("stays as it is where it is turned", () => {
    expect(onPixels({ matrix: [0, 1, -1, 0, 10.5, 20.25], box }, 2)).toEqual({ a: 0, b: 2, c: -2, d: 0, e: 21, f: 40.5 });
  });
});
