/**
 * The chunks of one recording on their way: numbered, sent within a window, kept until the kernel has written them.
 *
 * What the kernel can't take now waits in memory at first, then on the shelf; after a loss it follows in order.
 */
import type { Bytes } from "../protocol/framing";
import { RECORDER_CHUNK_BYTES, RECORDER_KEPT_BYTES, RECORDER_WINDOW_BYTES } from "../protocol/messages.gen";
import type { Shelf } from "./shelf";

interface Chunk {
  readonly sequence: number;
  readonly size: number;
  readonly last: boolean;
  /** Null while it is on the shelf. */
  bytes: Bytes | null;
}

const IN_MEMORY_BYTES = 2 * RECORDER_WINDOW_BYTES;
/** Without an acknowledgement for so long, what was sent is sent again. */
const RETRY_MS = 2000;

export interface ChunksListener {
  send(sequence: number, last: boolean, bytes: Bytes): void;
  /** The kernel has written all. */
  done(): void;
  /** More than a page may keep is waiting. */
  full(): void;
  /** What was put away can't be read any more. */
  lost(error: unknown): void;
}

export class Chunks {
  readonly #listener: ChunksListener;
  readonly #shelf: Shelf;
  readonly #retry: ReturnType<typeof setInterval>;
  #chunks: Chunk[] = [];
  #next = 0;
  /** The first that was not sent, or is to be sent again. */
  #cursor = 0;
  #acknowledgedMs = performance.now();
  #pumping = false;
  #ended = false;
  /** The head of the file: without it the rest does not play. */
  #head: Bytes | null = null;

  constructor(listener: ChunksListener, shelf: Shelf) {
    this.#listener = listener;
    this.#shelf = shelf;
    this.#retry = setInterval(() => this.#retryLate(), RETRY_MS);
  }

  /** How much waits for the kernel. */
  get waitingBytes(): number {
    return this.#chunks.reduce((sum, chunk) => sum + chunk.size, 0);
  }

  add(bytes: Bytes): void {
    this.#head ??= bytes;
    for (let from = 0; from < bytes.length; from += RECORDER_CHUNK_BYTES) {
      this.#push(bytes.subarray(from, from + RECORDER_CHUNK_BYTES), false);
    }
    if (this.waitingBytes > RECORDER_KEPT_BYTES) this.#listener.full();
    void this.#shelve();
    void this.#pump();
  }

  /** No more chunks come. */
  finish(): void {
    this.#push(new Uint8Array(0), true);
    void this.#pump();
  }

  acknowledge(sequence: number): void {
    const done = this.#chunks.filter((chunk) => chunk.sequence <= sequence);
    if (done.length === 0) return;
    this.#acknowledgedMs = performance.now();
    this.#chunks = this.#chunks.filter((chunk) => chunk.sequence > sequence);
    for (const chunk of done) if (chunk.bytes === null) void this.#shelf.remove(chunk.sequence);
    if (done.some((chunk) => chunk.last)) {
      this.end();
      this.#listener.done();
    } else void this.#pump();
  }

  /** The kernel is heard again, or by another way: all that it has not written goes again, from `sequence` on. */
  resume(sequence: number): void {
    this.acknowledge(sequence - 1);
    this.#cursor = sequence;
    void this.#pump();
  }

  resend(): void {
    this.resume(this.#chunks[0]?.sequence ?? this.#next);
  }

  /** What the kernel has not written, with the head of the file before it: all that is left when the kernel is gone. */
  async rest(): Promise<Blob> {
    const parts: Bytes[] = [];
    if (this.#head !== null && this.#chunks[0]?.sequence !== 0) parts.push(this.#head);
    for (const chunk of this.#chunks) parts.push(chunk.bytes ?? (await this.#shelf.get(chunk.sequence)));
    return new Blob(parts);
  }

  end(): void {
    this.#ended = true;
    clearInterval(this.#retry);
    void this.#shelf.clear();
  }

  #push(bytes: Bytes, last: boolean): void {
    this.#chunks.push({ sequence: this.#next, size: bytes.length, last, bytes });
    this.#next += 1;
  }

  #retryLate(): void {
    const waits = this.#chunks[0] !== undefined && this.#chunks[0].sequence < this.#cursor;
    if (waits && performance.now() - this.#acknowledgedMs > RETRY_MS) this.resend();
  }

  async #pump(): Promise<void> {
    if (this.#pumping) return;
    this.#pumping = true;
    try {
      for (;;) {
        const chunk = this.#ended ? undefined : this.#chunks.find(({ sequence }) => sequence >= this.#cursor);
        if (chunk === undefined || this.#sentBytes() >= RECORDER_WINDOW_BYTES) return;
        const bytes = chunk.bytes ?? (await this.#shelf.get(chunk.sequence));
        if (chunk.sequence < this.#cursor) continue; // it was acknowledged meanwhile
        this.#cursor = chunk.sequence + 1;
        this.#listener.send(chunk.sequence, chunk.last, bytes);
      }
    } catch (error) {
      if (!this.#ended) this.#listener.lost(error);
    } finally {
      this.#pumping = false;
    }
  }

  #sentBytes(): number {
    return this.#chunks.reduce((sum, { sequence, size }) => sum + (sequence < this.#cursor ? size : 0), 0);
  }

  /** Puts the newest chunks away while too many are in memory. */
  async #shelve(): Promise<void> {
    const held = this.#chunks.filter((chunk) => chunk.bytes !== null);
    let bytes = held.reduce((sum, chunk) => sum + chunk.size, 0);
    for (const chunk of held.toReversed()) {
      if (bytes <= IN_MEMORY_BYTES) return;
      if (chunk.bytes === null || chunk.size === 0) continue;
      if (!(await this.#shelf.put(chunk.sequence, chunk.bytes))) return;
      chunk.bytes = null;
      bytes -= chunk.size;
    }
  }
}
