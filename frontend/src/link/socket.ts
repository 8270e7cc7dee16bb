/** The socket carrier's page end: dials once on an offer, proves and has proved, then carries messages. */
import { newId } from "../page";
import type { Bytes, Received } from "../protocol/framing";
import { Assembler, join, pieces, ProtocolFailure, split } from "../protocol/framing";
import type { LinkOffer, Message } from "../protocol/messages.gen";
import { MAX_MESSAGE_BYTES } from "../protocol/messages.gen";
import { equalProofs, proofOf } from "./handshake";

/** How long a dial may take; a stalled way must not keep the page from trying again. */
const DIAL_TIMEOUT_MS = 2500;

export const SOCKET_PATH = "ipymedia/link";

export interface SocketListener {
  received(received: Received): void;
  closed(): void;
}

export class Socket {
  readonly #socket: WebSocket;
  readonly #assembler = new Assembler();
  #pieced = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
  }

  /** Resolves when both ends proved the offer's token; rejects when the other end is none of ours, or none is there. */
  static async dial(url: string, offer: LinkOffer, page: string, signal: AbortSignal): Promise<Socket> {
    signal.throwIfAborted();
    const socket = new WebSocket(url);
    socket.binaryType = "arraybuffer";
    const scope = AbortSignal.any([signal, AbortSignal.timeout(DIAL_TIMEOUT_MS)]);
    try {
      await shakeHands(socket, offer, page, scope);
    } catch (error) {
      socket.close();
      throw error;
    }
    return new Socket(socket);
  }

  /** How much was sent and has not left the page. */
  get bufferedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  listen(listener: SocketListener, signal: AbortSignal): void {
    this.#socket.addEventListener(
      "message",
      ({ data }) => {
        try {
          const received = split(new Uint8Array(data as ArrayBuffer));
          const whole =
            received.message.type === "link.piece"
              ? this.#assembler.add(received.message, received.buffer)
              : received;
          if (whole !== null) listener.received(whole);
        } catch (error) {
          if (!(error instanceof ProtocolFailure)) throw error;
          this.close();
        }
      },
      { signal },
    );
    this.#socket.addEventListener("close", () => listener.closed(), { signal });
  }

  send(message: Message, buffer?: Bytes): void {
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    const frame = join(message, buffer);
    if (frame.length <= MAX_MESSAGE_BYTES) {
      this.#socket.send(frame);
      return;
    }
    this.#pieced += 1;
    for (const piece of pieces(this.#pieced, frame)) this.#socket.send(join(piece.message, piece.buffer));
  }

  close(): void {
    this.#socket.close();
  }
}

async function shakeHands(socket: WebSocket, offer: LinkOffer, page: string, signal: AbortSignal): Promise<void> {
  const nonce = newId();
  return new Promise((resolve, reject) => {
    const scope = new AbortController();
    const end = (error?: Error): void => {
      scope.abort();
      if (error === undefined) resolve();
      else reject(error);
    };
    const options = { signal: scope.signal };
    signal.addEventListener("abort", () => end(new Error("the dial took too long or was given up")), options);
    socket.addEventListener("close", () => end(new Error("the socket was refused")), options);
    socket.addEventListener("error", () => end(new Error("nothing answers on the socket's address")), options);
    socket.addEventListener(
      "open",
      () => socket.send(join({ type: "link.dial", offer: offer.offer, page, nonce })),
      options,
    );
    let proved = false;
    socket.addEventListener(
      "message",
      ({ data }) => {
        if (!(data instanceof ArrayBuffer)) return end(new Error("the other end is no kernel of ours"));
        try {
          const { message } = split(new Uint8Array(data));
          if (message.type === "link.proof" && !proved) {
            const kernelNonce = message.nonce ?? "";
            if (!equalProofs(message.proof, proofOf("kernel", offer.token, nonce, kernelNonce))) {
              return end(new Error("the other end does not know the offer: an impostor"));
            }
            proved = true;
            socket.send(join({ type: "link.proof", proof: proofOf("page", offer.token, nonce, kernelNonce) }));
          } else if (message.type === "link.ready" && proved) {
            end();
          } else {
            end(new Error("the handshake came out of order"));
          }
        } catch (error) {
          end(error instanceof Error ? error : new Error(String(error)));
        }
        return undefined;
      },
      options,
    );
  });
}
