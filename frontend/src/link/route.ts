/**
 * Which address leads to the kernel's socket, and how soon to try again: through jupyter-server-proxy behind Jupyter's
 * own login, or, only where the page's host is loopback and the proxy did not answer, straight.
 */
import { isLoopback } from "../page";
import type { LinkOffer } from "../protocol/messages.gen";
import { SOCKET_PATH } from "./socket";

const FILE_PATH = "ipymedia/file";

type Way = "proxy" | "straight";

const SOON_MS = 450;
const SELDOM_MS = 20_000;
/** So many failures in a row are no hiccup. */
const PATIENT = 40;

export class Route {
  #way: Way = "proxy";
  #failures = 0;
  #worked = false;

  /** The address to dial, or null where none can lead there. */
  url(offer: LinkOffer, baseUrl: string | null): string | null {
    const secure = location.protocol === "https:";
    if (this.#way === "proxy" && baseUrl !== null) {
      return `${secure ? "wss" : "ws"}://${location.host}${baseUrl}proxy/127.0.0.1:${offer.port}/${SOCKET_PATH}`;
    }
    return isLoopback(location.hostname) ? `ws://127.0.0.1:${offer.port}/${SOCKET_PATH}` : null;
  }

  /** The address of a file that the kernel hands out, or null where no way is known to lead there. */
  fileUrl(port: number, file: string, baseUrl: string | null): string | null {
    if (!this.#worked || port === 0) return null;
    if (this.#way === "straight") return `http://127.0.0.1:${port}/${FILE_PATH}/${file}`;
    return baseUrl === null ? null : `${location.origin}${baseUrl}proxy/127.0.0.1:${port}/${FILE_PATH}/${file}`;
  }

  worked(): void {
    this.#worked = true;
    this.#failures = 0;
  }

  /**
   * The next attempt, on an offer of its own, takes the other way where there is one and this one never worked. Tells
   * whether that way was not tried yet.
   */
  failed(): boolean {
    this.#failures += 1;
    if (this.#worked || !isLoopback(location.hostname)) return false;
    this.#way = this.#way === "proxy" ? "straight" : "proxy";
    return this.#failures === 1;
  }

  /** How long to wait between two offers: a socket that worked is wanted back soon. */
  get patienceMs(): number {
    if (this.#worked) return this.#failures < PATIENT ? SOON_MS : SELDOM_MS / 4;
    return this.#failures < 3 ? SOON_MS : SELDOM_MS;
  }
}
