/** Parts of the bundle that are large and rare: sent by the kernel when first used, once for each page. */
import type { Link } from "./link";

const AGAIN_MS = 3000;
const JUST_ASKED_MS = 1000;

const LOADED = new Map<string, Promise<unknown>>();

/** The module of a chunk, such as "recorders"; rejects where this installation has none of the name. */
export async function loadChunk<T>(link: Link, name: string): Promise<T> {
  let module = LOADED.get(name);
  if (module === undefined) {
    module = fetchChunk(link, name);
    LOADED.set(name, module);
    module.catch(() => LOADED.delete(name)); // whoever asks again gets another attempt
  }
  return module as Promise<T>;
}

async function fetchChunk(link: Link, name: string): Promise<unknown> {
  const text = await new Promise<BlobPart>((resolve, reject) => {
    const scope = new AbortController();
    const { signal } = scope;
    let askedMs = 0;
    const ask = (): void => {
      askedMs = performance.now();
      link.send({ type: "link.want_chunk", name });
    };
    const again = setInterval(ask, AGAIN_MS);
    signal.addEventListener("abort", () => clearInterval(again));
    link.on(
      "link.chunk",
      (message, buffer) => {
        if (message.name !== name) return;
        scope.abort();
        if (buffer.length > 0) resolve(buffer.slice());
        else reject(new Error(`This installation has no part “${name}”: install the package again, then reload the page.`));
      },
      signal,
    );
    // Another kernel. The one that was just greeted was asked before its welcome, and answers.
    link.addEventListener("loaded", () => performance.now() - askedMs > JUST_ASKED_MS && ask(), { signal });
    link.addEventListener(
      "phase",
      () => {
        if (link.phase !== "gone") return;
        scope.abort();
        reject(new Error("The kernel is gone."));
      },
      { signal },
    );
    ask();
  });
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return (await import(url)) as unknown;
  } finally {
    URL.revokeObjectURL(url);
  }
}
