import type { AnyModel } from "@anywidget/types";
import type { Device } from "../protocol/messages.gen";
import type { DeviceKind } from "../streams/devices";
import { deviceName, findDevice, listDevices, rememberDevice } from "../streams/devices";
import { STREAM_KINDS } from "../streams/kinds";
import type { LiveStream } from "../streams/live_stream";
import { isRecord } from "../streams/record";
import { menuEmpty, menuGroup, menuItem, renderMenu } from "./menu";
import type { PlayerActions } from "./player_actions";
import { asksForSound, readBoolean, readString, setTrait, watchTraits } from "./traits";

/** What the menu is about, and how it is closed. */
interface MenuSource {
  readonly model: AnyModel;
  readonly live: LiveStream;
  readonly close: () => void;
}

/**
 * The button and the menu to choose camera and microphone. In a narrow player the menu also holds the switches that have
 * no room in the row.
 */
export function renderDeviceMenu(
  model: AnyModel,
  live: LiveStream,
  actions: PlayerActions,
  signal: AbortSignal,
): [HTMLButtonElement, HTMLElement] {
  const name = STREAM_KINDS[live.kind].picture ? "Choose camera and microphone" : "Choose the microphone";
  const entries = async (close: () => void): Promise<HTMLElement[]> => {
    const groups = await deviceGroups({ model, live, close });
    return STREAM_KINDS[live.kind].picture ? [...groups, viewGroup(model, actions, close)] : groups;
  };
  const { button, menu, refresh } = renderMenu(name, entries, signal);
  watchDevices(model, live, refresh, signal);
  return [button, menu];
}

/** Calls back when there are other devices to choose from, or another one is in use. */
export function watchDevices(model: AnyModel, live: LiveStream, changed: () => void, signal: AbortSignal): void {
  const media = navigator.mediaDevices as MediaDevices | undefined;
  media?.addEventListener("devicechange", changed, { signal });
  live.addEventListener("devices", changed, { signal });
  watchTraits(model, ["device", "microphone", "devices"], changed, signal);
}

/** The cameras and the microphones that the stream may take, as groups of a menu. */
export async function deviceGroups(source: MenuSource): Promise<HTMLElement[]> {
  const { model, live } = source;
  const devices = live.capturedElsewhere ? devicesOfTrait(model) : await listDevices();
  const kind = STREAM_KINDS[live.kind];
  const groups: HTMLElement[] = [];
  if (kind.devices?.videoinput) groups.push(deviceGroup(source, "videoinput", devices));
  if (!kind.picture || asksForSound(model)) groups.push(deviceGroup(source, "audioinput", devices));
  return groups;
}

function viewGroup(model: AnyModel, actions: PlayerActions, close: () => void): HTMLElement {
  const made = menuGroup("View", [
    menuItem("menuitemcheckbox", "Mirror", readBoolean(model, "mirrored", false), () => {
      actions.toggleMirrored();
      close();
    }),
    menuItem("menuitemcheckbox", "Figures", readBoolean(model, "badge", false), () => {
      actions.toggleBadge();
      close();
    }),
  ]);
  made.classList.add("ipymedia-narrow-only");
  return made;
}

function deviceGroup({ model, live, close }: MenuSource, kind: DeviceKind, devices: readonly Device[]): HTMLElement {
  const title = kind === "videoinput" ? "Camera" : "Microphone";
  const known = devices.filter((device) => device.kind === kind && device.id !== "");
  const trait = STREAM_KINDS[live.kind].devices?.[kind] ?? "device";
  const used = usedDevice(live, kind, known, readString(model, trait));
  const items = known.map((device, index) =>
    menuItem("menuitemradio", deviceName(device, index), device.id === used, () => {
      rememberDevice(kind, { id: device.id, label: device.label ?? "" });
      setTrait(model, trait, device.id);
      close();
    }),
  );
  if (items.length > 0) return menuGroup(title, items);
  const text = devices.some((device) => device.kind === kind) ? "Shown once it is allowed" : "None found";
  return menuGroup(title, [menuEmpty(text)]);
}

/** The device in use, read off the running track; before it runs, the one that was asked for. */
function usedDevice(live: LiveStream, kind: DeviceKind, devices: readonly Device[], wanted: string): string {
  const stream = live.captured;
  const [track] = (kind === "videoinput" ? stream?.getVideoTracks() : stream?.getAudioTracks()) ?? [];
  if (track === undefined) return findDevice(devices, kind, wanted)?.id ?? "";
  const id = track.getSettings().deviceId ?? "";
  if (devices.some((device) => device.id === id)) return id;
  // Chromium's alias of the system's choice: its id is "default", its label "Default - " and the device's own.
  return devices.find(({ label = "" }) => label !== "" && track.label.endsWith(label))?.id ?? "";
}

/** In a page that does not capture, the choice is among the devices of the page that does. */
function devicesOfTrait(model: AnyModel): Device[] {
  const value: unknown = model.get("devices");
  if (!Array.isArray(value)) return [];
  return value.filter(
    (device: unknown): device is Device =>
      isRecord(device) && typeof device["kind"] === "string" && typeof device["id"] === "string",
  );
}
