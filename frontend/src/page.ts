/** Who this page is: an id that outlives a reload and is no other page's, and where its Jupyter server is. */

const STORAGE_KEY = "ipymedia.page";

/**
 * The page's id. It stands in the tab's session storage, so that the page is the same after a reload; a duplicated tab
 * copies the storage, so that a lock decides which of the two keeps the id.
 */
export async function pageId(): Promise<string> {
  let id = read() ?? newId();
  if ("locks" in navigator && !(await holdLock(id))) {
    id = newId();
    await holdLock(id);
  }
  write(id);
  return id;
}

/** The base URL of the Jupyter server, with a slash at its end, or null where the host has none (VS Code, Colab). */
export function jupyterBaseUrl(): string | null {
  const config = document.getElementById("jupyter-config-data")?.textContent;
  if (config) {
    try {
      const { baseUrl } = JSON.parse(config) as { baseUrl?: unknown };
      if (typeof baseUrl === "string") return new URL(baseUrl, location.href).pathname.replace(/\/?$/u, "/");
    } catch {
      return null; // not Jupyter's: some other page that uses this id
    }
  }
  const classic = document.body.dataset["baseUrl"];
  return classic === undefined ? null : new URL(classic, location.href).pathname.replace(/\/?$/u, "/");
}

export function isLoopback(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || host === "[::1]" || /^127(?:\.\d+){3}$/u.test(host);
}

/** The time in microseconds of this page's clock; what frames carry. */
export function nowUs(): number {
  return Math.round((performance.timeOrigin + performance.now()) * 1000);
}

/** 128 random bits, as hex; works without a secure context, unlike `crypto.randomUUID`. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function read(): string | null {
  try {
    return sessionStorage.getItem(STORAGE_KEY);
  } catch {
    return null; // storage is denied: the page is a new one after a reload
  }
}

function write(id: string): void {
  try {
    sessionStorage.setItem(STORAGE_KEY, id);
  } catch {
    // storage is denied: see read()
  }
}

/** Holds the lock until the page ends; false when another page has it. */
async function holdLock(id: string): Promise<boolean> {
  return new Promise((resolve) => {
    void navigator.locks
      .request(`${STORAGE_KEY}.${id}`, { ifAvailable: true }, async (lock) => {
        resolve(lock !== null);
        if (lock !== null) await new Promise(() => undefined);
      })
      .catch(() => resolve(true));
  });
}
