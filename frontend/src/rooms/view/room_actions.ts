import { isFullscreen, toggleFullscreen } from "../../ui/full_screen";
import type { Remark } from "../../ui/remark";
import type { ChatPanel } from "./chat_panel";
import type { RoomFace } from "./room_face";

/** What a click or a key does in one view of a room. */
export interface RoomActions {
  readonly toggleMicrophone: () => void;
  readonly toggleCamera: () => void;
  readonly toggleScreen: () => void;
  readonly toggleChat: () => void;
  readonly toggleFullscreen: () => void;
  readonly isFullscreen: () => boolean;
  readonly leave: () => void;
  /** Closes what is open; whether there was anything. */
  readonly close: () => boolean;
}

/** What keeps a screen from being shared that is the user's own choice. */
const CHOSEN = new Set(["NotAllowedError", "AbortError"]);

export function roomActions(live: RoomFace, room: HTMLElement, chat: ChatPanel, remark: Remark): RoomActions {
  const inCall = (): boolean => live.joined && live.here;
  const share = async (): Promise<void> => {
    try {
      await live.shareScreen();
    } catch (error) {
      if (isChoice(error)) return;
      remark.show(`The screen is not shared: ${textOf(error)}`);
    }
  };
  const fullscreen = async (): Promise<void> => {
    try {
      await toggleFullscreen(room);
    } catch (error) {
      remark.show(`Full screen was refused: ${textOf(error)} The host of this notebook may not allow it.`);
    }
  };
  return {
    toggleMicrophone: () => inCall() && live.setMicrophone(!live.own.microphone),
    toggleCamera: () => inCall() && live.setCamera(!live.own.camera),
    toggleScreen: () => {
      if (!inCall()) return;
      if (live.own.screen) live.stopSharing();
      else void share();
    },
    toggleChat: () => chat.show(!chat.open),
    toggleFullscreen: () => void fullscreen(),
    isFullscreen: () => isFullscreen(room),
    leave: () => live.leave(),
    close: () => {
      if (!chat.open) return false;
      chat.show(false);
      return true;
    },
  };
}

function isChoice(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return CHOSEN.has(error.name) || ("reason" in error && error.reason === "permission_denied");
}

export function textOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /[.!?]$/u.test(text) ? text : `${text}.`;
}
