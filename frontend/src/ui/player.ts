import type { AnyModel } from "@anywidget/types";
import { STREAM_KINDS } from "../streams/kinds";
import type { LiveStream } from "../streams/live_stream";
import { renderBadge } from "./badge";
import { renderControls } from "./controls";
import { element } from "./element";
import { icon } from "./icons";
import { installStyle } from "./install_style";
import { bindKeys } from "./keys";
import { renderNotices } from "./notices";
import { playerActions } from "./player_actions";
import { Remark } from "./remark";
import { readBoolean, watchTraits } from "./traits";
import { renderTitle, sendKeys } from "./window";

/** A stream may have something to remark, such as that the microphone is missing; event "notice". */
type RemarkingStream = LiveStream & { readonly notice?: string };

/**
 * One view of a stream: the picture, and on it the controls, the figures and what there is to say. Lives until the
 * signal aborts. `live` is shared by all views; the picture is the stream's own element, put into the stage by `mount`.
 */
export function renderPlayer(ctx: {
  model: AnyModel;
  el: HTMLElement;
  live: RemarkingStream;
  signal: AbortSignal;
}): void {
  const { model, el, live, signal } = ctx;
  if (signal.aborted) return;
  installStyle(document);
  el.classList.add("ipymedia-view");

  const stage = element("div", "ipymedia-stage");
  const player = element("div", "ipymedia-player", {
    role: "group",
    "aria-label": STREAM_KINDS[live.kind].label,
    tabindex: "0",
    // JupyterLab's keyboard shortcuts leave elements with this mark alone.
    "data-lm-suppress-shortcuts": "true",
    "data-picture": String(STREAM_KINDS[live.kind].picture),
  });
  const remark = new Remark();
  const actions = playerActions(model, live, player, stage, remark);
  const { card, bar } = renderNotices(model, live, player, signal);
  const bottom = element("div", "ipymedia-bottom", {}, [renderControls(model, live, actions, signal), bar]);
  const top = element("div", "ipymedia-top", {}, [renderTitle(model, player, signal), renderBadge(model, live, signal), remark.element]);
  const paused = element("div", "ipymedia-paused", { "aria-hidden": "true" }, [icon("pause")]);
  player.append(stage, paused, card, top, bottom);
  el.replaceChildren(player);

  stage.addEventListener("dblclick", actions.toggleFullscreen, { signal });
  sendKeys(model, live, player, signal);
  bindKeys(player, actions, signal);
  followSize(player, live, signal);
  followTraits(player, model, signal);
  const showNotice = (): void => remark.show(live.notice ?? "");
  live.addEventListener("notice", showNotice, { signal });
  showNotice();
  installInShadowTree(player, signal);
  live.mount(stage, signal);

  signal.addEventListener(
    "abort",
    () => {
      player.remove();
      el.classList.remove("ipymedia-view");
    },
    { once: true },
  );
}

/**
 * The player is as large as the picture, unless the cell or the widget's layout give it less. Pictures that a slow
 * connection makes smaller for a while do not shrink it: the notebook would jump.
 */
function followSize(player: HTMLElement, live: LiveStream, signal: AbortSignal): void {
  let shown = { width: 0, height: 0 };
  const update = (): void => {
    const { width, height } = live.size;
    if (width <= 0 || height <= 0) return;
    const sameShape = Math.abs(width * shown.height - height * shown.width) < 0.02 * width * shown.height;
    if (sameShape && width < shown.width) return;
    shown = { width, height };
    player.style.setProperty("--ipymedia-width", String(width));
    player.style.setProperty("--ipymedia-height", String(height));
  };
  live.addEventListener("size", update, { signal });
  update();
}

function followTraits(player: HTMLElement, model: AnyModel, signal: AbortSignal): void {
  const update = (): void => {
    player.dataset["playing"] = String(readBoolean(model, "playing", true));
    player.dataset["mirrored"] = String(readBoolean(model, "mirrored", false));
  };
  watchTraits(model, ["playing", "mirrored"], update, signal);
  update();
}

/** A view is rendered before it is attached, so which tree it stands in is known only when it is laid out first. */
function installInShadowTree(player: HTMLElement, signal: AbortSignal): void {
  const observer = new ResizeObserver(() => {
    installStyle(player.getRootNode());
    observer.disconnect();
  });
  observer.observe(player);
  signal.addEventListener("abort", () => observer.disconnect(), { once: true });
}
