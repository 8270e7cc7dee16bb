/** Makes the owner of a canvas draw it again, as WebGL that keeps no picture can be read only when it is drawn. */
import { isRecord } from "../record";

type Ask = (view: unknown, canvas: HTMLCanvasElement) => boolean;

/** What libraries' views and elements offer; the first that is there is called. */
const ASKS: readonly Ask[] = [
  // plotly's 3-D scenes: the graph's element holds its layout, and that the scenes.
  (_, canvas) => {
    const graph: unknown = canvas.closest(".js-plotly-plot");
    const layout: unknown = isRecord(graph) ? graph["_fullLayout"] : undefined;
    if (!isRecord(layout)) return false;
    const plots = Object.values(layout).map((part) => field(field(part, "_scene"), "glplot"));
    return plots.filter((plot) => call(plot, "redraw")).length > 0;
  },
  (view) => call(field(view, "K3DInstance"), "render"),
  (view) => hasOwnUpdate(view) && call(view, "update"), // ipyvolume
  (view) => call(view, "redraw"),
  (view) => call(view, "render_frame"),
];

/** Asks the owners of the canvases, as far as they can be asked; gives whether any was. */
export async function nudge(manager: unknown, canvases: readonly HTMLCanvasElement[]): Promise<boolean> {
  const views = await allViews(manager);
  const asked = canvases.map((canvas) => {
    const owners = views.filter(({ el }) => el.contains(canvas)).sort((one, other) => (one.el.contains(other.el) ? 1 : -1));
    return ASKS.some((ask) => [...owners, null].some((view) => ask(view, canvas)));
  });
  return asked.includes(true);
}

/** Every view of ipywidgets' has an `update`, which does nothing; it stands beside `touch`. */
function hasOwnUpdate(view: unknown): boolean {
  for (let at: unknown = view; isRecord(at); at = Object.getPrototypeOf(at)) {
    if (Object.hasOwn(at, "update")) return !Object.hasOwn(at, "touch");
  }
  return false;
}

/** All views of a page: which one owns a canvas tells neither. */
async function allViews(manager: unknown): Promise<{ readonly el: HTMLElement }[]> {
  const models = await Promise.allSettled(Object.values(recordOf(field(manager, "_models"))));
  const views = models.flatMap((model) =>
    model.status === "fulfilled" ? Object.values(recordOf(field(model.value, "views"))) : [],
  );
  const made = await Promise.allSettled(views);
  return made.flatMap((view) => (view.status === "fulfilled" && hasElement(view.value) ? [view.value] : []));
}

function hasElement(view: unknown): view is { readonly el: HTMLElement } {
  return field(view, "el") instanceof HTMLElement;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function field(owner: unknown, name: string): unknown {
  return isRecord(owner) ? owner[name] : undefined;
}

function call(owner: unknown, name: string): boolean {
  const method = field(owner, name);
  if (typeof method !== "function") return false;
  try {
    (method as () => unknown).call(owner);
    return true;
  } catch {
    return false; // another library's function, called in a way that it does not know
  }
}
