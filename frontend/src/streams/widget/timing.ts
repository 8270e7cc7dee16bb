/** When the page's own work is done: in the next frame, or after this task. */
import { abortReason } from "../../abort_reason";

/** Resolves in the next frame, or with the signal. */
export async function nextFrame(signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const abort = (): void => {
      cancelAnimationFrame(frame);
      reject(abortReason(signal));
    };
    const frame = requestAnimationFrame(() => {
      signal.removeEventListener("abort", abort);
      resolve();
    });
    signal.addEventListener("abort", abort, { once: true });
  }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
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
