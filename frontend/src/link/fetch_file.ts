/** A file that the kernel hands out, as an address that media elements take: by HTTP, or fetched over the link. */
import { abortReason } from "../abort_reason";
import type { Bytes } from "../protocol/framing";
import type { ServedFile } from "../protocol/messages.gen";
import { FILE_PART_BYTES } from "../protocol/messages.gen";
import type { Link } from "./link";

const IN_FLIGHT = 4;
/** A part that did not come for so long is asked for again; after some attempts the file is given up. */
const PATIENCE_MS = 5000;
const ATTEMPTS = 6;

/** Resolves with the address; one that was made for the page ends with the signal. `progress` is told 0 to 1. */
export async function addressOf(
  link: Link,
  file: ServedFile,
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<string> {
  const url = link.fileUrl(file);
  if (url !== null) return url;
  const made = URL.createObjectURL(await fetchFile(link, file, progress, signal));
  if (signal.aborted) URL.revokeObjectURL(made);
  signal.addEventListener("abort", () => URL.revokeObjectURL(made), { once: true });
  return made;
}

/** The whole file, part by part over the link; rejects when it is gone, or the signal aborts. */
export async function fetchFile(
  link: Link,
  file: ServedFile,
  progress: (share: number) => void,
  signal: AbortSignal,
): Promise<Blob> {
  const count = Math.ceil(file.size / FILE_PART_BYTES);
  const parts: Bytes[] = Array.from({ length: count });
  let next = 0;
  let done = 0;
  const fetchParts = async (): Promise<void> => {
    while (next < count) {
      const index = next;
      next += 1;
      parts[index] = await fetchPart(link, file, index * FILE_PART_BYTES, signal);
      done += 1;
      progress(done / count);
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, count) }, fetchParts));
  return new Blob(parts, { type: file.mime_type });
}

async function fetchPart(link: Link, file: ServedFile, offset: number, signal: AbortSignal): Promise<Bytes> {
  const length = Math.min(FILE_PART_BYTES, file.size - offset);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const bytes = await askPart(link, file.file, offset, length, signal);
    if (bytes === null) continue;
    if (bytes.length !== length) throw new Error("The file is not there any more, or was changed: run the cell again.");
    return bytes;
  }
  throw new Error("The kernel did not send the file. Is it busy? Try again.");
}

/** One part, or null when it did not come in time. */
async function askPart(link: Link, file: string, offset: number, length: number, signal: AbortSignal): Promise<Bytes | null> {
  return new Promise((resolve, reject) => {
    const scope = new AbortController();
    const end = (give: () => void): void => {
      clearTimeout(timer);
      scope.abort();
      give();
    };
    const timer = setTimeout(() => end(() => resolve(null)), PATIENCE_MS);
    link.on(
      "file.part",
      (message, buffer) => {
        if (message.file === file && message.offset === offset) end(() => resolve(buffer.slice()));
      },
      scope.signal,
    );
    signal.addEventListener("abort", () => end(() => reject(abortReason(signal))), { signal: scope.signal });
    link.send({ type: "file.read", file, offset, length });
  });
}
