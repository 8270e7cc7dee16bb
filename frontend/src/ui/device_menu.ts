import type { AnyModel } from "@anywidget/types";
import type { Device } from "../protocol/messages.gen";
import type { DeviceKind } from "../streams/devices";
import { deviceName, findDevice, listDevices, rememberDevice } from "../streams/devices";
import { STREAM_KINDS } from "../streams/kinds";
import type { LiveStream } from "../streams/live_stream";
import { isRecord } from "../streams/record";
import { element } from "./element";
import { icon } from "./icons";
import { focusFirst, moveFocus, placeMenu } from "./menu_focus";
import type { PlayerActions } from "./player_actions";
import { asksForSound, readBoolean, readString, setTrait, watchTraits } from "./traits";

/** What the menu is about, and how it is closed. */
interface MenuSource {
  readonly model: AnyModel;
  readonly live: LiveStream;
  readonly actions: PlayerActions;
  readonly close: () => void;
}

let menus = 0;

/**
 * The button and the menu to choose camera and microphone. The menu is a popover: neither the cell's output nor a small
 * picture cuts it. In a narrow player it also holds the switches that have no room in the row.
 */
export function renderDeviceMenu(
  model: AnyModel,
  live: LiveStream,
  actions: PlayerActions,
  signal: AbortSignal,
): [HTMLButtonElement, HTMLElement] {
  menus += 1;
  const name = STREAM_KINDS[live.kind].picture ? "Choose camera and microphone" : "Choose the microphone";
  const menu = element("div", "ipymedia-menu", { id: `ipymedia-menu-${menus}`, role: "menu", "aria-label": name, popover: "auto" });
  const button = element(
    "button",
    "ipymedia-button ipymedia-choose",
    { type: "button", "aria-label": name, title: name, "aria-haspopup": "menu", "aria-expanded": "false" },
    [icon("devices")],
  );
  button.popoverTargetElement = menu;
  let open = false;

  const source: MenuSource = { model, live, actions, close: () => menu.hidePopover() };

  const fill = async (): Promise<void> => {
    const devices = live.capturedElsewhere ? devicesOfTrait(model) : await listDevices();
    if (!open || signal.aborted) return;
    const focused = menu.contains(menu.ownerDocument.activeElement);
    const at = [...menu.querySelectorAll("button")].findIndex((entry) => entry === menu.ownerDocument.activeElement);
    menu.replaceChildren(...menuItems(source, devices));
    placeMenu(menu, button);
    if (!focused || at < 0) focusFirst(menu);
    else menu.querySelectorAll("button")[at]?.focus();
  };
  menu.addEventListener(
    "toggle",
    (event) => {
      open = event.newState === "open";
      button.ariaExpanded = String(open);
      if (open) void fill();
      else menu.replaceChildren();
    },
    { signal },
  );
  menu.addEventListener("keydown", (event) => moveFocus(menu, event), { signal });
  const refresh = (): void => {
    if (open) void fill();
  };
  const media = navigator.mediaDevices as MediaDevices | undefined;
  media?.addEventListener("devicechange", refresh, { signal });
  live.addEventListener("devices", refresh, { signal });
  watchTraits(model, ["device", "microphone", "devices"], refresh, signal);
  return [button, menu];
}

function menuItems(source: MenuSource, devices: readonly Device[]): HTMLElement[] {
  const { model, live, actions, close } = source;
  const kind = STREAM_KINDS[live.kind];
  const groups: HTMLElement[] = [];
  if (kind.devices?.videoinput) groups.push(deviceGroup(source, "videoinput", devices));
  if (!kind.picture || asksForSound(model)) groups.push(deviceGroup(source, "audioinput", devices));
  if (!kind.picture) return groups;
  groups.push(
    group("View", [
      item("menuitemcheckbox", "Mirror", readBoolean(model, "mirrored", false), () => {
        actions.toggleMirrored();
        close();
      }),
      item("menuitemcheckbox", "Figures", readBoolean(model, "badge", false), () => {
        actions.toggleBadge();
        close();
      }),
    ]),
  );
  groups.at(-1)?.classList.add("ipymedia-narrow-only");
  return groups;
}

function deviceGroup({ model, live, close }: MenuSource, kind: DeviceKind, devices: readonly Device[]): HTMLElement {
  const title = kind === "videoinput" ? "Camera" : "Microphone";
  const known = devices.filter((device) => device.kind === kind && device.id !== "");
  const trait = STREAM_KINDS[live.kind].devices?.[kind] ?? "device";
  const used = usedDevice(live, kind, known, readString(model, trait));
  const items = known.map((device, index) =>
    item("menuitemradio", deviceName(device, index), device.id === used, () => {
      rememberDevice(kind, { id: device.id, label: device.label ?? "" });
      setTrait(model, trait, device.id);
      close();
    }),
  );
  if (items.length > 0) return group(title, items);
  const text = devices.some((device) => device.kind === kind) ? "Shown once it is allowed" : "None found";
  return group(title, [element("div", "ipymedia-menu-empty", {}, [text])]);
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

function group(title: string, items: readonly HTMLElement[]): HTMLElement {
  const heading = element("div", "ipymedia-menu-title", { "aria-hidden": "true" }, [title]);
  return element("div", "ipymedia-menu-group", { role: "group", "aria-label": title }, [heading, ...items]);
}

function item(role: string, text: string, checked: boolean, choose: () => void): HTMLButtonElement {
  const made = element("button", "ipymedia-menu-item", { type: "button", role, "aria-checked": String(checked), tabindex: "-1" }, [
    icon("check"),
    element("span", "", {}, [text]),
  ]);
  made.addEventListener("click", choose);
  return made;
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
