/**
 * What the widgets of one page share: anywidget evaluates a copy of the module for each widget, so it stands on
 * `globalThis`. The only file that touches it. The key carries the bundle's hash: two versions in one page do not meet.
 */
import type { AnyModel } from "@anywidget/types";

export const BUNDLE = "__IPYMEDIA_BUNDLE__";

export type CustomMessage = readonly [content: unknown, buffers: readonly DataView[]];

/** What anywidget hands to a widget's hooks, and the messages that came before the runtime was there. */
export interface ModelContext {
  readonly model: AnyModel;
  readonly signal: AbortSignal;
}

export interface ViewContext extends ModelContext {
  readonly el: HTMLElement;
}

/** The one runtime of a page. */
export interface Runtime {
  attach(context: ModelContext): void;
  initialize(context: ModelContext): void;
  render(context: ViewContext): void;
}

interface Slot {
  readonly ready: Promise<Runtime>;
  provide(runtime: Runtime): void;
  runtime: Runtime | null;
}

interface Registry {
  [bundle: string]: Slot;
}

const KEY = Symbol.for("ipymedia");

/** The place where runtime and stubs of this bundle meet. */
export function slot(): Slot {
  const root = globalThis as unknown as { [KEY]?: Registry };
  const registry = (root[KEY] ??= {});
  return (registry[BUNDLE] ??= newSlot());
}

function newSlot(): Slot {
  let resolve: ((runtime: Runtime) => void) | undefined;
  const ready = new Promise<Runtime>((done) => {
    resolve = done;
  });
  return {
    ready,
    runtime: null,
    provide(runtime) {
      this.runtime = runtime;
      resolve?.(runtime);
    },
  };
}
