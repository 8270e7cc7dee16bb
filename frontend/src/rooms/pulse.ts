/** What pages say to each other on a connection's data channel, once a second: that they are there, and what they send. */

export interface PeerSwitches {
  readonly microphone: boolean;
  readonly camera: boolean;
  readonly screen: boolean;
}

const LONGEST = 1000;
/** Where so much waits the way is blocked, and pulses would only heap up. */
const MOST_WAITING_BYTES = 4096;
/** Both sides make the channel by themselves, under this number (W3C `RTCDataChannelInit.negotiated`). */
const NUMBER = 0;

interface PulseListener {
  opened(): void;
  heard(switches: PeerSwitches): void;
  /** The other side said goodbye, or its end is closed. */
  ended(): void;
}

export class Pulse {
  readonly #channel: RTCDataChannel;

  constructor(connection: RTCPeerConnection, listener: PulseListener, signal: AbortSignal) {
    this.#channel = connection.createDataChannel("pulse", { negotiated: true, id: NUMBER });
    this.#channel.addEventListener(
      "message",
      ({ data }: MessageEvent<unknown>) => {
        const said = parsePulse(data);
        if (said === "bye") listener.ended();
        else if (said !== null) listener.heard(said);
      },
      { signal },
    );
    this.#channel.addEventListener("open", () => listener.opened(), { signal });
    this.#channel.addEventListener("close", () => listener.ended(), { signal });
  }

  say(switches: PeerSwitches): void {
    this.#send(switches);
  }

  /** So that the other side need not wait until nothing comes any more. */
  bye(): void {
    this.#send({ bye: true });
    this.#channel.close();
  }

  #send(content: object): void {
    if (this.#channel.readyState === "open" && this.#channel.bufferedAmount < MOST_WAITING_BYTES) {
      this.#channel.send(JSON.stringify(content));
    }
  }
}

/** What a message says; null when it is none that this page knows. */
export function parsePulse(data: unknown): PeerSwitches | "bye" | null {
  if (typeof data !== "string" || data.length > LONGEST) return null;
  let said: unknown;
  try {
    said = JSON.parse(data);
  } catch {
    return null;
  }
  if (typeof said !== "object" || said === null) return null;
  const { bye, microphone, camera, screen } = said as Record<string, unknown>;
  if (bye === true) return "bye";
  if (typeof microphone !== "boolean" || typeof camera !== "boolean" || typeof screen !== "boolean") return null;
  return { microphone, camera, screen };
}
