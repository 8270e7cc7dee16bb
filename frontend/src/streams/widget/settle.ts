/** Waits until a page has drawn what its kernel told it before. */
import type { AnyModel } from "@anywidget/types";
import { isRecord } from "../record";
import type { Compositor } from "./compositor";

/** After so long the picture is taken as it is. */
const LONGEST_MS = 3000;
/** A scene that is never still is not waited for longer. */
const MOVING_MS = 250;
const QUIET_FRAMES = 2;
/** Frames come not at all in a hidden page. */
const SLOWEST_FRAME_MS = 100;

interface Message {
  readonly header: { readonly msg_id: string; readonly msg_type: string };
  readonly parent_header: { readonly msg_id?: string };
  readonly content: Readonly<Record<string, unknown>>;
}

interface Kernel {
  readonly anyMessage: {
    connect(listener: Listener): boolean;
    disconnect(listener: Listener): boolean;
  };
}

type Listener = (sender: unknown, passed: { readonly msg: Message; readonly direction: "send" | "recv" }) => void;

/** What widgets of this page asked the kernel, and were not answered yet. */
export class OpenQuestions {
  readonly #open = new Set<string>();

  constructor(model: AnyModel, signal: AbortSignal) {
    const kernel = kernelOf(model);
    if (kernel === null) return;
    const listen: Listener = (_, { msg, direction }) => {
      if (direction === "send" && msg.header.msg_type === "comm_msg") this.#open.add(msg.header.msg_id);
      const answered = msg.header.msg_type === "status" && msg.content["execution_state"] === "idle";
      if (direction === "recv" && answered) this.#open.delete(msg.parent_header.msg_id ?? "");
    };
    kernel.anyMessage.connect(listen);
    signal.addEventListener("abort", () => void kernel.anyMessage.disconnect(listen), { once: true });
  }

  get some(): boolean {
    return this.#open.size > 0;
  }
}

/** Resolves when nothing of the widget's picture changes any more, or it never rests. */
export async function settle(compositor: Compositor, questions: OpenQuestions, signal: AbortSignal): Promise<void> {
  const beganMs = performance.now();
  let quiet = 0;
  let seen = { dom: -1, surfaces: -1 };
  while (quiet < QUIET_FRAMES && performance.now() - beganMs < LONGEST_MS) {
    await frame();
    signal.throwIfAborted();
    const { domChanges: dom, surfaceChanges: surfaces, busy } = compositor;
    const patient = performance.now() - beganMs < MOVING_MS;
    const moved = dom !== seen.dom || (patient && (busy || surfaces !== seen.surfaces)) || compositor.rastering;
    quiet = moved || questions.some ? 0 : quiet + 1;
    seen = { dom, surfaces };
  }
}

async function frame(): Promise<void> {
  await new Promise<void>((resolve) => {
    const timer = setTimeout(resolve, SLOWEST_FRAME_MS);
    requestAnimationFrame(() => {
      clearTimeout(timer);
      // After the frame, so that what it drew is seen.
      setTimeout(resolve);
    });
  });
}

function kernelOf(model: AnyModel): Kernel | null {
  const manager: unknown = (model as { widget_manager?: unknown }).widget_manager;
  const kernel: unknown = isRecord(manager) ? manager["kernel"] : undefined;
  const signal: unknown = isRecord(kernel) ? kernel["anyMessage"] : undefined;
  return isRecord(signal) && typeof signal["connect"] === "function" ? (kernel as Kernel) : null;
}
