/**
 * Tells when a canvas was drawn on: the contexts' own drawing calls are wrapped while anybody watches. What is told comes in
 * the same task as the drawing, so that WebGL which keeps no picture can still be read.
 */

import { doubt } from "./readable";

interface Wrapped {
  readonly prototype: object;
  readonly name: string;
  readonly original: PropertyDescriptor;
}

const METHODS: Readonly<Record<string, string>> = {
  CanvasRenderingContext2D:
    "clearRect drawImage fill fillRect fillText putImageData reset stroke strokeRect strokeText drawFocusIfNeeded",
  WebGLRenderingContext: "clear drawArrays drawElements",
  WebGL2RenderingContext:
    "clear clearBufferfv drawArrays drawElements drawArraysInstanced drawElementsInstanced drawRangeElements blitFramebuffer",
  ImageBitmapRenderingContext: "transferFromImageBitmap",
  GPUCanvasContext: "getCurrentTexture",
};

export type DrawnListener = (canvas: HTMLCanvasElement, context: unknown) => void;

const LISTENERS = new Set<DrawnListener>();
const DRAWN = new Map<HTMLCanvasElement, unknown>();
let wrapped: Wrapped[] = [];

/** Calls the listener once for each canvas that was drawn on, at the end of the task's own code, until the signal aborts. */
export function watchDrawing(listener: DrawnListener, signal: AbortSignal): void {
  if (signal.aborted) return;
  if (LISTENERS.size === 0) wrapAll();
  LISTENERS.add(listener);
  signal.addEventListener(
    "abort",
    () => {
      LISTENERS.delete(listener);
      if (LISTENERS.size === 0) unwrapAll();
    },
    { once: true },
  );
}

function wrapAll(): void {
  for (const [owner, names] of Object.entries(METHODS)) {
    const type = (globalThis as unknown as Record<string, { prototype: object } | undefined>)[owner];
    if (type === undefined) continue;
    for (const name of names.split(" ")) wrap(type.prototype, name);
  }
}

function wrap(prototype: object, name: string): void {
  const original = Object.getOwnPropertyDescriptor(prototype, name);
  const method: unknown = original?.value;
  if (original === undefined || typeof method !== "function") return;
  const call = method as (...given: unknown[]) => unknown;
  Object.defineProperty(prototype, name, {
    ...original,
    value: function drawn(this: { readonly canvas: unknown }, ...given: unknown[]): unknown {
      note(this);
      if (name === "drawImage" && this.canvas instanceof HTMLCanvasElement) doubt(this.canvas, given[0]);
      return call.apply(this, given);
    },
  });
  wrapped.push({ prototype, name, original });
}

function unwrapAll(): void {
  for (const { prototype, name, original } of wrapped) Object.defineProperty(prototype, name, original);
  wrapped = [];
  DRAWN.clear();
}

function note(context: { readonly canvas: unknown }): void {
  const { canvas } = context;
  // Most drawing is off the page, on canvases that nobody sees.
  if (!(canvas instanceof HTMLCanvasElement) || !canvas.isConnected || DRAWN.has(canvas)) return;
  if (DRAWN.size === 0) queueMicrotask(tell);
  DRAWN.set(canvas, context);
}

function tell(): void {
  const drawn = [...DRAWN];
  DRAWN.clear();
  for (const [canvas, context] of drawn) for (const listener of LISTENERS) listener(canvas, context);
}
