/**
 * The link between this page and one kernel: says hello, takes the socket where it can, the comm where not, and changes
 * when one breaks.
 *
 * `greeting → comm ⇄ socket`, `gone` at the end (the kernel restarted or the channel was closed). The page decides
 * which carrier is used and tells the kernel by using it.
 */
import type { AnyModel } from "@anywidget/types";
import { jupyterBaseUrl, newId, nowUs } from "../page";
import type { Bytes, Received } from "../protocol/framing";
import { Assembler, isMessage, join, pieces, ProtocolFailure } from "../protocol/framing";
import type { Capabilities, LinkOffer, LinkPiece, Message, MessageOf, ServedFile } from "../protocol/messages.gen";
import {
  KEEPALIVE_INTERVAL_S,
  MAX_MESSAGE_BYTES,
  PROTOCOL_VERSION,
  WATCH_INTERVAL_S,
} from "../protocol/messages.gen";
import { BUNDLE } from "../registry";
import { delay } from "./delay";
import { HeldCredits } from "./held_credits";
import { onKernelGone } from "./kernel_status";
import { Route } from "./route";
import { Silence } from "./silence";
import { Socket } from "./socket";

export type LinkPhase = "greeting" | "comm" | "socket" | "gone";
type Handler<T extends Message["type"]> = (message: MessageOf<T>, buffer: Bytes) => void;

const HELLO_AGAIN_MS = [250, 250, 500, 500, 500, 500, 1000, 2000] as const;

/** Events: "phase" (another carrier, gone), "loaded" (the kernel knows nothing of before), "mismatch" (reload). */
export class Link extends EventTarget {
  readonly session: string;
  readonly page: string;
  kernelCapabilities: Capabilities = { encode: [], decode: [] };
  mismatch = "";
  readonly #capabilities: Promise<Capabilities>;
  readonly #handlers = new Map<string, Set<Handler<Message["type"]>>>();
  readonly #route = new Route();
  readonly #assembler = new Assembler();
  readonly #silence = new Silence();
  readonly #credits = new HeldCredits((credit) => this.#overComm(credit));
  #phase: LinkPhase = "greeting";
  #load = newId();
  #model: AnyModel | null = null;
  #scope = new AbortController();
  #socket: Socket | null = null;
  #dialling = false;
  #live = 0;
  #liveScope: AbortController | null = null;
  #pieced = 0;

  constructor(session: string, page: string, capabilities: Promise<Capabilities>) {
    super();
    this.session = session;
    this.page = page;
    this.#capabilities = capabilities;
  }

  get phase(): LinkPhase {
    return this.#phase;
  }

  get carrier(): "socket" | "comm" {
    return this.#phase === "socket" ? "socket" : "comm";
  }

  /** How much waits in the page to leave it. */
  get bufferedBytes(): number {
    return this.#socket?.bufferedBytes ?? 0;
  }

