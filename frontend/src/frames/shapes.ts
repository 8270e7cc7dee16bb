/**
 * Draws what a function returned as overlays over the frame that they belong to. Positions and sizes are pixels of the
 * picture that the function was given; here they are scaled to what is shown.
 */
import { drawMask, maskFits } from "./mask";
import type {
  BoxShape,
  LabelShape,
  MaskShape,
  PointsShape,
  PolylineShape,
  Shape,
  Shapes,
} from "../protocol/messages.gen";

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

/** Seen on light and dark pictures; black text on it has a contrast of 8 : 1. */
const ACCENT = "#ff9f1c";
const LIGHT = "#ffffff";
const DARK = "#111111";
const DARK_CHIP = "rgba(0, 0, 0, 0.65)";
const LIGHT_CHIP = "rgba(255, 255, 255, 0.8)";
const BOX_LABEL_PX = 14;

interface Scale {
  readonly x: number;
  readonly y: number;
  /** For what has no direction: line widths, radii, letters. */
  readonly size: number;
  readonly width: number;
  readonly height: number;
}

/**
 * Draws shapes.
 *
 * @param masks The bytes that `MaskShape.offset` counts from: the last `mask_bytes` of the message's buffer.
 * @param width What the picture is shown at, in the canvas's own pixels.
 */
export function drawShapes(context: Context, shapes: Shapes, masks: Uint8Array, width: number, height: number): void {
  if (!(shapes.width > 0 && shapes.height > 0 && width > 0 && height > 0)) return;
  const [x, y] = [width / shapes.width, height / shapes.height];
  const scale: Scale = { x, y, size: Math.sqrt(x * y), width, height };
  for (const shape of shapes.items) {
    context.save();
    context.lineJoin = "round";
    context.lineCap = "round";
    drawShape(context, shape, masks, scale);
    context.restore();
  }
}

function drawShape(context: Context, shape: Shape, masks: Uint8Array, scale: Scale): void {
  if (!isSound(shape)) return;
  switch (shape.type) {
    case "box":
      drawBox(context, shape, scale);
      return;
    case "label":
      drawLabel(context, shape, scale);
      return;
    case "polyline":
      drawPolyline(context, shape, scale);
      return;
    case "points":
      drawPoints(context, shape, scale);
      return;
    case "mask":
      if (maskFits(shape, masks)) drawMaskShape(context, shape, masks, scale);
  }
}

function drawBox(context: Context, box: BoxShape, scale: Scale): void {
  const color = box.color || ACCENT;
  const [x, y] = [box.x * scale.x, box.y * scale.y];
  const [width, height] = [box.width * scale.x, box.height * scale.y];
  if (box.fill) {
    context.fillStyle = box.fill;
    context.fillRect(x, y, width, height);
  }
  const lineWidth = lineWidthOf(box.line_width, scale);
  if (lineWidth > 0) {
    context.strokeStyle = color;
    context.lineWidth = lineWidth;
    context.strokeRect(x, y, width, height);
  }
  if (box.label) {
    const text = textOf(context, box.label, BOX_LABEL_PX * scale.size);
    // On top of the box; inside where the picture ends; never beside the picture.
    const above = y - lineWidth / 2 - text.height;
    drawChip(context, text, {
      x: within(x - lineWidth / 2, scale.width - text.width),
      y: within(above >= 0 ? above : y + lineWidth / 2, scale.height - text.height),
      color: isLight(context, color) ? DARK : LIGHT,
      background: color,
    });
  }
}

function drawLabel(context: Context, label: LabelShape, scale: Scale): void {
  const size = (label.size ?? 16) * scale.size;
  if (!label.text || !(size > 0)) return;
  const text = textOf(context, label.text, size);
  const background = label.background || (label.color && !isLight(context, label.color) ? LIGHT_CHIP : DARK_CHIP);
  const contrasting = label.background && isLight(context, label.background) ? DARK : LIGHT;
  drawChip(context, text, {
    x: label.x * scale.x,
    y: label.y * scale.y,
    color: label.color || contrasting,
    background,
  });
}

