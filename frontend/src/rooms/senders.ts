/** What a connection sends: one track of sound, one of pictures, exchanged without a negotiation. */
import { encodingLimits } from "./encoding";

export interface OwnTracks {
  readonly audio: MediaStreamTrack | null;
  readonly video: MediaStreamTrack | null;
  readonly screen: boolean;
}

/** W3C webrtc-stats: `RTCAudioSourceStats`. */
interface SourceStats {
  readonly type: string;
  readonly audioLevel?: number;
}

type Kind = "audio" | "video";

/**
 * The codecs of pictures, the one that costs least without a GPU first: a picture of 640×480 took 4 ms with OpenH264, 20 ms with
 * libvpx; four people on two cores had 22 pictures a second of each other by the one, and seconds of delay by the other.
 */
const CODECS = ["video/H264", "video/VP8", "video/VP9", "video/AV1"] as const;

const KINDS = ["audio", "video"] as const;

export class Senders {
  readonly #connection: RTCPeerConnection;
  readonly #senders: Partial<Record<Kind, RTCRtpSender>> = {};
  /** Sound and pictures of one stream are played in step. */
  readonly #stream: MediaStream;
  #tracks: OwnTracks = { audio: null, video: null, screen: false };
  #others = 1;
  #limited = "";
  #queue: Promise<void> = Promise.resolve();

  constructor(connection: RTCPeerConnection, stream: MediaStream) {
    this.#connection = connection;
    this.#stream = stream;
  }

  /** This side makes the first offer. */
  open(): void {
    for (const kind of KINDS) {
      const transceiver = this.#connection.addTransceiver(kind, { direction: "sendrecv", streams: [this.#stream] });
      this.#use(kind, transceiver);
    }
  }

  /** The other side made it: the same transceivers send this side's tracks. */
  adopt(): void {
    for (const transceiver of this.#connection.getTransceivers()) {
      const kind = transceiver.receiver.track.kind as Kind;
      if (this.#senders[kind] !== undefined || transceiver.currentDirection === "stopped") continue;
      transceiver.direction = "sendrecv";
      transceiver.sender.setStreams(this.#stream);
      this.#use(kind, transceiver);
    }
  }

  carry(tracks: OwnTracks): void {
    this.#tracks = tracks;
    for (const kind of KINDS) this.#replace(kind);
    this.limit(this.#others);
  }

  /** Bounds size and rate to what is left for each of so many people; again when the picture's size may have changed. */
  limit(others: number): void {
    this.#others = others;
    const sender = this.#senders.video;
    const track = this.#tracks.video;
    if (sender === undefined || track === null) return;
    const { width = 640, height = 480 } = track.getSettings();
    const limits = encodingLimits(width, height, this.#tracks.screen, others);
    const text = JSON.stringify(limits);
    if (text === this.#limited) return;
    this.#limited = text;
    const preference = this.#tracks.screen ? "maintain-resolution" : "maintain-framerate";
    // One after the other: a browser refuses parameters that were read before the last ones were set.
    this.#queue = this.#queue.then(async () => {
      const parameters = sender.getParameters();
      if (parameters.encodings.length === 0) parameters.encodings = [{}];
      for (const encoding of parameters.encodings) Object.assign(encoding, limits);
      parameters.degradationPreference = preference;
      await sender.setParameters(parameters).catch(() => {
        this.#limited = ""; // a negotiation was under way: the next call tries again
      });
    });
  }

  /** How loud this side's sound is, 0 to 1; null where this browser does not tell. */
  async level(): Promise<number | null> {
    const report: ReadonlyMap<string, SourceStats> | undefined = await this.#senders.audio?.getStats();
    for (const { type, audioLevel } of report?.values() ?? []) if (type === "media-source") return audioLevel ?? null;
    return null;
  }

  #use(kind: Kind, transceiver: RTCRtpTransceiver): void {
    this.#senders[kind] = transceiver.sender;
    if (kind === "video") preferCodecs(transceiver);
    // As early as the browser may play it: conversations suffer from delay more than from a lost picture.
    Object.assign(transceiver.receiver, { jitterBufferTarget: 0 });
    this.#replace(kind);
    if (kind === "video") this.limit(this.#others);
  }

  #replace(kind: Kind): void {
    const sender = this.#senders[kind];
    const track = this.#tracks[kind];
    if (sender === undefined || sender.track === track) return;
    // Rejects where the connection was closed meanwhile.
    sender.replaceTrack(track).catch(() => undefined);
  }
}

function preferCodecs(transceiver: RTCRtpTransceiver): void {
  const codecs = RTCRtpReceiver.getCapabilities("video")?.codecs ?? [];
  if (codecs.length > 0) transceiver.setCodecPreferences([...codecs].sort((a, b) => rankOf(a) - rankOf(b)));
}

function rankOf({ mimeType }: { mimeType: string }): number {
  const index = (CODECS as readonly string[]).indexOf(mimeType);
  return index < 0 ? CODECS.length : index;
}
