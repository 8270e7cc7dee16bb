// Paints the bar-code camera's frames and writes them to the track, at the exact rate.
//
// A worker's timer, and not an animation frame, drives it, so that neither a busy page nor a hidden one slows it. The
// frames are I420, as a camera's are: a frame costs some row copies and no rasteriser, and an encoder need not convert.
const COLUMNS = 26; // white reference, 24 bits, black reference
const STRIP = 0.1; // the part of the height that the two rows of blocks take
const WHITE = 235;
const BLACK = 16;
const OVERSIZE = 1.5; // pictures are larger than the frame, so that the view can pan over them
const FRAMES_PER_PICTURE = 150;
// A camera is not in step with the display. One that is (30 fps on 60 Hz) gives a latency that depends, by up to a refresh,
// on the phase in which it happened to start; so the phase moves evenly over one refresh, to and fro.
const REFRESH_MS = 1000 / 60;
const SWEEP_S = 2;

let writer = null;
let pictures = [];
let config = null;
let counter = 0;
let started = 0;
let ticks = 0;
let data = null;

onmessage = async ({ data: message }) => {
  const first = writer === null;
  if (message.writable) writer = message.writable.getWriter();
  const next = message.config;
  const sources = message.pictures ?? pictures.map((picture) => picture.bitmap);
  pictures = await Promise.all(sources.map((source) => load(source, next.width, next.height)));
  config = next;
  data = new Uint8Array(planes(next.width, next.height).total);
  started = performance.now();
  ticks = 0;
  if (first) {
    writer.closed.catch(() => close()).then(() => close()); // the track was stopped: the worker has nothing left to do
    tick();
  }
};

function tick() {
  paint();
  ticks += 1;
  const now = performance.now();
  const late = Math.floor(((now - started) * config.fps) / 1000) - ticks;
  if (late > 0) ticks += late; // the machine slept through whole frames: they are gone, as a camera's would be
  setTimeout(tick, Math.max(0, started + due(ticks) - now));
}

function due(index) {
  if (config.inStep) return (index * 1000) / config.fps;
  const turn = (index / config.fps / SWEEP_S) % 2;
  return (index * 1000) / config.fps + REFRESH_MS * (turn < 1 ? turn : 2 - turn);
}

function paint() {
  const { width, height } = config;
  const now = performance.now();
  paintPicture(pictures[Math.floor(counter / FRAMES_PER_PICTURE) % pictures.length], width, height);
  paintCode(width, height, Math.round((performance.timeOrigin + now) * 4) % 2 ** 24, counter % 2 ** 16);
  counter += 1;
  const frame = new VideoFrame(data, {
    format: "I420", codedWidth: width, codedHeight: height, timestamp: Math.round(now * 1000),
    colorSpace: { matrix: "smpte170m", primaries: "smpte170m", transfer: "smpte170m", fullRange: false },
  });
  writer.write(frame).catch(() => frame.close()); // refused: the track has ended, which `closed` reports
}

function paintPicture(picture, width, height) {
  const to = planes(width, height);
  const from = planes(picture.width, picture.height);
  const x = pan(counter * 3, picture.width - width);
  const y = pan(counter, picture.height - height);
  copyPlane(picture.data, 0, picture.width, x, y, data, 0, width, height);
  copyPlane(picture.data, from.u, from.halfWidth, x / 2, y / 2, data, to.u, to.halfWidth, to.halfHeight);
  copyPlane(picture.data, from.v, from.halfWidth, x / 2, y / 2, data, to.v, to.halfWidth, to.halfHeight);
}

// To and fro between 0 and `range`, in even steps, because colour has half the resolution.
function pan(distance, range) {
  const way = distance % (2 * range || 1);
  return Math.floor((way < range ? way : 2 * range - way) / 2) * 2;
}

function copyPlane(source, sourceStart, sourceStride, x, y, target, targetStart, width, height) {
  for (let row = 0; row < height; row += 1) {
    const start = sourceStart + (y + row) * sourceStride + x;
    target.set(source.subarray(start, start + width), targetStart + row * width);
  }
}

function paintCode(width, height, time, count) {
  const rows = [time, (count << 8) | crc8([time >> 16, (time >> 8) & 255, time & 255, count >> 8, count & 255])];
  const blockHeight = Math.round((height * STRIP) / 2);
  rows.forEach((bits, row) => {
    const line = data.subarray(row * blockHeight * width, (row * blockHeight + 1) * width);
    for (let column = 0; column < COLUMNS; column += 1) {
      const white = column === 0 || (column < COLUMNS - 1 && (bits >> (24 - column)) & 1);
      line.fill(white ? WHITE : BLACK, Math.round((column * width) / COLUMNS), Math.round(((column + 1) * width) / COLUMNS));
    }
    for (let y = 1; y < blockHeight; y += 1) data.copyWithin((row * blockHeight + y) * width, line.byteOffset, line.byteOffset + width);
  });
  const { u, v, halfWidth } = planes(width, height);
  data.fill(128, u, u + halfWidth * blockHeight);
  data.fill(128, v, v + halfWidth * blockHeight);
}

function crc8(bytes) {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 128 ? ((crc << 1) ^ 7) & 255 : crc << 1;
  }
  return crc;
}

function planes(width, height) {
  const halfWidth = width >> 1;
  const halfHeight = height >> 1;
  const u = width * height;
  const v = u + halfWidth * halfHeight;
  return { u, v, halfWidth, halfHeight, total: v + halfWidth * halfHeight };
}

// Give the picture as I420, scaled to cover the frame OVERSIZE times.
async function load(source, frameWidth, frameHeight) {
  const bitmap = source instanceof ImageBitmap ? source : await createImageBitmap(await (await fetch(source)).blob());
  const width = Math.ceil((frameWidth * OVERSIZE) / 2) * 2;
  const height = Math.ceil((frameHeight * OVERSIZE) / 2) * 2;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  context.drawImage(bitmap, 0, 0, width, height);
  const rgba = context.getImageData(0, 0, width, height).data;
  const { u, v, halfWidth, total } = planes(width, height);
  const result = new Uint8Array(total);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = (y * width + x) * 4;
      const [r, g, b] = [rgba[at], rgba[at + 1], rgba[at + 2]];
      result[y * width + x] = 16 + 0.257 * r + 0.504 * g + 0.098 * b;
      if (!((x | y) & 1)) {
        const half = (y >> 1) * halfWidth + (x >> 1);
        result[u + half] = 128 - 0.148 * r - 0.291 * g + 0.439 * b;
        result[v + half] = 128 + 0.439 * r - 0.368 * g - 0.071 * b;
      }
    }
  }
  return { bitmap, width, height, data: result };
}
