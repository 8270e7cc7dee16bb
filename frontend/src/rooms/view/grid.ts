import { element } from "../../ui/element";
import { readString, watchTraits } from "../../ui/traits";
import { commonAspect, layoutTiles } from "./layout";
import type { RoomContext } from "./room_context";
import { watchRoom } from "./room_context";
import type { Participant } from "./room_face";
import { Tile } from "./tile";
import type { PictureSource } from "./tile_picture";
import type { TileFacts } from "./tile_words";
import { hasPicture } from "./tile_words";

const GAP_PX = 6;

/** Name of this side's own tile; peers are 32 hexadecimal digits. */
const OWN = "";

interface Kept {
  readonly tile: Tile;
  readonly scope: AbortController;
}

/**
 * Everybody as tiles, this side first, and beside them what there is to say while nobody else is there. Lives in the host
 * until the signal aborts. The tiles' order never changes, so that the keyboard's focus stays where it is.
 *
 * Returns what to call when `beside` holds something else.
 */
export function renderGrid(context: RoomContext, beside: HTMLElement, host: HTMLElement, signal: AbortSignal): () => void {
  const { live, model, own } = context;
  const grid = element("div", "ipymedia-grid", { role: "group", "aria-label": "People" });
  const tiles = new Map<string, Kept>();
  host.replaceChildren(grid);

  const place = (): void => {
    const shown: HTMLElement[] = [...tiles.values()].map(({ tile }) => tile.element);
    if (beside.childElementCount > 0) shown.push(beside);
    const featured = [...tiles.values()].findIndex(({ tile }) => tile.element.dataset["screen"] === "true" && tile.element.dataset["own"] !== "true");
    const rects = layoutTiles({
      count: shown.length,
      width: grid.clientWidth,
      height: grid.clientHeight,
      gap: GAP_PX,
      aspect: commonAspect([...tiles.values()].map(({ tile }) => tile.picture.aspect)),
      featured: featured < 0 ? null : featured,
    });
    for (const [index, { left, top, width, height }] of rects.entries()) {
      const style = shown[index]?.style;
      style?.setProperty("left", `${left}px`);
      style?.setProperty("top", `${top}px`);
      style?.setProperty("width", `${width}px`);
      style?.setProperty("height", `${height}px`);
    }
    for (const { tile } of tiles.values()) tile.fit();
  };

  const tileOf = (peer: string): Tile => {
    const known = tiles.get(peer);
    if (known !== undefined) return known.tile;
    const scope = new AbortController();
    const ends = AbortSignal.any([signal, scope.signal]);
    const tile = new Tile(context, peer === OWN, ends);
    tile.picture.addEventListener("size", place, { signal: ends });
    tiles.set(peer, { tile, scope });
    grid.insertBefore(tile.element, beside.parentElement === grid ? beside : null);
    return tile;
  };

  const update = (): void => {
    tileOf(OWN).update(ownFacts(context), ownSource(context));
    for (const person of live.people) tileOf(person.peer).update(person, sourceOf(person, live.here));
    for (const [peer, { scope }] of tiles) {
      if (peer === OWN || live.people.some((person) => person.peer === peer)) continue;
      scope.abort();
      tiles.delete(peer);
    }
    if (beside.childElementCount > 0) grid.append(beside);
    else beside.remove();
    place();
  };
  const hear = (): void => {
    tileOf(OWN).hear(live.own);
    for (const person of live.people) tiles.get(person.peer)?.tile.hear(person);
  };

  watchRoom(live, ["people", "own", "call"], update, signal);
  watchRoom(live, ["speaking"], hear, signal);
  watchTraits(model, ["nickname", "state", "invite"], update, signal);
  own.addEventListener("change", update, { signal });
  // The view's own window: the page's may sleep while this one is in sight.
  const Observer = grid.ownerDocument.defaultView?.ResizeObserver ?? ResizeObserver;
  const observer = new Observer(place);
  observer.observe(grid);
  signal.addEventListener(
    "abort",
    () => {
      observer.disconnect();
      grid.remove();
    },
    { once: true },
  );
  update();
  return update;
}

function ownFacts({ live, model, own }: RoomContext): TileFacts {
  const { microphone, camera, screen, speaking } = live.own;
  return {
    peer: OWN,
    nickname: readString(model, "nickname"),
    state: "connected",
    microphone,
    camera: camera && own.id !== null,
    screen,
    speaking,
  };
}

/** Ours draw themselves; a shared screen takes their place in what is sent, so that it is shown as it is sent. */
function ownSource({ live, own }: RoomContext): PictureSource | null {
  const { stream, screen, camera } = live.own;
  if (screen && stream !== null) return { stream };
  if (!camera || own.id === null) return null;
  if (own.live !== null) return own.hasPicture(stream) ? { widget: own.id } : null;
  return stream !== null && own.hasPicture(stream) ? { stream } : null;
}

/** A page that only shows has no connections, whose state would say whether there is a picture. */
function sourceOf(person: Participant, here: boolean): PictureSource | null {
  const shown = here ? hasPicture(person) : person.camera || person.screen;
  return shown && person.widget !== "" ? { widget: person.widget } : null;
}
