import type { AnyModel } from "@anywidget/types";
import type { LiveStream } from "../streams/live_stream";
import { permission } from "../streams/open_tracks";
import { element } from "./element";
import { icon } from "./icons";
import { readBoolean, readError, watchTraits } from "./traits";
import type { NoticeAction, ViewState } from "./view_state";
import { viewState } from "./view_state";

type Message = Extract<ViewState, { show: "card" | "bar" }>;

/**
 * What stands over the picture when there is something to say: a card in the middle, or a bar below the picture.
 *
 * Returns the element for each place; both are empty while there is nothing to say.
 */
export function renderNotices(
  model: AnyModel,
  live: LiveStream,
  player: HTMLElement,
  signal: AbortSignal,
): { card: HTMLElement; bar: HTMLElement } {
  const card = element("div", "ipymedia-card-place");
  const bar = element("div", "ipymedia-bar-place");
  let pictureSeen = false;
  let allowed: PermissionState | "unknown" = "unknown";
  let shown = "";

  const update = (): void => {
    pictureSeen ||= live.phase === "live";
    const state = viewState({
      kind: live.kind,
      phase: live.phase,
      over: live.over,
      needsClick: live.needsClick,
      failure: live.failure,
      kernelError: readError(model),
      capturedElsewhere: live.capturedElsewhere,
      playing: readBoolean(model, "playing", true),
      pictureSeen,
      permission: allowed,
    });
    player.dataset["show"] = state.show;
    player.dataset["phase"] = live.phase;
    player.dataset["seen"] = String(pictureSeen);
    // Made anew only when it says something else: an opened traceback stays open, a wait's delay is not restarted.
    const key = JSON.stringify(state);
    if (key === shown) return;
    shown = key;
    card.replaceChildren(...(state.show === "wait" ? [waiting(state)] : state.show === "card" ? [message(state, live)] : []));
    bar.replaceChildren(...(state.show === "bar" ? [message(state, live)] : []));
  };
  const ask = async (): Promise<void> => {
    if (live.kind !== "camera" || live.phase !== "starting") return;
    allowed = await permission("camera");
    if (!signal.aborted) update();
  };

  live.addEventListener("phase", () => void ask(), { signal });
  for (const event of ["phase", "failure", "elsewhere", "needs_click"]) live.addEventListener(event, update, { signal });
  watchTraits(model, ["_error", "playing"], update, signal);
  update();
  void ask();
  return { card, bar };
}

/** Appears a moment later by its style: what is quick does not flicker. */
function waiting(state: Extract<ViewState, { show: "wait" }>): HTMLElement {
  const box = element("div", "ipymedia-wait", { role: "status" }, [
    element("span", "ipymedia-spinner", { "aria-hidden": "true" }),
    element("div", "ipymedia-title", {}, [state.title]),
  ]);
  if (state.hint !== "") {
    box.append(element("div", state.hintAtOnce ? "ipymedia-text" : "ipymedia-text ipymedia-late", {}, [state.hint]));
  }
  return box;
}

function message(state: Message, live: LiveStream): HTMLElement {
  const title = element("div", "ipymedia-title", {}, [state.title]);
  const box = element(
    "div",
    `ipymedia-message ipymedia-${state.show} ipymedia-${state.tone}`,
    { role: state.tone === "error" ? "alert" : "status" },
    [
      element("span", "ipymedia-sign", {}, [icon(signOf(state))]),
      element("div", "ipymedia-words", {}, [title, element("div", "ipymedia-text", {}, [state.text])]),
    ],
  );
  if (state.action !== null) box.append(actionButton(state.action, live));
  if (state.detail !== "") {
    const details = element("details", "ipymedia-details", {}, [
      element("summary", "", {}, ["Details"]),
      element("pre", "", { tabindex: "0" }, [state.detail]),
    ]);
    box.append(details);
  }
  return box;
}

function signOf(state: Message): "warning" | "camera" | "stopped" {
  if (state.tone === "error") return "warning";
  return state.action === null || state.action.do === "retry" ? "stopped" : "camera";
}

const ACTIONS: Readonly<Record<NoticeAction, (live: LiveStream) => void>> = {
  retry: (live) => live.retry(),
  takeOver: (live) => live.takeOver(),
  click: (live) => live.click(),
};

function actionButton(action: NonNullable<Message["action"]>, live: LiveStream): HTMLButtonElement {
  const button = element("button", "ipymedia-action", { type: "button" }, [action.name]);
  button.addEventListener("click", () => ACTIONS[action.do](live));
  return button;
}
