/** Canvases that show nothing may be WebGL which keeps no picture: who owns them draws once more. */
import type { Compositor } from "./compositor";
import { nudge } from "./nudge";

/** How long they are waited for after each way of asking for a drawing. */
const PATIENCE_MS = 200;
const LOOK_AGAIN_MS = 20;

/** Resolves when no canvas is blank any more, or those that are will be left so. */
export async function fillBlanks(compositor: Compositor, manager: unknown, signal: AbortSignal): Promise<void> {
  const blank = compositor.blank();
  if (blank.length === 0) return;
  const asks = [async () => nudge(manager, blank), () => dispatchEvent(new Event("resize"))];
  for (const ask of asks) {
    const before = compositor.surfaceChanges;
    if ((await ask()) && (await isFilled(compositor, before, signal))) break;
  }
  compositor.leaveBlank();
  compositor.drawNow();
}

async function isFilled(compositor: Compositor, before: number, signal: AbortSignal): Promise<boolean> {
  let looked = before;
  for (const untilMs = performance.now() + PATIENCE_MS; performance.now() < untilMs; ) {
    await new Promise((resolve) => void setTimeout(resolve, LOOK_AGAIN_MS));
    signal.throwIfAborted();
    // Looking reads WebGL back: only where something was drawn.
    const { surfaceChanges } = compositor;
    if (surfaceChanges > looked && compositor.blank().length === 0) return true;
    looked = surfaceChanges;
  }
  return false;
}