  /** A channel to the kernel is there: the first one, or one after `Widget.close_all()`. */
  attach(model: AnyModel, signal: AbortSignal): void {
    this.#scope.abort();
    this.#scope = new AbortController();
    this.#model = model;
    this.#load = newId();
    const scope = AbortSignal.any([signal, this.#scope.signal]);
    model.on("msg:custom", this.#onCustom);
    scope.addEventListener("abort", () => model.off("msg:custom", this.#onCustom));
    signal.addEventListener("abort", () => this.#gone(model));
    window.addEventListener("pagehide", () => this.#overComm({ type: "link.bye" }), { signal: scope });
    onKernelGone(model, () => this.#gone(model), scope);
    this.#enter("greeting");
    void this.#greet(scope);
  }

  on<T extends Message["type"]>(type: T, handler: Handler<T>, signal?: AbortSignal): void {
    let handlers = this.#handlers.get(type);
    if (handlers === undefined) this.#handlers.set(type, (handlers = new Set()));
    const known = handlers;
    const general = handler as unknown as Handler<Message["type"]>;
    known.add(general);
    signal?.addEventListener("abort", () => known.delete(general), { once: true });
  }

  /** Sends over the carrier in use. Before the kernel's welcome only chunks are asked for: "loaded" tells when to begin. */
  send(message: Message, buffer?: Bytes): void {
    if (this.#phase === "socket") this.#socket?.send(message, buffer);
    else if (this.#phase === "comm" && message.type === "frame.credit") this.#credits.take(message);
    else if (this.#phase === "comm" || message.type === "link.want_chunk") {
      this.#overComm(message, buffer);
      if (message.type === "frame.data") this.#credits.frameSent();
    }
  }

  /** Where a file of the kernel's can be fetched, or null where only this link leads to the kernel. */
  fileUrl({ port, file }: ServedFile): string | null {
    return this.#route.fileUrl(port, file, jupyterBaseUrl());
  }

  /** Something is live until the signal aborts: the socket is dialled, and watched. */
  hold(signal: AbortSignal): void {
    this.#live += 1;
    if (this.#live === 1) this.#watch();
    signal.addEventListener(
      "abort",
      () => {
        this.#live -= 1;
        if (this.#live === 0) this.#liveScope?.abort();
      },
      { once: true },
    );
  }

  // --- greeting ------------------------------------------------------------------------------------------------------

  async #greet(signal: AbortSignal): Promise<void> {
    const capabilities = await this.#capabilities;
    for (let attempt = 0; !signal.aborted && this.#phase === "greeting"; attempt += 1) {
      this.#overComm({
        type: "link.hello",
        version: PROTOCOL_VERSION,
        page: this.page,
        load: this.#load,
        bundle: BUNDLE,
        origin: location.origin,
        secure: isSecureContext,
        capabilities,
      });
      // The first one may wait in the queue of a busy main shell, before the page has a subshell: say it again.
      await delay(HELLO_AGAIN_MS[Math.min(attempt, HELLO_AGAIN_MS.length - 1)] ?? 2000, signal);
    }
  }

  #gone(model: AnyModel): void {
    if (this.#model !== model || this.#phase === "gone") return;
    this.#dropSocket();
    this.#enter("gone");
    this.#scope.abort();
  }

  // --- what arrives --------------------------------------------------------------------------------------------------

  readonly #onCustom = (content: unknown, buffers: readonly DataView[]): void => {
    if (typeof content !== "object" || content === null || !("page" in content) || content.page !== this.page) return;
    const message = (content as { message?: unknown }).message;
    if (!isMessage(message)) return;
    const view = buffers[0];
    const buffer =
      view === undefined
        ? new Uint8Array(0)
        : new Uint8Array(view.buffer as ArrayBuffer, view.byteOffset, view.byteLength);
    const whole = message.type === "link.piece" ? this.#assemble(message, buffer) : { message, buffer };
    if (whole !== null) this.#receive(whole);
  };

  #assemble(piece: LinkPiece, buffer: Bytes): Received | null {
    try {
      return this.#assembler.add(piece, buffer);
    } catch (error) {
      if (error instanceof ProtocolFailure) return null; // the server drops messages when a cell prints a flood
      throw error;
    }
  }

  #receive({ message, buffer }: Received): void {
    this.#silence.heard(performance.now());
    if (message.type === "link.welcome") this.#welcomed(message);
    else if (message.type === "link.mismatch") this.#mismatched(message);
    else if (message.type === "link.offer") void this.#dial(message);
    else for (const handler of this.#handlers.get(message.type) ?? []) handler(message, buffer);
  }

  #welcomed(message: MessageOf<"link.welcome">): void {
    if (this.#phase !== "greeting") return;
    this.kernelCapabilities = message.capabilities;
    this.#enter("comm");
    this.dispatchEvent(new Event("loaded"));
  }

  #mismatched(message: MessageOf<"link.mismatch">): void {
    if (message.version !== PROTOCOL_VERSION) {
      this.mismatch = message.message;
      this.dispatchEvent(new Event("mismatch"));
      this.#scope.abort();
      return;
    }
    // The kernel took this page for lost (a laptop slept): begin again.
    if (this.#phase === "greeting" || this.#phase === "gone") return;
    this.#dropSocket();
    this.#load = newId();
    this.#enter("greeting");
    void this.#greet(this.#scope.signal);
  }

  // --- carriers ------------------------------------------------------------------------------------------------------

  async #dial(offer: LinkOffer): Promise<void> {
    const url = this.#route.url(offer, jupyterBaseUrl());
    if (this.#socket !== null || this.#dialling || url === null) return;
    this.#dialling = true;
    const signal = this.#scope.signal;
    try {
      const socket = await Socket.dial(url, offer, this.page, signal);
      this.#route.worked();
      this.#use(socket);
    } catch {
      // Where neither way leads there the comm carries; the badge and `doctor` say so.
      if (this.#route.failed()) this.#overComm({ type: "link.want_offer", origin: location.origin });
    } finally {
      this.#dialling = false;
    }
  }

  #use(socket: Socket): void {
    if (this.#phase !== "comm") {
      socket.close();
      return;
    }
    this.#socket = socket;
    this.#silence.heard(performance.now());
    const closed = (): void => {
      if (this.#socket !== socket) return;
      this.#socket = null;
      if (this.#phase === "socket") this.#enter("comm");
    };
    socket.listen({ received: (received) => this.#receive(received), closed }, this.#scope.signal);
    this.#enter("socket");
  }

  #dropSocket(): void {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /** The socket does not carry any more, though nobody closed it. */
  #abandonSocket(): void {
    this.#dropSocket();
    this.#enter("comm");
    this.#overComm({ type: "link.use", carrier: "comm" });
  }

  #watch(): void {
    const scope = new AbortController();
    this.#liveScope = scope;
    let wantedMs = 0;
    let keptMs = performance.now();
    const tick = (): void => {
      const nowMs = performance.now();
      if (this.#phase === "socket") {
        const verdict = this.#silence.look(nowMs);
        if (verdict === "broken") this.#abandonSocket();
        else if (verdict === "ask") this.send({ type: "link.ping", time_us: nowUs() });
        if (nowMs - keptMs > 1000 * KEEPALIVE_INTERVAL_S) {
          keptMs = nowMs;
          this.#overComm({ type: "link.keepalive" });
        }
      } else if (this.#phase === "comm" && !this.#dialling && nowMs - wantedMs > this.#route.patienceMs) {
        wantedMs = nowMs;
        this.#overComm({ type: "link.want_offer", origin: location.origin });
      }
    };
    const timer = setInterval(tick, 1000 * WATCH_INTERVAL_S);
    scope.signal.addEventListener("abort", () => clearInterval(timer));
    tick();
  }

  #overComm(message: Message, buffer?: Bytes): void {
    const model = this.#model;
    if (model === null || this.#phase === "gone") return;
    const send = (part: Message, bytes?: Bytes): void =>
      model.send({ page: this.page, message: part }, undefined, bytes === undefined ? [] : [bytes]);
    if (buffer === undefined || buffer.length < MAX_MESSAGE_BYTES) {
      send(message, buffer);
      return;
    }
    this.#pieced += 1;
    for (const piece of pieces(this.#pieced, join(message, buffer))) send(piece.message, piece.buffer);
  }

  #enter(phase: LinkPhase): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.dispatchEvent(new Event("phase"));
  }
}
