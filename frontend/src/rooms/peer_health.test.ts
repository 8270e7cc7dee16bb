import { describe, expect, it } from "vitest";
import { ROOM_RELAY_AFTER_S, ROOM_SILENT_S } from "../protocol/messages.gen";
import { PeerHealth } from "./peer_health";

const TICK_S = 0.25;

/** Lets time pass; gives after how many seconds another way was looked for. */
function pass(health: PeerHealth, seconds: number, each: () => void = () => undefined): number[] {
  const restarts: number[] = [];
  for (let atS = TICK_S; atS <= seconds + 1e-9; atS += TICK_S) {
    if (health.tick(TICK_S)) restarts.push(atS);
    each();
  }
  return restarts;
}

describe("PeerHealth", () => {
  it("is blocked where no way is found in time, and connected when one is after all", () => {
    const health = new PeerHealth(false);
    health.changed("connecting");
    pass(health, ROOM_RELAY_AFTER_S - TICK_S);
    expect(health.state).toBe("connecting");
    pass(health, TICK_S);
    expect(health.state).toBe("blocked");
    health.changed("connected");
    expect(health.state).toBe("connected");
  });

  it("is lost where nothing comes, and connected when something comes again", () => {
    const health = new PeerHealth(false);
    health.changed("connected");
    pass(health, 10, () => health.heard());
    expect(health.state).toBe("connected");
    pass(health, ROOM_SILENT_S);
    expect(health.state).toBe("lost");
    health.heard();
    expect(health.state).toBe("connected");
  });

  it("tells a connection that breaks from one that never was", () => {
    const health = new PeerHealth(false);
    health.changed("connected");
    health.changed("disconnected");
    expect(health.state).toBe("connecting");
    pass(health, ROOM_SILENT_S);
    expect(health.state).toBe("lost");
    pass(health, ROOM_RELAY_AFTER_S - ROOM_SILENT_S);
    expect(health.state).toBe("blocked");
  });

  it("stays lost after a goodbye, whatever the browser says", () => {
    const health = new PeerHealth(false);
    health.changed("connected");
    health.end();
    health.heard();
    expect(health.state).toBe("lost");
    health.changed("failed");
    expect(pass(health, 60)).toEqual([]);
  });

  it("looks for another way less and less often, the polite side later", () => {
    const impolite = new PeerHealth(false);
    impolite.changed("disconnected");
    expect(pass(impolite, 20)).toEqual([0.75, 2.75, 6.75, 14.75]);
    const polite = new PeerHealth(true);
    polite.changed("disconnected");
    expect(pass(polite, 20)[0]).toBe(1.75);
    polite.changed("connected");
    polite.changed("failed");
    expect(pass(polite, 2)).toEqual([1]);
  });

  it("does not where the connection mends itself", () => {
    const health = new PeerHealth(false);
    health.changed("disconnected");
    pass(health, 0.5);
    health.changed("connected");
    expect(pass(health, 5, () => health.heard())).toEqual([]);
  });
});
