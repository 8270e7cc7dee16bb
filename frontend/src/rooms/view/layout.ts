/** Where the tiles of a grid stand: as large as they fit, all of one size, the last row in the middle. */

/** In CSS pixels, from the upper left corner of the grid. */
export interface Rect {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

export interface LayoutInputs {
  readonly count: number;
  readonly width: number;
  readonly height: number;
  /** Between two tiles. */
  readonly gap: number;
  /** The shape of most pictures, as width by height. */
  readonly aspect: number;
  /** Which one is shown large, with the others in a strip beside it: somebody's screen. */
  readonly featured?: number | null;
}

/** How far a tile may differ from the pictures' shape to use the room that there is. */
const STRETCH = 1.18;

/** The strip's part of the grid, and how wide it is at least and at most. */
const STRIP = { part: 0.24, least: 72, most: 220 } as const;

export function layoutTiles(inputs: LayoutInputs): Rect[] {
  const { count, width, height, gap, featured = null } = inputs;
  if (count <= 0 || width <= 0 || height <= 0) return [];
  if (featured === null || featured >= count || count === 1) return gridOf(count, { left: 0, top: 0, width, height }, inputs);
  const beside = width > 1.2 * height;
  const side = Math.min(STRIP.most, Math.max(STRIP.least, STRIP.part * (beside ? width : height)));
  const large = beside ? { left: 0, top: 0, width: width - side - gap, height } : { left: 0, top: 0, width, height: height - side - gap };
  const strip = beside
    ? { left: width - side, top: 0, width: side, height }
    : { left: 0, top: height - side, width, height: side };
  const others = gridOf(count - 1, strip, inputs);
  return [...others.slice(0, featured), large, ...others.slice(featured)];
}

function gridOf(count: number, area: Rect, { gap, aspect }: LayoutInputs): Rect[] {
  let best = { columns: 1, ...tileIn(area, 1, count, gap, aspect) };
  for (let columns = 2; columns <= count; columns += 1) {
    const tile = tileIn(area, columns, Math.ceil(count / columns), gap, aspect);
    // Of two that are as good the one with fewer columns: it has fewer holes.
    if (tile.width * tile.height > 1.01 * best.width * best.height) best = { columns, ...tile };
  }
  const rows = Math.ceil(count / best.columns);
  const top = area.top + (area.height - rows * best.height - (rows - 1) * gap) / 2;
  return Array.from({ length: count }, (_, index) => {
    const row = Math.floor(index / best.columns);
    const inRow = row === rows - 1 ? count - row * best.columns : best.columns;
    const left = area.left + (area.width - inRow * best.width - (inRow - 1) * gap) / 2;
    return {
      left: left + (index - row * best.columns) * (best.width + gap),
      top: top + row * (best.height + gap),
      width: best.width,
      height: best.height,
    };
  });
}

/** The tile of one cell: near to the pictures' shape. */
function tileIn(area: Rect, columns: number, rows: number, gap: number, aspect: number): { width: number; height: number } {
  const width = Math.max(1, (area.width - (columns - 1) * gap) / columns);
  const height = Math.max(1, (area.height - (rows - 1) * gap) / rows);
  return {
    width: Math.min(width, height * aspect * STRETCH),
    height: Math.min(height, (width / aspect) * STRETCH),
  };
}

/** The shape that most pictures have, so that few are cut or have bars; 4:3 while there are none. */
export function commonAspect(aspects: readonly number[]): number {
  const known = aspects.filter((aspect) => aspect > 0).sort((a, b) => a - b);
  const middle = known[Math.floor((known.length - 1) / 2)] ?? 4 / 3;
  return Math.min(16 / 9, Math.max(3 / 4, middle));
}

/** Whether a picture fills its tile, by losing little at its edges, or is shown whole. */
export function fills(picture: number, tile: number): boolean {
  return picture > 0 && tile > 0 && Math.max(picture / tile, tile / picture) < 1.25;
}
