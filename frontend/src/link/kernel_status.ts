/** Notices a kernel that restarts or dies: that closes no comm, so that nothing else would tell. */
import type { AnyModel } from "@anywidget/types";

interface KernelSignal {
  connect(listener: (sender: unknown, status: string) => void): void;
  disconnect(listener: (sender: unknown, status: string) => void): void;
}

const GONE: ReadonlySet<string> = new Set(["restarting", "autorestarting", "dead", "terminating"]);

/** Calls `gone` when the model's kernel goes away; does nothing where the host does not show its kernel. */
export function onKernelGone(model: AnyModel, gone: () => void, signal: AbortSignal): void {
  const manager = (model as { widget_manager?: unknown }).widget_manager as
    | { kernel?: { statusChanged?: KernelSignal } }
    | undefined;
  const changed = manager?.kernel?.statusChanged;
  if (changed === undefined) return;
  const listener = (_: unknown, status: string): void => {
    if (GONE.has(status)) gone();
  };
  changed.connect(listener);
  signal.addEventListener("abort", () => changed.disconnect(listener), { once: true });
}
