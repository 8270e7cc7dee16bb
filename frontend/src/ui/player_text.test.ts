import { describe, expect, it } from "vitest";
import { badgeRows } from "./badge";
import { keyAction } from "./keys";
import { nextIndex } from "./menu_focus";
import { snapshotName } from "./snapshot_download";

describe("the badge", () => {
  it("has a row for all that was measured", () => {
    const rows = badgeRows({
      carrier: "socket",
      codec: "h264",
      width: 640,
      height: 480,
      fps: 29.97,
      latencyMs: 22.6,
      latencyP95Ms: 31.2,
      dropped: 3,
      bytesPerSecond: 183_000,
      functionMs: 4.13,
      kernelFps: 29.9,
    });
    expect(Object.fromEntries(rows)).toEqual({
      rate: "30.0 fps",
      size: "640 × 480",
      latency: "23 ms (p95 31)",
      function: "4.1 ms",
      kernel: "29.9 fps",
      carrier: "socket, h264",
      traffic: "1.5 Mbit/s",
      dropped: "3",
    });
  });

  it("has none for what was not", () => {
    const rows = badgeRows({ carrier: "page", width: 320, height: 240, fps: 15, dropped: 0 });
    expect(rows.map(([name]) => name)).toEqual(["rate", "size", "carrier", "dropped"]);
  });
});

describe("keys", () => {
  const stroke = { key: "m", ctrlKey: false, altKey: false, metaKey: false, repeat: false };

  it.each([
    [" ", "togglePlaying"],
    ["m", "toggleMuted"],
    ["F", "toggleFullscreen"],
    ["s", "takeSnapshot"],
    ["i", "toggleBadge"],
    ["d", null],
    ["Tab", null],
  ])("%j does %s", (key, action) => {
    expect(keyAction({ ...stroke, key })).toBe(action);
  });

  it("leaves combinations to the notebook: Ctrl+S saves it", () => {
    expect(keyAction({ ...stroke, key: "s", ctrlKey: true })).toBeNull();
    expect(keyAction({ ...stroke, key: "s", metaKey: true })).toBeNull();
  });
});

it("moves through a menu and around its ends", () => {
  expect(nextIndex("ArrowDown", 2, 3)).toBe(0);
  expect(nextIndex("ArrowUp", 0, 3)).toBe(2);
  expect(nextIndex("ArrowUp", -1, 3)).toBe(2);
  expect(nextIndex("ArrowDown", -1, 3)).toBe(0);
  expect(nextIndex("End", 0, 3)).toBe(2);
  expect(nextIndex("Home", 2, 3)).toBe(0);
  expect(nextIndex("x", 0, 3)).toBeNull();
  expect(nextIndex("ArrowDown", 0, 0)).toBeNull();
});

it("names snapshots so that they sort as they were taken", () => {
  expect(snapshotName("camera", new Date(2026, 0, 31, 4, 5, 9, 7))).toBe("camera-2026-01-31-040509-007.png");
  expect(snapshotName("mapped", new Date(2026, 10, 1, 14, 50, 0, 120))).toBe("stream-2026-11-01-145000-120.png");
});
