import { describe, expect, it } from "vitest";
import type { Rect } from "./layout";
import { commonAspect, fills, layoutTiles } from "./layout";

const GAP = 6;
const SIZES = [
  [700, 380],
  [260, 300],
  [360, 600],
  [1920, 980],
  [120, 80],
] as const;

function lay(count: number, width: number, height: number, featured: number | null = null): Rect[] {
  return layoutTiles({ count, width, height, gap: GAP, aspect: 4 / 3, featured });
}

function overlap(a: Rect, b: Rect): boolean {
  const apart = 0.01;
  return (
    a.left + a.width > b.left + apart &&
    b.left + b.width > a.left + apart &&
    a.top + a.height > b.top + apart &&
    b.top + b.height > a.top + apart
  );
}

describe("layoutTiles", () => {
  for (const [width, height] of SIZES) {
    for (const featured of [null, 0, 2]) {
      it.each([1, 2, 3, 4, 5, 6])(`keeps %i tiles apart and inside ${width} × ${height}, featured ${featured}`, (count) => {
        const tiles = lay(count, width, height, featured);
        expect(tiles).toHaveLength(count);
        for (const [index, tile] of tiles.entries()) {
          expect(tile.left).toBeGreaterThan(-0.01);
          expect(tile.top).toBeGreaterThan(-0.01);
          expect(tile.left + tile.width).toBeLessThan(width + 0.01);
          expect(tile.top + tile.height).toBeLessThan(height + 0.01);
          expect(Math.min(tile.width, tile.height)).toBeGreaterThan(5);
          for (const other of tiles.slice(index + 1)) expect(overlap(tile, other)).toBe(false);
        }
      });
    }
  }

  it("puts two beside each other where it is wide, and above each other where it is not", () => {
    const wide = lay(2, 700, 380);
    expect(new Set(wide.map(({ top }) => top)).size).toBe(1);
    expect(new Set(wide.map(({ left }) => left)).size).toBe(2);
    const high = lay(2, 260, 400);
    expect(new Set(high.map(({ left }) => left)).size).toBe(1);
    expect(new Set(high.map(({ top }) => top)).size).toBe(2);
  });

  it("makes them as large as fit: four in two rows, six in two of three", () => {
    expect(new Set(lay(4, 700, 380).map(({ top }) => Math.round(top))).size).toBe(2);
    expect(new Set(lay(6, 700, 380).map(({ top }) => Math.round(top))).size).toBe(2);
    expect(new Set(lay(6, 260, 300).map(({ top }) => Math.round(top))).size).toBe(3);
  });

  it("puts the last one of five in the middle of its row", () => {
    const tiles = lay(5, 700, 380);
    const left = Math.min(...tiles.slice(3).map((tile) => tile.left));
    const right = Math.max(...tiles.slice(3).map((tile) => tile.left + tile.width));
    expect(left).toBeCloseTo(700 - right);
  });

  it("shows somebody's screen large: over half of the grid", () => {
    for (const [width, height] of SIZES.slice(0, 4)) {
      const areas = lay(4, width, height, 2).map((tile) => tile.width * tile.height);
      expect(areas.at(2)).toBeGreaterThan(0.55 * width * height);
    }
  });

  it("has nothing to place without tiles or room", () => {
    expect(lay(0, 700, 380)).toEqual([]);
    expect(lay(2, 0, 380)).toEqual([]);
  });
});

it("takes the shape that most pictures have, within reason", () => {
  expect(commonAspect([])).toBeCloseTo(4 / 3);
  expect(commonAspect([0, 0])).toBeCloseTo(4 / 3);
  expect(commonAspect([16 / 9, 4 / 3, 16 / 9])).toBeCloseTo(16 / 9);
  expect(commonAspect([9 / 16])).toBeCloseTo(3 / 4);
  expect(commonAspect([4])).toBeCloseTo(16 / 9);
});

it("fills a tile with a picture of nearly its shape, and shows others whole", () => {
  expect(fills(4 / 3, 1.5)).toBe(true);
  expect(fills(16 / 9, 4 / 3)).toBe(false);
  expect(fills(9 / 16, 4 / 3)).toBe(false);
  expect(fills(0, 1)).toBe(false);
});
