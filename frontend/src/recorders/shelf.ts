/**
 * Where chunks wait that the kernel can't take now: a folder of the page's own in the origin private file system, a file
 * for each. Where there is none (insecure pages), they stay in memory.
 */
import type { Bytes } from "../protocol/framing";

export class Shelf {
  readonly #name: string;
  #folder: Promise<FileSystemDirectoryHandle | null> | null = null;

  constructor(name: string) {
    this.#name = name;
  }

  /** Puts a chunk away; false where there is no such place, or no room in it. */
  async put(sequence: number, bytes: Bytes): Promise<boolean> {
    const folder = await (this.#folder ??= this.#open());
    if (folder === null) return false;
    try {
      const file = await folder.getFileHandle(String(sequence), { create: true });
      const writable = await file.createWritable();
      await writable.write(bytes);
      await writable.close();
      return true;
    } catch (error) {
      if (error instanceof DOMException) return false; // the quota is used up
      throw error;
    }
  }

  async get(sequence: number): Promise<Bytes> {
    const folder = await this.#folder;
    if (folder === null || folder === undefined) throw new Error("There is nothing on the shelf.");
    const file = await (await folder.getFileHandle(String(sequence))).getFile();
    return new Uint8Array(await file.arrayBuffer());
  }

  async remove(sequence: number): Promise<void> {
    const folder = await this.#folder;
    await folder?.removeEntry(String(sequence)).catch(() => undefined); // it is gone already
  }

  /** Removes the folder. */
  async clear(): Promise<void> {
    if (this.#folder === null || (await this.#folder) === null) return;
    const root = await navigator.storage.getDirectory();
    await root.removeEntry(this.#name, { recursive: true }).catch(() => undefined);
  }

  async #open(): Promise<FileSystemDirectoryHandle | null> {
    const storage = navigator.storage as StorageManager | undefined;
    if (typeof storage?.getDirectory !== "function") return null;
    try {
      return await (await storage.getDirectory()).getDirectoryHandle(this.#name, { create: true });
    } catch (error) {
      if (error instanceof DOMException) return null; // private windows of some browsers
      throw error;
    }
  }
}
