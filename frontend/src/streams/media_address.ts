/**
 * What a stream of a file plays, as an address for the browser's own elements: a file of the kernel's, an address that
 * the user gave, or the bytes in the state of ipywidgets' player. Told anew when it changes.
 */
import type { AnyModel } from "@anywidget/types";
import { abortReason } from "../abort_reason";
import { addressOf } from "../link/fetch_file";
import type { Link } from "../link/link";
import type { MediaSource } from "../protocol/messages.gen";
import { CaptureFailure } from "./capture_error";
import { managerOf, playFrom, referredId } from "./model_stream";

/** What is asked for again when no answer came: the kernel is busy, or the question was lost. */
const ASK_AGAIN_MS = 3000;
/** How long the bytes that the kernel means are waited for, where the player holds others. */
const READ_PATIENCE_MS = 2000;
/** How long a new page's socket is waited for; where none comes, the comm brings the file part by part. */
const SOCKET_PATIENCE_MS = 1500;

export interface MediaContext {
  readonly id: string;
  readonly model: AnyModel;
  readonly link: Link;
}

export interface MediaListener {
  /** `given` is true for the user's own address, which may be of another origin. */
  readonly address: (address: string, given: boolean) => void;
  readonly progress: (share: number) => void;
  readonly failed: (error: unknown) => void;
}

/** Tells the address of what the trait's player holds, now and whenever it changes, until the signal aborts. */
export function followMedia({ id, model, link }: MediaContext, trait: string, listener: MediaListener, signal: AbortSignal): void {
  let asking: ReturnType<typeof setInterval> | undefined;
  let scope = new AbortController();
  const manager = managerOf(model);
  const ask = (): void => link.send({ type: "media.ask", stream: id, reads_model: manager !== null });
  const answered = async (source: MediaSource): Promise<void> => {
    clearInterval(asking);
    scope.abort();
    scope = new AbortController();
    const part = AbortSignal.any([signal, scope.signal]);
    try {
      const { url = "", file = null } = source;
      if (url !== "") return listener.address(new URL(url, document.baseURI).href, true);
      if (file !== null) {
        listener.progress(1);
        const address = await addressOf(link, file, listener.progress, part);
        if (part.aborted) return;
        listener.address(address, false);
        // The player's own views show it too, if there are any.
        await playFrom(model, model.get(trait), address);
        return;
      }
      await readPlayer(model, trait, source.size ?? 0, (address) => listener.address(address, false), part);
    } catch (error) {
      if (!part.aborted) listener.failed(error);
    }
  };
  link.on("media.source", (message) => void (message.stream === id && answered(message)), signal);
  link.addEventListener("loaded", ask, { signal });
  signal.addEventListener("abort", () => clearInterval(asking), { once: true });
  void socketOrPatience(link, signal).then(() => {
    if (signal.aborted) return;
    ask();
    asking = setInterval(ask, ASK_AGAIN_MS);
  });
}

async function socketOrPatience(link: Link, signal: AbortSignal): Promise<void> {
  link.hold(signal);
  if (link.carrier === "socket") return;
  await new Promise<void>((resolve) => {
    const scope = new AbortController();
    const done = (): void => {
      clearTimeout(timer);
      scope.abort();
      resolve();
    };
    const timer = setTimeout(done, SOCKET_PATIENCE_MS);
    link.addEventListener("phase", () => link.carrier === "socket" && done(), { signal: scope.signal });
    signal.addEventListener("abort", done, { signal: scope.signal });
  });
}

interface PlayerModel {
  get(name: string): unknown;
  on(event: string, listener: () => void): void;
  off(event: string, listener: () => void): void;
}

/** The bytes that an ipywidgets player of this page holds, once there are as many as the kernel says, and when they change. */
async function readPlayer(
  model: AnyModel,
  trait: string,
  size: number,
  tell: (address: string) => void,
  signal: AbortSignal,
): Promise<void> {
  const id = referredId(model.get(trait));
  const player = id === null ? undefined : ((await managerOf(model)?.get_model(id)) as PlayerModel | undefined);
  if (signal.aborted) throw abortReason(signal);
  if (player === undefined) throw new CaptureFailure("no_stream", `The ${trait} was not found in this page. Run the cell again.`);
  let address = "";
  let late = false;
  const read = (): void => {
    const value = player.get("value");
    if (!late && value instanceof DataView && value.byteLength !== size) return; // the new one is on its way
    URL.revokeObjectURL(address);
    if (!(value instanceof DataView) || value.byteLength === 0) return;
    const bytes = new Uint8Array(value.buffer as ArrayBuffer, value.byteOffset, value.byteLength);
    address = URL.createObjectURL(new Blob([bytes], { type: mimeType(trait, player.get("format")) }));
    tell(address);
  };
  const patience = setTimeout(() => {
    late = true; // it changed again meanwhile: what is there must do
    if (address === "") read();
  }, READ_PATIENCE_MS);
  const changed = (): void => {
    late ||= address !== "";
    read();
  };
  player.on("change:value", changed);
  signal.addEventListener(
    "abort",
    () => {
      clearTimeout(patience);
      player.off("change:value", changed);
      URL.revokeObjectURL(address);
    },
    { once: true },
  );
  read();
}

function mimeType(trait: string, format: unknown): string {
  if (format === "svg") return "image/svg+xml";
  return `${trait}/${typeof format === "string" && /^[\w+.-]+$/u.test(format) ? format : "*"}`;
}

const NOUNS: Readonly<Record<string, string>> = { video: "film", audio: "sound" };

/** Why an element of the browser's could not take an address, found out by asking for it again. */
export async function loadFailure(what: string, address: string, given: boolean, said: string): Promise<CaptureFailure> {
  const name = given ? address : "its file";
  const other = new URL(address, document.baseURI).origin !== location.origin && given;
  try {
    const answer = await fetch(address, { headers: { Range: "bytes=0-0" }, cache: "no-store" });
    void answer.body?.cancel();
    if (answer.ok) {
      return new CaptureFailure("not_media", `The ${NOUNS[what] ?? what} was not started: the browser can't play what it found in ${name}. Is it one in a format that browsers have?`, said);
    }
    return new CaptureFailure("load_failed", `The ${NOUNS[what] ?? what} was not started: the server answered ${answer.status} for ${name}.`, said);
  } catch {
    // Told apart below: a server that is not there, and one that forbids pages of other origins to read.
  }
  if (other && (await isThere(address))) {
    return new CaptureFailure(
      "cross_origin",
      `The ${NOUNS[what] ?? what} was not started: the server of ${name} does not allow pages of ${location.origin} to read it (CORS). ` +
        "from_download() lets the kernel fetch it instead.",
      said,
    );
  }
  return new CaptureFailure("load_failed", `The ${NOUNS[what] ?? what} was not started: the browser does not reach ${name}.`, said);
}

async function isThere(address: string): Promise<boolean> {
  try {
    await fetch(address, { mode: "no-cors" });
    return true;
  } catch {
    return false;
  }
}
