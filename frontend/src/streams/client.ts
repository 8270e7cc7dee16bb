import type { AnyModel } from "@anywidget/types";

/** The Jupyter client session of this page, where the host lets it be known. */
export function clientOf(model: AnyModel): string {
  const manager = (model as { widget_manager?: unknown }).widget_manager as
    | { kernel?: { clientId?: unknown } }
    | undefined;
  const client = manager?.kernel?.clientId;
  return typeof client === "string" ? client : "";
}