function drawPolyline(context: Context, line: PolylineShape, scale: Scale): void {
  if (line.points.length === 0) return;
  context.beginPath();
  for (const [x, y] of line.points) context.lineTo(x * scale.x, y * scale.y);
  if (line.closed) context.closePath();
  if (line.fill) {
    context.fillStyle = line.fill;
    context.fill();
  }
  const lineWidth = lineWidthOf(line.line_width, scale);
  if (lineWidth > 0) {
    context.strokeStyle = line.color || ACCENT;
    context.lineWidth = lineWidth;
    context.stroke();
  }
}

function drawPoints(context: Context, dots: PointsShape, scale: Scale): void {
  const radius = Math.max(0, dots.radius ?? 3) * scale.size;
  if (radius === 0) return;
  context.beginPath();
  for (const [x, y] of dots.points) {
    context.moveTo(x * scale.x + radius, y * scale.y);
    context.arc(x * scale.x, y * scale.y, radius, 0, 2 * Math.PI);
  }
  context.fillStyle = dots.color || ACCENT;
  context.fill();
}

function drawMaskShape(context: Context, mask: MaskShape, masks: Uint8Array, scale: Scale): void {
  context.globalAlpha = Math.min(1, Math.max(0, mask.opacity ?? 0.5));
  // A mask has edges, not shades.
  context.imageSmoothingEnabled = false;
  drawMask(context, mask, masks, { color: mask.color || ACCENT, width: scale.width, height: scale.height });
}

interface Text {
  readonly lines: readonly string[];
  readonly width: number;
  readonly height: number;
  readonly lineHeight: number;
  readonly padding: number;
}

function textOf(context: Context, text: string, size: number): Text {
  const pixels = Math.max(9, size);
  context.font = `600 ${pixels}px system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif`;
  context.textBaseline = "middle";
  const lines = text.split("\n");
  const padding = pixels * 0.3;
  const lineHeight = pixels * 1.25;
  const width = Math.max(...lines.map((line) => context.measureText(line).width)) + 2 * padding;
  return { lines, width, height: lines.length * lineHeight + padding / 2, lineHeight, padding };
}

interface Chip {
  readonly x: number;
  readonly y: number;
  readonly color: string;
  readonly background: string;
}

function drawChip(context: Context, text: Text, chip: Chip): void {
  context.fillStyle = chip.background;
  context.beginPath();
  context.roundRect(chip.x, chip.y, text.width, text.height, text.padding * 0.6);
  context.fill();
  context.fillStyle = chip.color;
  for (const [index, line] of text.lines.entries()) {
    context.fillText(line, chip.x + text.padding, chip.y + text.padding / 4 + text.lineHeight * (index + 0.5));
  }
}

/** Lines stay visible when a large picture is shown small. */
function lineWidthOf(lineWidth: number | undefined, scale: Scale): number {
  const wanted = lineWidth ?? 2;
  return wanted > 0 ? Math.max(1, wanted * scale.size) : 0;
}

/** Whether dark text is read better on a colour than light; the canvas itself says what a CSS colour is. */
function isLight(context: Context, color: string): boolean {
  context.fillStyle = DARK;
  context.fillStyle = color;
  const text = context.fillStyle;
  const parts = text.startsWith("#")
    ? [1, 3, 5].map((start) => Number.parseInt(text.slice(start, start + 2), 16))
    : (text.match(/[\d.]+/g) ?? []).map(Number);
  const [red = 0, green = 0, blue = 0] = parts;
  return 0.299 * red + 0.587 * green + 0.114 * blue > 140;
}

function within(value: number, most: number): number {
  return Math.max(0, Math.min(value, most));
}

/** A shape with a number that is none is left out whole: a canvas would leave out a part, and join what is around it. */
function isSound(shape: Shape): boolean {
  const points = shape.type === "polyline" || shape.type === "points" ? shape.points : [];
  return (
    Object.values(shape).every((value) => typeof value !== "number" || Number.isFinite(value)) &&
    points.every(([x, y]) => Number.isFinite(x) && Number.isFinite(y))
  );
}
