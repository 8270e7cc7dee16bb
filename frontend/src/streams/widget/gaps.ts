/** Parts that no page may read are marked in the picture, so that nobody takes a gap for what is there. */
import type { Placement } from "./surfaces";

const STRIPE_PX = 8;

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
  context.fillText("not readable: another site’s", box.x + box.width / 2, box.y + box.height / 2, box.width);
  context.restore();
}
