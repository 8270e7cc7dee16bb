import type { AnyModel } from "@anywidget/types";
import { STREAM_KINDS } from "../streams/kinds";
import type { LiveStream } from "../streams/live_stream";
import { isFullscreen, toggleFullscreen } from "./full_screen";
import type { Remark } from "./remark";
import { downloadSnapshot } from "./snapshot_download";
import { SEEK_STEP_S } from "./seek_bar";
import { asksForSound, hasTrait, readBoolean, readNumber, seekTo, toggleTrait } from "./traits";

/** What a click or a key does to one player. */
export interface PlayerActions {
  readonly togglePlaying: () => void;
  readonly toggleMuted: () => void;
  readonly toggleMirrored: () => void;
  readonly toggleBadge: () => void;
  readonly toggleFullscreen: () => void;
  readonly takeSnapshot: () => void;
  readonly seekBack: () => void;
  readonly seekOn: () => void;
  /** Whether it has a time that can be set. */
  readonly seeks: () => boolean;
  /** Whether there is sound to mute. */
  readonly hasSound: () => boolean;
  readonly isFullscreen: () => boolean;
}

export function playerActions(
  model: AnyModel,
  live: LiveStream,
  player: HTMLElement,
  stage: HTMLElement,
  remark: Remark,
): PlayerActions {
  let taking = false;
  const snapshot = async (): Promise<void> => {
    if (taking || live.phase !== "live") return;
    taking = true;
    try {
      await downloadSnapshot(live);
      flash(stage);
    } catch (error) {
      remark.show(`The snapshot was not taken: ${textOf(error)} Try again.`);
    } finally {
      taking = false;
    }
  };
  const fullscreen = async (): Promise<void> => {
    try {
      await toggleFullscreen(player);
    } catch (error) {
      remark.show(`Full screen was refused: ${textOf(error)} The host of this notebook may not allow it.`);
    }
  };
  const seekBy = (stepS: number): void => seekTo(model, readNumber(model, "time") + stepS);
  const hasSound = (): boolean => {
    if (!STREAM_KINDS[live.kind].picture) return true;
    const stream = live.captured;
    if (!hasTrait(model, "muted")) return false;
    if (hasTrait(model, "_has_sound")) return readBoolean(model, "_has_sound", false);
    return stream === null ? asksForSound(model) : stream.getAudioTracks().length > 0;
  };
  return {
    togglePlaying: () => toggleTrait(model, "playing", true),
    toggleMuted: () => {
      if (hasSound()) toggleTrait(model, "muted", false);
    },
    toggleMirrored: () => {
      if (hasTrait(model, "mirrored")) toggleTrait(model, "mirrored", false);
    },
    toggleBadge: () => toggleTrait(model, "badge", false),
    toggleFullscreen: () => void fullscreen(),
    takeSnapshot: () => void snapshot(),
    seekBack: () => seekBy(-SEEK_STEP_S),
    seekOn: () => seekBy(SEEK_STEP_S),
    seeks: () => STREAM_KINDS[live.kind].plays === true,
    hasSound,
    isFullscreen: () => isFullscreen(player),
  };
}

function flash(stage: HTMLElement): void {
  if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
  stage.animate([{ filter: "brightness(2.2)" }, { filter: "none" }], { duration: 260, easing: "ease-out" });
}

function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /[.!?]$/u.test(text) ? text : `${text}.`;
}
