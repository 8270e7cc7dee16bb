import { STREAM_KINDS } from "../../streams/kinds";
import { deviceGroups, watchDevices } from "../../ui/device_menu";
import { renderMenu } from "../../ui/menu";
import { textOf } from "./room_actions";
import type { RoomContext } from "./room_context";
import { watchRoom } from "./room_context";
import { canChooseSpeaker, speakerGroup } from "./speakers";

/** The button and the menu for camera and microphone of what this side shows, and for where the others are heard. */
export function renderRoomDevices(context: RoomContext, failed: (text: string) => void, signal: AbortSignal): HTMLElement[] {
  const { live, own } = context;
  const wrong = (error: unknown): void => failed(`The loudspeaker was not changed: ${textOf(error)}`);
  /** What has devices, if it has any: a film has none, and neither has what a function made of a camera. */
  const source = (): Omit<Parameters<typeof deviceGroups>[0], "close"> | null =>
    own.live !== null && own.model !== null && STREAM_KINDS[own.live.kind].devices !== undefined ? { live: own.live, model: own.model } : null;
  const entries = async (close: () => void): Promise<HTMLElement[]> => {
    const shown = source();
    const groups = shown === null ? [] : await deviceGroups({ ...shown, close });
    return canChooseSpeaker(live) ? [...groups, await speakerGroup(live, wrong, close)] : groups;
  };
  const { button, menu, refresh } = renderMenu("Choose devices", entries, signal);
  let watched = new AbortController();
  const follow = (): void => {
    watched.abort();
    watched = new AbortController();
    const shown = source();
    if (shown !== null) watchDevices(shown.model, shown.live, refresh, AbortSignal.any([signal, watched.signal]));
    update();
  };
  const update = (): void => {
    button.hidden = !(live.joined && live.here && (source() !== null || canChooseSpeaker(live)));
  };
  watchRoom(live, ["call"], update, signal);
  own.addEventListener("change", follow, { signal });
  follow();
  return [button, menu];
}
