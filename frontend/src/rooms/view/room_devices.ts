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
    const groups = own.devices === null ? [] : await deviceGroups({ ...own.devices, close });
    return canChooseSpeaker(live) ? [...groups, await speakerGroup(live, wrong, close)] : groups;
  };
  const { button, menu, refresh } = renderMenu("Choose devices", entries, signal);
  let watched = new AbortController();
  const follow = (): void => {
    watched.abort();
    watched = new AbortController();
    if (own.devices !== null) watchDevices(own.devices.model, own.devices.live, refresh, AbortSignal.any([signal, watched.signal]));
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
