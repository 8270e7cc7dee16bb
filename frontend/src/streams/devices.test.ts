import { afterEach, describe, expect, it, vi } from "vitest";
import { deviceName, findDevice, hidden, looksLikeId, parseRemembered, rememberDevice, rememberedDevice } from "./devices";
import { pick } from "./open_tracks";

const ID = "0123456789abcdef".repeat(4);
const DEVICES = [
  { kind: "videoinput", id: "a", label: "Integrated Camera (04f2:b6d9)" },
  { kind: "videoinput", id: "b", label: "Webcam C270" },
  { kind: "audioinput", id: "c", label: "Webcam C270" },
];

function deny(): never {
  throw new DOMException("denied", "SecurityError");
}

afterEach(() => vi.unstubAllGlobals());

describe("findDevice", () => {
  it.each([
    ["b", "b"],
    ["Webcam C270", "b"],
    ["webcam c270", "b"],
    ["integrated", "a"],
  ])("finds %s", (wanted, id) => {
    expect(findDevice(DEVICES, "videoinput", wanted)?.id).toBe(id);
  });

  it("keeps the kinds apart, and finds nothing for an empty or unknown name", () => {
    expect(findDevice(DEVICES, "audioinput", "C270")?.id).toBe("c");
    expect(findDevice(DEVICES, "videoinput", "")).toBeUndefined();
    expect(findDevice(DEVICES, "videoinput", "none such")).toBeUndefined();
  });
});

describe("pick", () => {
  const hiddenDevices = [{ kind: "videoinput", id: "", label: "" }];

  it("leaves the choice to the browser where none was named", () => {
    expect(pick("videoinput", "", DEVICES)).toEqual({ id: null, name: "", later: false });
  });

  it("waits for the labels where they are still hidden, but not for an id", () => {
    expect(hidden(hiddenDevices, "videoinput")).toBe(true);
    expect(pick("videoinput", "C270", hiddenDevices)).toEqual({ id: null, name: "C270", later: true });
    expect(pick("videoinput", ID, hiddenDevices)).toEqual({ id: ID, name: "", later: false });
  });

  it("says what there is when the named one is not", () => {
    expect(() => pick("videoinput", "Nope", DEVICES)).toThrow(/“Nope”.*“Integrated Camera”, “Webcam C270”/u);
  });
});

it("tells ids from labels", () => {
  expect(looksLikeId(ID)).toBe(true);
  expect(looksLikeId(`${"aZ0+/".repeat(8)}abc=`)).toBe(true);
  expect(looksLikeId("Webcam C270")).toBe(false);
});

it("names devices for people", () => {
  expect(deviceName({ kind: "videoinput", id: "a", label: "Integrated Camera (04f2:b6d9)" }, 0)).toBe("Integrated Camera");
  expect(deviceName({ kind: "audioinput", id: "x" }, 1)).toBe("Microphone 2");
});

describe("the remembered device", () => {
  it("is kept from one camera to the next", () => {
    const kept = new Map<string, string>();
    vi.stubGlobal("localStorage", {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => kept.set(key, value),
    });
    expect(rememberedDevice("videoinput")).toBeNull();
    rememberDevice("videoinput", { id: "b", label: "Webcam C270" });
    expect(rememberedDevice("videoinput")).toEqual({ id: "b", label: "Webcam C270" });
    expect(rememberedDevice("audioinput")).toBeNull();
  });

  it("is forgotten where storage is denied", () => {
    vi.stubGlobal("localStorage", { getItem: deny, setItem: deny });
    rememberDevice("videoinput", { id: "b", label: "" });
    expect(rememberedDevice("videoinput")).toBeNull();
  });

  it.each(["", "null", "[]", '{"id":""}', '{"id":1,"label":"x"}'])("is not read from %j", (text) => {
    expect(parseRemembered(text)).toBeNull();
  });
});
