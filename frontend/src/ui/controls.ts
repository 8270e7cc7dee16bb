import type { AnyModel } from "@anywidget/types";
import { STREAM_KINDS } from "../streams/kinds";
import type { LiveStream } from "../streams/live_stream";
import { renderDeviceMenu } from "./device_menu";
import { element } from "./element";
import type { IconName } from "./icons";
import { icon } from "./icons";
import type { PlayerActions } from "./player_actions";
import { renderLevelMeter } from "./level_meter";
import { renderSeekBar } from "./seek_bar";
import { hasTrait, readBoolean, watchTraits } from "./traits";

/** One button: what it looks like and says, read anew at each change. */
interface Control {
  readonly button: HTMLButtonElement;
  readonly look: () => { icon: IconName; label: string; pressed?: boolean; hidden?: boolean };
}

const WATCHED = ["playing", "muted", "mirrored", "badge", "constraints", "_has_sound"] as const;

/** The row of buttons over the lower edge of the picture. */
export function renderControls(
  model: AnyModel,
  live: LiveStream,
  actions: PlayerActions,
  signal: AbortSignal,
): HTMLElement {
  const bar = element("div", "ipymedia-controls", { role: "toolbar", "aria-label": "Stream" });
  const controls: Control[] = [];
  const { devices, picture, plays } = STREAM_KINDS[live.kind];
  const add = (className: string, click: () => void, look: Control["look"]): void => {
    const button = element("button", `ipymedia-button ${className}`, { type: "button" });
    button.addEventListener("click", click, { signal });
    controls.push({ button, look });
    bar.append(button);
  };

  add("", actions.togglePlaying, () =>
    readBoolean(model, "playing", true) ? { icon: "pause", label: "Pause (space)" } : { icon: "play", label: "Play (space)" },
  );
  add("", actions.toggleMuted, () => {
    const muted = readBoolean(model, "muted", false);
    const what = devices ? "the microphone" : "the sound";
    return {
      icon: devices ? (muted ? "microphoneOff" : "microphone") : muted ? "speakerOff" : "speaker",
      label: muted ? `Unmute ${what} (m)` : `Mute ${what} (m)`,
      pressed: muted,
      hidden: !actions.hasSound(),
    };
  });
  bar.append(renderLevelMeter(live, signal));
  bar.append(plays === true ? renderSeekBar(model, signal) : element("span", "ipymedia-gap"));
  if (devices) bar.append(...renderDeviceMenu(model, live, actions, signal));
  if (hasTrait(model, "mirrored")) {
    add("ipymedia-secondary", actions.toggleMirrored, () => ({
      icon: "mirror",
      label: "Mirror the view",
      pressed: readBoolean(model, "mirrored", false),
    }));
  }
  if (!picture) {
    follow(controls, model, live, signal);
    return bar;
  }
  add(devices ? "ipymedia-secondary" : "", actions.toggleBadge, () => ({
    icon: "figures",
    label: "Show the figures (i)",
    pressed: readBoolean(model, "badge", false),
  }));
  add("", actions.takeSnapshot, () => ({ icon: "snapshot", label: "Save a snapshot (s)" }));
  add("", actions.toggleFullscreen, () =>
    actions.isFullscreen()
      ? { icon: "fullscreenExit", label: "Leave full screen (f)" }
      : { icon: "fullscreen", label: "Full screen (f)" },
  );

  follow(controls, model, live, signal);
  return bar;
}

/** Keeps the buttons' looks as things are, until the signal aborts. */
function follow(controls: readonly Control[], model: AnyModel, live: LiveStream, signal: AbortSignal): void {
  const update = (): void => {
    for (const control of controls) refresh(control, live);
  };
  watchTraits(model, WATCHED, update, signal);
  for (const event of ["phase", "size", "devices", "stream"]) live.addEventListener(event, update, { signal });
  document.addEventListener("fullscreenchange", update, { signal });
  update();
}

function refresh({ button, look }: Control, live: LiveStream): void {
  const { icon: name, label, pressed, hidden } = look();
  if (button.dataset["icon"] !== name) {
    button.dataset["icon"] = name;
    button.replaceChildren(icon(name));
  }
  button.title = label;
  button.ariaLabel = label.replace(/ \(.*\)$/u, "");
  button.ariaPressed = pressed === undefined ? null : String(pressed);
  button.hidden = hidden === true;
  if (name === "snapshot") button.disabled = live.phase !== "live";
}
