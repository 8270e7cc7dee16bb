/** How one message and its buffer become bytes on a socket, and back; see `src/ipymedia/protocol/framing.py`. */
import type { LinkPiece, Message } from "./messages.gen";
import { MAX_ASSEMBLED_BYTES, MAX_HEADER_BYTES, MAX_MESSAGE_BYTES } from "./messages.gen";

export type Bytes = Uint8Array<ArrayBuffer>;
export interface Received {
  readonly message: Message;
  readonly buffer: Bytes;
}

const LENGTH_BYTES = 4;
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const EMPTY: Bytes = new Uint8Array(0);

export class ProtocolFailure extends Error {
  override readonly name = "ProtocolFailure";
}

export function join(message: Message, buffer: Bytes = EMPTY): Bytes {
  const header = encoder.encode(JSON.stringify(message));
  const frame = new Uint8Array(LENGTH_BYTES + header.length + buffer.length);
  new DataView(frame.buffer).setUint32(0, header.length, true);
  frame.set(header, LENGTH_BYTES);
  frame.set(buffer, LENGTH_BYTES + header.length);
  return frame;
}

export function split(frame: Bytes): Received {
  if (frame.length < LENGTH_BYTES) throw new ProtocolFailure("a message has no header");
  const length = new DataView(frame.buffer, frame.byteOffset).getUint32(0, true);
  const end = LENGTH_BYTES + length;
  if (length > MAX_HEADER_BYTES * 16 || end > frame.length) throw new ProtocolFailure("a message ends too early");
  return { message: parse(frame.subarray(LENGTH_BYTES, end)), buffer: frame.subarray(end) };
}

/** The kernel proved who it is, and its structs made the message: only the shape that dispatching needs is checked. */
export function isMessage(value: unknown): value is Message {
  return typeof value === "object" && value !== null && "type" in value && typeof value.type === "string";
}

export function* pieces(number: number, frame: Bytes): Generator<{ message: LinkPiece; buffer: Bytes }> {
  const room = MAX_MESSAGE_BYTES - 1024;
  const count = Math.ceil(frame.length / room);
  for (let index = 0; index < count; index += 1) {
    yield {
      message: { type: "link.piece", message: number, index, count },
      buffer: frame.subarray(index * room, (index + 1) * room),
    };
  }
}

/** Puts pieces together again: one message at a time, in order, bounded. */
export class Assembler {
  #parts: Bytes[] = [];
  #bytes = 0;
  #number = -1;

  add(piece: LinkPiece, buffer: Bytes): Received | null {
    if (piece.index === 0) this.#reset(piece.message);
    if (piece.message !== this.#number || piece.index !== this.#parts.length) {
      this.#reset(-1);
      throw new ProtocolFailure("part of a message came out of order");
    }
    this.#bytes += buffer.length;
    if (this.#bytes > MAX_ASSEMBLED_BYTES) {
      this.#reset(-1);
      throw new ProtocolFailure("a message is too large");
    }
    this.#parts.push(buffer.slice());
    if (this.#parts.length < piece.count) return null;
    const frame = new Uint8Array(this.#bytes);
    let offset = 0;
    for (const part of this.#parts) {
      frame.set(part, offset);
      offset += part.length;
    }
    this.#reset(-1);
    return split(frame);
  }

  #reset(number: number): void {
    this.#parts = [];
    this.#bytes = 0;
    this.#number = number;
  }
}

function parse(header: Bytes): Message {
  let value: unknown;
  try {
    value = JSON.parse(decoder.decode(header));
  } catch (error) {
    throw new ProtocolFailure("a message's header is no JSON", { cause: error });
  }
  if (!isMessage(value)) throw new ProtocolFailure("a message has no type");
  return value;
}
