/** Paints a bool mask in one colour, through one scratch canvas that all masks share. */
import type { MaskShape } from "../protocol/messages.gen";

type Context = CanvasRenderingContext2D | OffscreenCanvasRenderingContext2D;

let scratch: OffscreenCanvas | null = null;

/** Whether the bits of a mask stand where its shape says. */
export function maskFits(mask: MaskShape, bytes: Uint8Array): boolean {
  const { width, height, offset } = mask;
  return (
    [width, height, offset].every((value) => Number.isSafeInteger(value) && value >= 0) &&
    width > 0 &&
    height > 0 &&
    offset + Math.ceil(width / 8) * height <= bytes.length
  );
}

/** Rows of bits, padded to bytes, most significant first, as opaque or transparent pixels. */
export function maskPixels(mask: MaskShape, bytes: Uint8Array): Uint8ClampedArray<ArrayBuffer> {
  const { width, height, offset } = mask;
  const rowBytes = Math.ceil(width / 8);
  const pixels = new Uint32Array(width * height);
  let pixel = 0;
  for (let y = 0; y < height; y += 1) {
    const row = offset + y * rowBytes;
    for (let x = 0; x < width; x += 1, pixel += 1) {
      // oxlint-disable-next-line no-bitwise
      if (((bytes[row + (x >> 3)] ?? 0) << (x & 7)) & 0x80) pixels[pixel] = 0xff_ff_ff_ff;
    }
  }
  return new Uint8ClampedArray(pixels.buffer);
}

/** How a mask is shown: its colour, and the size of the picture that it is stretched over. */
export interface MaskLook {
  readonly color: string;
  readonly width: number;
  readonly height: number;
}

export function drawMask(context: Context, mask: MaskShape, bytes: Uint8Array, look: MaskLook): void {
  const { width, height } = mask;
  scratch ??= new OffscreenCanvas(width, height);
  // Setting the size clears it too, and puts its state back.
  scratch.width = width;
  scratch.height = height;
  const painter = scratch.getContext("2d", { willReadFrequently: true });
  if (painter === null) return;
  painter.putImageData(new ImageData(maskPixels(mask, bytes), width, height), 0, 0);
  painter.globalCompositeOperation = "source-in";
  painter.fillStyle = look.color;
  painter.fillRect(0, 0, width, height);
  context.drawImage(scratch, 0, 0, look.width, look.height);
}
