import { menuEmpty, menuGroup, menuItem } from "../../ui/menu";
import type { RoomFace } from "./room_face";

/** Whether this browser, and what plays the others' sound, let a loudspeaker be chosen. */
export function canChooseSpeaker(live: RoomFace): boolean {
  return live.useSpeaker !== undefined && "setSinkId" in HTMLMediaElement.prototype;
}

/** The loudspeakers and headphones, as a group of the menu. */
export async function speakerGroup(live: RoomFace, failed: (error: unknown) => void, close: () => void): Promise<HTMLElement> {
  const media = navigator.mediaDevices as MediaDevices | undefined;
  const found = ((await media?.enumerateDevices()) ?? []).filter(
    ({ kind, deviceId }) => kind === "audiooutput" && deviceId !== "" && deviceId !== "default" && deviceId !== "communications",
  );
  if (found.length === 0) return menuGroup("Loudspeaker", [menuEmpty("The system's")]);
  const choices = [{ id: "", name: "The system's" }, ...found.map(({ deviceId, label }, index) => ({ id: deviceId, name: label || `Loudspeaker ${index + 1}` }))];
  const items = choices.map(({ id, name }) =>
    menuItem("menuitemradio", name, (live.speaker ?? "") === id, () => {
      live.useSpeaker?.(id).catch(failed);
      close();
    }),
  );
  return menuGroup("Loudspeaker", items);
}
