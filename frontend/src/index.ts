/** The `_esm` of the runtime widget: makes the page's runtime once, and gives it each kernel's channel. */
import type { ModelContext } from "./registry";
import { slot } from "./registry";
import { PageRuntime } from "./runtime";

export default {
  initialize({ model, signal }: ModelContext): void {
    const place = slot();
    if (place.runtime === null) place.provide(new PageRuntime());
    place.runtime?.attach({ model, signal });
  },
};
