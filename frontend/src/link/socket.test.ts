/** The dial against a kernel, and against whoever else may listen on the port. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { join, split } from "../protocol/framing";
import type { LinkOffer, Message } from "../protocol/messages.gen";
import { proofOf } from "./handshake";
import { Socket } from "./socket";

const OFFER: LinkOffer = { type: "link.offer", offer: "the offer", port: 4567, token: "the secret token" };
const KERNEL_NONCE = "0123";

/** The browser's end of a connection whose other end is the test. */
class Wire extends EventTarget {
  static last: Wire;
  readonly sent: Uint8Array<ArrayBuffer>[] = [];
  readyState = 1;
  binaryType = "";

  constructor() {
    super();
    Wire.last = this;
  }

  get said(): Message[] {
    return this.sent.map((frame) => split(frame).message);
  }

  send(frame: Uint8Array<ArrayBuffer>): void {
    this.sent.push(frame);
  }

  close(): void {
    this.readyState = 3;
  }

  hears(data: unknown): void {
    this.dispatchEvent(new MessageEvent("message", { data }));
  }

  hearsMessage(message: Message): void {
    this.hears(join(message).buffer);
  }

  hearsProof(token = OFFER.token): void {
    const dial = this.said[0];
    if (dial?.type !== "link.dial") throw new Error("the page did not dial");
    this.hearsMessage({ type: "link.proof", nonce: KERNEL_NONCE, proof: proofOf("kernel", token, dial.nonce, KERNEL_NONCE) });
  }
}

describe("Socket.dial", () => {
  let scope: AbortController;
  let dialled: Promise<Socket>;

  beforeEach(() => {
    vi.stubGlobal("WebSocket", Object.assign(Wire, { OPEN: 1 }));
    scope = new AbortController();
    dialled = Socket.dial("ws://127.0.0.1:4567/ipymedia/link", OFFER, "page", scope.signal);
    Wire.last.dispatchEvent(new Event("open"));
  });

  afterEach(() => {
    vi.unstubAllGlobals();
  });

  it("says which offer it takes, and a nonce, and nothing else", () => {
    expect(Wire.last.said).toEqual([
      { type: "link.dial", offer: "the offer", page: "page", nonce: expect.stringMatching(/^[0-9a-f]{32}$/u) as string },
    ]);
  });

  it("proves itself to a kernel that proved itself, and carries then", async () => {
    const wire = Wire.last;
    wire.hearsProof();
    const [dial, proof] = wire.said;
    expect(proof).toEqual({
      type: "link.proof",
      proof: proofOf("page", OFFER.token, dial?.type === "link.dial" ? dial.nonce : "", KERNEL_NONCE),
    });
    wire.hearsMessage({ type: "link.ready" });
    const socket = await dialled;
    const received = vi.fn<(received: unknown) => void>();
    socket.listen({ received, closed: () => undefined }, scope.signal);
    wire.hearsMessage({ type: "link.pong", time_us: 5 });
    expect(received.mock.calls[0]?.[0]).toMatchObject({ message: { type: "link.pong", time_us: 5 } });
    wire.hears(new ArrayBuffer(2));
    expect(wire.readyState, "what is malformed ends the socket").toBe(3);
  });

  it.each<[string, (wire: Wire) => void]>([
    ["a proof of another token", (wire) => wire.hearsProof("another token")],
    ["its own nonce as proof", (wire) => wire.hearsMessage({ type: "link.proof", nonce: "", proof: "" })],
    ["that all is well, without proof", (wire) => wire.hearsMessage({ type: "link.ready" })],
    ["a frame", (wire) => wire.hearsMessage({ type: "link.pong", time_us: 1 })],
    ["text", (wire) => wire.hears('{"type":"link.ready"}')],
    ["bytes that are no message", (wire) => wire.hears(new Uint8Array([255, 255, 255, 255, 1]).buffer)],
    ["nothing, and hangs up", (wire) => wire.dispatchEvent(new Event("close"))],
    ["an error", (wire) => wire.dispatchEvent(new Event("error"))],
  ])("refuses an other end that says %s, and tells it nothing more", async (_, speak) => {
    const wire = Wire.last;
    speak(wire);
    await expect(dialled).rejects.toThrow(/./u);
    wire.hearsProof(); // too late
    wire.hearsMessage({ type: "link.ready" });
    expect(wire.said.map(({ type }) => type)).toEqual(["link.dial"]);
    expect(wire.readyState).toBe(3);
    expect(new TextDecoder("latin1").decode(wire.sent[0])).not.toContain(OFFER.token);
  });

  it("refuses a second proof", async () => {
    Wire.last.hearsProof();
    Wire.last.hearsProof();
    await expect(dialled).rejects.toThrow("out of order");
  });

  it("gives up when it is told to", async () => {
    scope.abort();
    await expect(dialled).rejects.toThrow("given up");
    expect(Wire.last.readyState).toBe(3);
  });
});
