/** Pictures of people, and of a screen, that no camera is needed for. */

/** Cameras differ in shape. */
const SIZES = [
  [640, 480],
  [1280, 720],
  [640, 480],
  [480, 640],
  [640, 360],
] as const;

const SCREEN = [1600, 900] as const;
const EVERY_MS = 100;

/** A canvas that goes on painting somebody, or their screen, until the signal aborts. */
export function paint(number: number, screen: boolean, signal: AbortSignal): HTMLCanvasElement {
  const [width, height] = screen ? SCREEN : (SIZES[(number - 1) % SIZES.length] ?? SIZES[0]);
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no 2D canvas");
  let step = 0;
  const draw = (): void => {
    step += 1;
    if (screen) paintScreen(context, width, height, step);
    else paintPerson(context, width, height, number, step);
  };
  const timer = setInterval(draw, EVERY_MS);
  signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  draw();
  return canvas;
}

function paintPerson(context: CanvasRenderingContext2D, width: number, height: number, number: number, step: number): void {
  const hue = (47 * number) % 360;
  const wall = context.createLinearGradient(0, 0, width, height);
  wall.addColorStop(0, `hsl(${hue} 30% 78%)`);
  wall.addColorStop(1, `hsl(${hue + 30} 25% 52%)`);
  context.fillStyle = wall;
  context.fillRect(0, 0, width, height);
  const size = Math.min(width, height);
  const x = width / 2 + Math.sin(step / 7 + number) * size * 0.02;
  context.fillStyle = `hsl(${hue + 180} 35% 34%)`;
  context.beginPath();
  context.ellipse(x, height + size * 0.08, size * 0.4, size * 0.42, 0, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = `hsl(${22 + number * 3} 45% ${48 + number * 5}%)`;
  context.fillRect(x - size * 0.07, height * 0.5, size * 0.14, size * 0.22);
  context.beginPath();
  context.ellipse(x, height * 0.42, size * 0.15, size * 0.19, 0, 0, 2 * Math.PI);
  context.fill();
  context.fillStyle = `hsl(${25 + number * 9} 30% ${14 + number * 4}%)`;
  context.beginPath();
  context.ellipse(x, height * 0.42 - size * 0.09, size * 0.16, size * 0.12, 0, Math.PI, 2 * Math.PI);
  context.fill();
}

function paintScreen(context: CanvasRenderingContext2D, width: number, height: number, step: number): void {
  context.fillStyle = "#fafafa";
  context.fillRect(0, 0, width, height);
  context.fillStyle = "#2a4d7a";
  context.fillRect(0, 0, width, 54);
  context.fillStyle = "#333";
  context.font = "30px monospace";
  for (let line = 0; line < 16; line += 1) context.fillText(`def step_${line}(image): return image[::${line + 1}]`, 60, 120 + 48 * line);
  context.fillStyle = "#e07b39";
  for (let bar = 0; bar < 12; bar += 1) {
    const high = 200 + 150 * Math.sin(bar / 2 + step / 9);
    context.fillRect(1050 + bar * 40, 800 - high, 28, high);
  }
}
