/**
 * The `_esm` of every widget but the runtime: waits for the runtime, which the kernel sends once for each page, and
 * hands model and view over. Its hooks return at once: anywidget gives them two seconds.
 */
import type { ModelContext, ViewContext } from "./registry";
import { slot } from "./registry";

export default {
  initialize({ model, signal }: ModelContext): void {
    void slot().ready.then((runtime) => {
      if (!signal.aborted) runtime.initialize({ model, signal });
    });
  },
  render({ model, el, signal }: ViewContext): void {
    void slot().ready.then((runtime) => {
      if (!signal.aborted) runtime.render({ model, el, signal });
    });
  },
};
