/**
 * The controls that a browser draws on `<audio controls>` and `<video controls>`: no page can read them, so they are drawn
 * after Chromium's. What they show is the element's state; menus and what appears under the pointer is left out.
 */

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

interface Look {
  readonly ink: string;
  readonly played: string;
  readonly loaded: string;
  readonly track: string;
}

const DARK_ON_LIGHT: Look = { ink: "rgb(0 0 0 / 87%)", played: "#202124", loaded: "#606162", track: "#c4c6c7" };
const LIGHT_ON_DARK: Look = { ink: "#fff", played: "#fff", loaded: "rgb(255 255 255 / 62%)", track: "rgb(255 255 255 / 30%)" };
const FONT = "14px Roboto, 'Segoe UI', 'Helvetica Neue', sans-serif";
const PILL = "#f1f3f4";
/** The shade below a film's controls, read off a screenshot: share of the height, and how dark. */
const SHADE_PX = 112;
const SHADE = [
  [0, 0],
  [0.16, 0.06],
  [0.27, 0.15],
  [0.375, 0.3],
  [0.48, 0.47],
  [0.59, 0.64],
  [0.7, 0.81],
  [0.857, 0.96],
  [1, 1],
] as const;

/** What tells that the controls look otherwise. */
export const CONTROL_EVENTS = ["timeupdate", "durationchange", "progress", "volumechange", "pointerenter", "pointerleave"] as const;

/** Whether a film's controls are to be seen: always at rest, else under the pointer. */
export function showsControls(media: HTMLMediaElement): boolean {
  return media.controls && (media instanceof HTMLAudioElement || media.paused || media.matches(":hover"));
}

export function drawControls(context: CanvasRenderingContext2D, media: HTMLMediaElement, box: Box): void {
  context.save();
  context.translate(box.x, box.y);
  if (media instanceof HTMLAudioElement) drawAudio(context, media, box);
  else drawFilm(context, media, box);
  context.restore();
}

function drawAudio(context: CanvasRenderingContext2D, media: HTMLMediaElement, { width, height }: Box): void {
  const middle = height / 2;
  context.fillStyle = PILL;
  context.beginPath();
  context.roundRect(0, 0, width, height, height / 2);
  context.fill();
  drawPlay(context, media, 22.5, middle, DARK_ON_LIGHT);
  const end = drawTime(context, media, 47, middle, DARK_ON_LIGHT);
  drawTrack(context, media, { x: end + 16, y: middle, width: width - 90 - (end + 16), height: 4 }, DARK_ON_LIGHT);
  drawSpeaker(context, media, width - 58, middle, DARK_ON_LIGHT);
  drawMenu(context, width - 26, middle, DARK_ON_LIGHT);
}

function drawFilm(context: CanvasRenderingContext2D, media: HTMLMediaElement, { width, height }: Box): void {
  const shade = context.createLinearGradient(0, height - SHADE_PX, 0, height);
  for (const [at, alpha] of SHADE) shade.addColorStop(at, `rgb(0 0 0 / ${alpha})`);
  context.fillStyle = shade;
  context.fillRect(0, height - SHADE_PX, width, SHADE_PX);
  const row = height - 48;
  drawPlay(context, media, 20.5, row, LIGHT_ON_DARK);
  drawTime(context, media, 48, row, LIGHT_ON_DARK);
  drawSpeaker(context, media, width - 120, row, LIGHT_ON_DARK);
  drawCorners(context, width - 72, row, LIGHT_ON_DARK);
  drawMenu(context, width - 24, row, LIGHT_ON_DARK);
  drawTrack(context, media, { x: 16, y: height - 22, width: width - 32, height: 4 }, LIGHT_ON_DARK);
}

function drawPlay(context: CanvasRenderingContext2D, media: HTMLMediaElement, x: number, y: number, { ink }: Look): void {
  context.fillStyle = ink;
  if (!media.paused) {
    context.fillRect(x, y - 5.5, 3.5, 11);
    context.fillRect(x + 6, y - 5.5, 3.5, 11);
    return;
  }
  context.beginPath();
  context.moveTo(x, y - 5.5);
  context.lineTo(x + 9, y);
  context.lineTo(x, y + 5.5);
  context.fill();
}

/** Gives where the text ends. */
function drawTime(context: CanvasRenderingContext2D, media: HTMLMediaElement, x: number, y: number, { ink }: Look): number {
  const length = Number.isFinite(media.duration) ? media.duration : 0;
  const text = `${clock(media.currentTime)} / ${clock(length)}`;
  context.font = FONT;
  context.fillStyle = ink;
  context.textBaseline = "alphabetic";
  context.fillText(text, x, y + 5);
  return x + context.measureText(text).width;
}

/** As players show times: 0:05, 12:34, 1:02:03. */
export function clock(seconds: number): string {
  const whole = Math.floor(seconds);
  const [hours, minutes, rest] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const tail = String(rest).padStart(2, "0");
  return hours > 0 ? `${hours}:${String(minutes).padStart(2, "0")}:${tail}` : `${minutes}:${tail}`;
}

function drawTrack(context: CanvasRenderingContext2D, media: HTMLMediaElement, box: Box, look: Look): void {
  const { x, y, width, height } = box;
  if (width <= 0) return;
  const length = Number.isFinite(media.duration) && media.duration > 0 ? media.duration : 1;
  const loaded = media.buffered.length > 0 ? media.buffered.end(media.buffered.length - 1) : 0;
  const bar = (share: number, color: string): void => {
    context.fillStyle = color;
    context.beginPath();
    context.roundRect(x, y - height / 2, width * Math.max(0, Math.min(1, share)), height, height / 2);
    context.fill();
  };
  bar(1, look.track);
  bar(loaded / length, look.loaded);
  if (media.currentTime > 0) bar(media.currentTime / length, look.played);
}

function drawSpeaker(context: CanvasRenderingContext2D, media: HTMLMediaElement, x: number, y: number, { ink }: Look): void {
  context.fillStyle = context.strokeStyle = ink;
  context.beginPath();
  context.moveTo(x - 8, y - 3);
  for (const [right, down] of [[-4, -3], [0, -7], [0, 7], [-4, 3], [-8, 3]] as const) context.lineTo(x + right, y + down);
  context.fill();
  context.lineWidth = 2;
  context.beginPath();
  if (media.muted || media.volume === 0) {
    context.moveTo(x - 8, y - 8);
    context.lineTo(x + 8, y + 8);
  } else {
    context.arc(x - 1, y, 8, -1, 1);
    context.moveTo(x + 1, y - 3.5);
    context.arc(x - 1, y, 4, -0.9, 0.9);
  }
  context.stroke();
}

function drawCorners(context: CanvasRenderingContext2D, x: number, y: number, { ink }: Look): void {
  context.strokeStyle = ink;
  context.lineWidth = 2;
  context.beginPath();
  for (const [right, down] of [[-1, -1], [1, -1], [1, 1], [-1, 1]] as const) {
    context.moveTo(x + 5 * right, y + 2 * down);
    context.lineTo(x + 5 * right, y + 5 * down);
    context.lineTo(x + 2 * right, y + 5 * down);
  }
  context.stroke();
}

function drawMenu(context: CanvasRenderingContext2D, x: number, y: number, { ink }: Look): void {
  context.fillStyle = ink;
  for (const down of [-5, 0, 5]) {
    context.beginPath();
    context.arc(x, y + down, 1.75, 0, 7);
    context.fill();
  }
}
