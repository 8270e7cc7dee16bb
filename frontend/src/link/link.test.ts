import type { AnyModel } from "@anywidget/types";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { LinkPiece, Message } from "../protocol/messages.gen";
import { PROTOCOL_VERSION } from "../protocol/messages.gen";
import { Link } from "./link";

type Listener = (content: unknown, buffers: readonly DataView[]) => void;

/** The channel's model: what anywidget gives. */
class Channel {
  readonly sent: { page: string; message: Message }[] = [];
  readonly #listeners = new Set<Listener>();

  on(_: string, listener: Listener): void {
    this.#listeners.add(listener);
  }

  off(_: string, listener: Listener): void {
    this.#listeners.delete(listener);
  }

  send(content: { page: string; message: Message }): void {
    this.sent.push(content);
  }

  hears(message: unknown, page = "page", buffers: readonly DataView[] = []): void {
    for (const listener of this.#listeners) listener({ page, message }, buffers);
  }

  get listeners(): number {
    return this.#listeners.size;
  }

  saidOf(type: Message["type"]): Message[] {
    return this.sent.map(({ message }) => message).filter((message) => message.type === type);
  }
}

const WELCOME: Message = {
  type: "link.welcome",
  version: PROTOCOL_VERSION,
  capabilities: { encode: ["h264"], decode: [] },
  during_cells: true,
};
const CREDIT: Message = { type: "frame.credit", stream: "s", epoch: 1, sequence: 2 };

describe("Link", () => {
  let channel: Channel;
  let link: Link;
  let scope: AbortController;

  beforeEach(async () => {
    vi.useFakeTimers();
    vi.stubGlobal("window", new EventTarget());
    vi.stubGlobal("location", new URL("https://lab.example/lab"));
    vi.stubGlobal("isSecureContext", true);
    channel = new Channel();
    scope = new AbortController();
    link = new Link("session", "page", Promise.resolve({ encode: [], decode: [] }));
    link.attach(channel as unknown as AnyModel, scope.signal);
    await vi.advanceTimersByTimeAsync(0);
  });

  afterEach(() => {
    scope.abort();
    vi.useRealTimers();
    vi.unstubAllGlobals();
  });

  it("says hello until it is welcomed, and sends nothing before", async () => {
    link.send(CREDIT);
    await vi.advanceTimersByTimeAsync(600);
    const hellos = channel.saidOf("link.hello");
    expect(hellos.length).toBe(3);
    expect(new Set(hellos.map((hello) => JSON.stringify(hello))).size, "repeats are the same").toBe(1);
    expect(channel.saidOf("frame.credit")).toEqual([]);
    channel.hears(WELCOME);
    expect(link.phase).toBe("comm");
    expect(link.kernelCapabilities.encode).toEqual(["h264"]);
    await vi.advanceTimersByTimeAsync(5000);
    expect(channel.saidOf("link.hello").length).toBe(3);
    link.send(CREDIT);
    expect(channel.sent.at(-1)).toEqual({ page: "page", message: CREDIT });
  });

  it("hears what is for this page and is a message, until nobody wants it", () => {
    const heard = vi.fn<(message: Message) => void>();
    const listening = new AbortController();
    link.on("frame.credit", heard, listening.signal);
    channel.hears(WELCOME);
    channel.hears(CREDIT, "another page");
    for (const bad of [null, 5, [], {}, { type: 5 }]) channel.hears(bad);
    expect(heard).not.toHaveBeenCalled();
    channel.hears(CREDIT);
    listening.abort();
    channel.hears(CREDIT);
    expect(heard).toHaveBeenCalledTimes(1);
  });

  it("bears the loss of a part of a large message", () => {
    channel.hears(WELCOME);
    const late: LinkPiece = { type: "link.piece", message: 3, index: 1, count: 2 };
    expect(() => channel.hears(late)).not.toThrow();
    expect(link.phase).toBe("comm");
  });

  it("begins again, as another load, when the kernel has forgotten the page", async () => {
    channel.hears(WELCOME);
    const loaded = vi.fn<() => void>();
    link.addEventListener("loaded", loaded);
    channel.hears({ type: "link.mismatch", version: PROTOCOL_VERSION, message: "say hello" });
    await vi.advanceTimersByTimeAsync(0);
    expect(link.phase).toBe("greeting");
    const loads = channel.saidOf("link.hello").map((hello) => (hello.type === "link.hello" ? hello.load : ""));
    expect(new Set(loads).size).toBe(2);
    channel.hears(WELCOME);
    expect(loaded).toHaveBeenCalledTimes(1);
  });

  it("keeps what a kernel of another version says, and says hello no more", async () => {
    channel.hears({ type: "link.mismatch", version: PROTOCOL_VERSION + 1, message: "Reload the page." });
    expect(link.mismatch).toBe("Reload the page.");
    const before = channel.sent.length;
    await vi.advanceTimersByTimeAsync(10_000);
    expect(channel.sent.length).toBe(before);
  });

  it("asks for an offer only while something is live, and seldom where no socket can be had", async () => {
    channel.hears(WELCOME);
    await vi.advanceTimersByTimeAsync(5000);
    expect(channel.saidOf("link.want_offer")).toEqual([]);
    const live = new AbortController();
    link.hold(live.signal);
    await vi.advanceTimersByTimeAsync(2000);
    expect(channel.saidOf("link.want_offer")[0]).toEqual({ type: "link.want_offer", origin: "https://lab.example" });
    live.abort();
    const asked = channel.saidOf("link.want_offer").length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(channel.saidOf("link.want_offer").length).toBe(asked);
  });

  it("is gone with its channel, says goodbye when the page is left, and leaves no listener", () => {
    channel.hears(WELCOME);
    window.dispatchEvent(new Event("pagehide"));
    expect(channel.saidOf("link.bye").length).toBe(1);
    scope.abort();
    expect(link.phase).toBe("gone");
    expect(channel.listeners).toBe(0);
    const before = channel.sent.length;
    link.send(CREDIT);
    window.dispatchEvent(new Event("pagehide"));
    expect(channel.sent.length).toBe(before);
  });
});
