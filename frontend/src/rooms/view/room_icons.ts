/** Icons of the room's view; see ui/icons for how they are drawn. */
import { drawIcon, icon } from "../../ui/icons";

const PATHS = {
  cameraOff:
    "M8.6 6.5h4.8a1.4 1.4 0 0 1 1.4 1.4v4.3M14.8 15.6v.5a1.4 1.4 0 0 1-1.4 1.4H4.2a1.4 1.4 0 0 1-1.4-1.4V7.9a1.4 1.4 0 0 1 1.4-1.4h.6M16.4 9.7l4.6-2.5v9.6l-2.6-1.4M3.5 3.5l17 17",
  screen: "M4.4 5h15.2a1 1 0 0 1 1 1v9.4a1 1 0 0 1-1 1H4.4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM8.5 19.8h7M12 13.4V8.2M9.6 10.4 12 8l2.4 2.4",
  screenStop: "M4.4 5h15.2a1 1 0 0 1 1 1v9.4a1 1 0 0 1-1 1H4.4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1zM8.5 19.8h7M9.8 8.5l4.4 4.4M14.2 8.5l-4.4 4.4",
  chat: "M5 5h14a1.4 1.4 0 0 1 1.4 1.4v8.8a1.4 1.4 0 0 1-1.4 1.4h-7.2L7.4 20v-3.4H5a1.4 1.4 0 0 1-1.4-1.4V6.4A1.4 1.4 0 0 1 5 5zM8 9.2h8M8 12.4h5",
  leave: "M13.5 4.5H6.4a1 1 0 0 0-1 1v13a1 1 0 0 0 1 1h7.1M10.5 12h9.7M16.6 8.2l3.8 3.8-3.8 3.8",
  window: "M10.5 18.5H5a1.4 1.4 0 0 1-1.4-1.4V6.9A1.4 1.4 0 0 1 5 5.5h14a1.4 1.4 0 0 1 1.4 1.4v3.6M13.4 13.4h7v5.1h-7z",
  copy: "M9.4 8.6h9.2a1 1 0 0 1 1 1v9.2a1 1 0 0 1-1 1H9.4a1 1 0 0 1-1-1V9.6a1 1 0 0 1 1-1zM5.4 15.4a1 1 0 0 1-1-1V5.2a1 1 0 0 1 1-1h9.2a1 1 0 0 1 1 1",
  pencil: "M4.5 19.5l1.2-4.4L16 4.8a1.4 1.4 0 0 1 2 0l1.2 1.2a1.4 1.4 0 0 1 0 2L8.9 18.3zM14 6.8l3.2 3.2",
  send: "M4.2 5.2 20.5 12 4.2 18.8l2-6.8zM6.2 12h7",
  sound: "M5.5 10.2v3.6M9.8 6.5v11M14.2 8.8v6.4M18.5 10.4v3.2",
  down: "M12 5v13M6.5 12.5 12 18l5.5-5.5",
} as const;

export type RoomIconName = keyof typeof PATHS | "microphone" | "microphoneOff" | "camera" | "close" | "fullscreen" | "fullscreenExit" | "check";

export function roomIcon(name: RoomIconName): SVGSVGElement {
  return name in PATHS ? drawIcon(PATHS[name as keyof typeof PATHS]) : icon(name as Exclude<RoomIconName, keyof typeof PATHS>);
}
