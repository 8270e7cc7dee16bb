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
  const entries = async (close: () => void): Promise<HTMLElement[]> => {
    const shown = own.devices;
    const groups = shown === null ? [] : await deviceGroups({ live: shown, model: shown.model, close });
    return canChooseSpeaker(live) ? [...groups, await speakerGroup(live, wrong, close)] : groups;
  };
  const { button, menu, refresh } = renderMenu("Choose devices", entries, signal);
  let watched = new AbortController();
  const follow = (): void => {
    watched.abort();
    watched = new AbortController();
    const shown = own.devices;
    if (shown !== null) watchDevices(shown.model, shown, refresh, AbortSignal.any([signal, watched.signal]));
    update();
  };
  const update = (): void => {
    button.hidden = !(live.joined && live.here && (own.devices !== null || canChooseSpeaker(live)));
  };
  watchRoom(live, ["call"], update, signal);
  own.addEventListener("change", follow, { signal });
  follow();
  return [button, menu];
}
