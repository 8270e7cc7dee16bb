/** Parts that no page may read are marked in the picture, so that nobody takes a gap for what is there. */
import type { Placement } from "./surfaces";

const STRIPE_PX = 8;
const TEXT = "not readable: another site’s";

/** Draws stripes, and what they stand for, where the surface is. */
export function markGap(context: CanvasRenderingContext2D, { matrix, box }: Placement, scale: number): void {
  const [a, b, c, d, x, y] = matrix;
  context.save();
  context.setTransform(scale * a, scale * b, scale * c, scale * d, scale * x, scale * y);
  context.beginPath();
  context.rect(box.x, box.y, box.width, box.height);
  context.clip();
  context.fillStyle = "#ddd";
  context.fillRect(box.x, box.y, box.width, box.height);
  context.strokeStyle = "#bbb";
  context.lineWidth = STRIPE_PX / 2;
  context.beginPath();
  for (let at = -box.height; at < box.width; at += 2 * STRIPE_PX) {
    context.moveTo(box.x + at, box.y + box.height);
    context.lineTo(box.x + at + box.height, box.y);
  }
  context.stroke();
  context.fillStyle = "#333";
  context.font = "13px sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillText(TEXT, box.x + box.width / 2, box.y + box.height / 2, box.width);
  context.restore();
}

/** The same as an image, for one that its site does not let be fetched. */
export function gapImage(width: number, height: number): string {
  const stripes = `<pattern id="s" width="${2 * STRIPE_PX}" height="${2 * STRIPE_PX}" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
    <rect width="100%" height="100%" fill="#ddd"/><rect width="${STRIPE_PX / 2}" height="100%" fill="#bbb"/></pattern>`;
  const words = `<text x="50%" y="50%" text-anchor="middle" dominant-baseline="central" font-family="sans-serif" font-size="13" fill="#333">${TEXT}</text>`;
  const fits = width > TEXT.length * 7;
  return `data:image/svg+xml,${encodeURIComponent(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}"><defs>${stripes}</defs>` +
      `<rect width="100%" height="100%" fill="url(#s)"/>${fits ? words : ""}</svg>`,
  )}`;
}
