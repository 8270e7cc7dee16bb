/** When the page's own work is done: in the next frame, or after this task. */

/** A hidden page has no frames, and yet its widgets change. */
const SLOWEST_FRAME_MS = 200;

/** Resolves in the next frame, or where none comes, soon; at once when the signal aborts. */
export async function nextFrame(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const done = (): void => {
      cancelAnimationFrame(frame);
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const frame = requestAnimationFrame(done);
    const timer = setTimeout(done, SLOWEST_FRAME_MS);
    signal.addEventListener("abort", done, { once: true });
  });
}

const CHANNEL = new MessageChannel();
const TASKS: (() => void)[] = [];
CHANNEL.port1.onmessage = () => TASKS.shift()?.();

/** Calls back when the present task, and this frame's callbacks, are done. */
export function afterThisTask(task: () => void): void {
  TASKS.push(task);
  CHANNEL.port2.postMessage(null);
}
