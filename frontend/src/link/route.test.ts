import { beforeEach, describe, expect, it, vi } from "vitest";
import type { LinkOffer } from "../protocol/messages.gen";
import { Route } from "./route";

const OFFER: LinkOffer = { type: "link.offer", offer: "o", port: 4567, token: "t" };

function at(address: string): void {
  vi.stubGlobal("location", new URL(address));
}

describe("Route", () => {
  beforeEach(() => at("https://lab.example/user/ada/lab"));

  it("goes through the proxy of the server that the page is on, behind its base URL and as securely", () => {
    expect(new Route().url(OFFER, "/user/ada/")).toBe(
      "wss://lab.example/user/ada/proxy/127.0.0.1:4567/ipymedia/link",
    );
    at("http://localhost:8888/lab");
    expect(new Route().url(OFFER, "/")).toBe("ws://localhost:8888/proxy/127.0.0.1:4567/ipymedia/link");
  });

  it("goes nowhere but through the proxy from a host that is not loopback", () => {
    const route = new Route();
    expect(route.url(OFFER, null)).toBeNull();
    route.failed();
    expect(route.url(OFFER, "/")).toContain("wss://lab.example/proxy/");
  });

  it.each(["http://localhost:8888", "http://127.0.0.1:8888", "http://[::1]:8888", "http://a.localhost:1"])(
    "takes the other way in turn where the page is on %s, and dials IPv4's loopback only",
    (address) => {
      at(address);
      const route = new Route();
      expect(route.failed()).toBe(true); // the other way was not tried yet
      expect(route.url(OFFER, "/")).toBe("ws://127.0.0.1:4567/ipymedia/link");
      expect(route.failed()).toBe(false);
      expect(route.url(OFFER, "/")).toContain("/proxy/127.0.0.1:4567/");
      expect(route.url(OFFER, null)).toBe("ws://127.0.0.1:4567/ipymedia/link");
    },
  );

  it.each(["http://localhost.evil.example", "http://127.evil.example", "http://[::2]"])(
    "does not take %s for loopback",
    (address) => {
      at(address);
      expect(new Route().url(OFFER, null)).toBeNull();
    },
  );

  it("stays on a way that worked once", () => {
    at("http://localhost:8888");
    const route = new Route();
    route.worked();
    expect(route.failed()).toBe(false);
    expect(route.url(OFFER, "/")).toContain("/proxy/");
  });

  it("wants a socket back soon that worked, and asks seldom for one that never did", () => {
    const [worked, never] = [new Route(), new Route()];
    worked.worked();
    for (let failures = 0; failures < 5; failures += 1) {
      worked.failed();
      never.failed();
    }
    expect(worked.patienceMs).toBeLessThan(1000);
    expect(never.patienceMs).toBeGreaterThan(10_000);
    for (let failures = 0; failures < 100; failures += 1) worked.failed();
    expect(worked.patienceMs).toBeLessThan(never.patienceMs);
    expect(worked.patienceMs).toBeGreaterThan(1000);
  });
});
