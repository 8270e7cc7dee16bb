type Context = CanvasRenderingContext2D;

/** 75 % colour bars in the order of their luminance (SMPTE EG 1). */
const BARS = ["#bfbfbf", "#bfbf00", "#00bfbf", "#00bf00", "#bf00bf", "#bf0000", "#0000bf"] as const;
const FACE = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace";
const TURN_S = 2;

/** What is drawn anew in each frame stands in these places, all in pixels. */
interface Layout {
  readonly centerX: number;
  readonly centerY: number;
  readonly radius: number;
  readonly unit: number;
}

/**
 * A test card as broadcasters had them: a grid for the geometry, colour bars, steps of gray, a gradient; and what a live
 * stream needs: a hand that turns, the time of day, and the number of the frame. The card itself is drawn once.
 */
export class TestCard {
  readonly canvas: HTMLCanvasElement;
  readonly #context: Context;
  readonly #background: HTMLCanvasElement;
  #layout: Layout;

  constructor(width: number, height: number) {
    this.canvas = document.createElement("canvas");
    this.#background = document.createElement("canvas");
    // In main memory: each frame is read back for the encoder, and what is drawn on it is little.
    this.#context = contextOf(this.canvas);
    this.#layout = this.resize(width, height);
  }

  /** Draws the card anew in another size. */
  resize(width: number, height: number): Layout {
    for (const canvas of [this.canvas, this.#background]) {
      canvas.width = width;
      canvas.height = height;
    }
    const unit = Math.min(width / 16, height / 12);
    this.#layout = { centerX: width / 2, centerY: height / 2, radius: unit * 4.9, unit };
    drawCard(contextOf(this.#background), this.#layout, width, height);
    return this.#layout;
  }

  /** Draws frame number `index`, at the time of day `now`. */
  draw(index: number, now: Date): void {
    const context = this.#context;
    const { centerX, centerY, radius, unit } = this.#layout;
    context.drawImage(this.#background, 0, 0);

    // The hand, on the ring around the card's circle: where it jumps or waits, frames were lost.
    const angle = ((now.getTime() / 1000 / TURN_S) % 1) * 2 * Math.PI - Math.PI / 2;
    context.lineWidth = unit * 0.28;
    context.lineCap = "round";
    context.strokeStyle = "#ff9d2e";
    context.beginPath();
    context.arc(centerX, centerY, radius + unit * 0.28, angle - 0.9, angle);
    context.stroke();
    context.fillStyle = "#fff";
    context.beginPath();
    context.arc(
      centerX + Math.cos(angle) * (radius + unit * 0.28),
      centerY + Math.sin(angle) * (radius + unit * 0.28),
      unit * 0.3,
      0,
      2 * Math.PI,
    );
    context.fill();

    context.textAlign = "center";
    context.textBaseline = "middle";
    context.fillStyle = "#fff";
    context.font = `600 ${unit * 1.05}px ${FACE}`;
    context.fillText(timeOfDay(now), centerX, centerY + unit * 0.68);
    context.font = `${unit * 0.62}px ${FACE}`;
    context.fillStyle = "#ffcf99";
    context.fillText(String(index).padStart(6, "0"), centerX, centerY + unit * 1.6);
  }
}

/** "14:05:09.123", local time. */
export function timeOfDay(time: Date): string {
  const clock = [time.getHours(), time.getMinutes(), time.getSeconds()].map((part) => String(part).padStart(2, "0"));
  return `${clock.join(":")}.${String(time.getMilliseconds()).padStart(3, "0")}`;
}

function drawCard(context: Context, layout: Layout, width: number, height: number): void {
  const { centerX, centerY, radius, unit } = layout;
  context.fillStyle = "#5b6068";
  context.fillRect(0, 0, width, height);
  drawGrid(context, layout, width, height);

  context.save();
  context.beginPath();
  context.arc(centerX, centerY, radius, 0, 2 * Math.PI);
  context.fillStyle = "#101216";
  context.fill();
  context.clip();
  drawBars(context, layout);
  drawGrayscale(context, layout);
  context.restore();

  context.strokeStyle = "#fff";
  context.lineWidth = Math.max(1, unit * 0.08);
  context.beginPath();
  context.arc(centerX, centerY, radius, 0, 2 * Math.PI);
  context.stroke();
  drawName(context, layout);
}

/** Squares that must stay squares, and a dashed edge that shows whether the picture is cut. */
function drawGrid(context: Context, { centerX, centerY, unit }: Layout, width: number, height: number): void {
  context.strokeStyle = "rgb(255 255 255 / 45%)";
  context.lineWidth = Math.max(1, unit * 0.05);
  context.beginPath();
  for (let x = centerX % unit; x < width; x += unit) {
    context.moveTo(x, 0);
    context.lineTo(x, height);
  }
  for (let y = centerY % unit; y < height; y += unit) {
    context.moveTo(0, y);
    context.lineTo(width, y);
  }
  context.stroke();

  const edge = unit * 0.35;
  for (const [color, dash] of [
    ["#15171b", []],
    ["#fff", [unit, unit]],
  ] as const) {
    context.strokeStyle = color;
    context.lineWidth = edge;
    context.setLineDash([...dash]);
    context.strokeRect(edge / 2, edge / 2, width - edge, height - edge);
  }
  context.setLineDash([]);
}

function drawBars(context: Context, { centerX, centerY, radius, unit }: Layout): void {
  const top = centerY - radius;
  const left = centerX - radius;
  const step = (2 * radius) / BARS.length;
  for (const [position, color] of BARS.entries()) {
    context.fillStyle = color;
    // One pixel wider than the step: no seam between two bars.
    context.fillRect(left + position * step, top + unit * 1.85, step + 1, unit * 2.9);
  }
}

function drawGrayscale(context: Context, { centerX, centerY, radius, unit }: Layout): void {
  const left = centerX - radius;
  const steps = 11;
  for (let step = 0; step < steps; step += 1) {
    const level = Math.round((255 * step) / (steps - 1));
    context.fillStyle = `rgb(${level} ${level} ${level})`;
    context.fillRect(left + (2 * radius * step) / steps, centerY + unit * 2.25, (2 * radius) / steps + 1, unit * 1.1);
  }
  const gradient = context.createLinearGradient(centerX - unit * 4.2, 0, centerX + unit * 4.2, 0);
  for (const [at, color] of [
    [0, "#f22"],
    [0.2, "#fd2"],
    [0.4, "#2d4"],
    [0.6, "#2dd"],
    [0.8, "#24f"],
    [1, "#d2d"],
  ] as const) {
    gradient.addColorStop(at, color);
  }
  context.fillStyle = gradient;
  context.fillRect(left, centerY + unit * 3.35, 2 * radius, unit * 2);
}

function drawName(context: Context, { centerX, centerY, radius, unit }: Layout): void {
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = "#fff";
  context.font = `600 ${unit * 0.78}px system-ui, sans-serif`;
  context.fillText("ipymedia", centerX, centerY - radius + unit * 1.1);
}

function contextOf(canvas: HTMLCanvasElement): Context {
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  if (context === null) throw new Error("The test card was not drawn: the browser gives no 2D canvas.");
  return context;
}
