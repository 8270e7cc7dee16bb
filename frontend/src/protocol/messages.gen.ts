// Generated from src/ipymedia/protocol/messages/ by `python -m ipymedia.protocol.generate`; change those files instead.

export const MAX_SIDE_PX = 8192;
export const FILE_PART_BYTES = 524288;
export const MIN_IN_FLIGHT = 2;
export const MAX_IN_FLIGHT = 8;
export const CREDIT_TIMEOUT_S = 1.0;
export const CODECS = ["h264", "vp9", "vp8", "av1", "jpeg"] as const;
export const PROTOCOL_VERSION = 1;
export const MAX_MESSAGE_BYTES = 1048576;
export const MAX_ASSEMBLED_BYTES = 67108864;
export const MAX_HEADER_BYTES = 262144;
export const SILENT_PAGE_TIMEOUT_S = 5.0;
export const OFFER_LIFETIME_S = 10.0;
export const IDLE_SOCKET_TIMEOUT_S = 30.0;
export const KEEPALIVE_INTERVAL_S = 60.0;
export const WATCH_INTERVAL_S = 0.2;
export const PING_AFTER_S = 0.25;
export const PING_TIMEOUT_S = 0.9;
export const RECORDER_TIMESLICE_MS = 500;
export const RECORDER_CHUNK_BYTES = 1044480;
export const RECORDER_WINDOW_BYTES = 4194304;
export const RECORDER_KEPT_BYTES = 536870912;
export const RECORDER_PATIENCE_S = 60.0;
export const ROOM_MOST_PEOPLE = 6;
export const ROOM_RELAY_AFTER_S = 4.0;
export const ROOM_PULSE_S = 1.0;
export const ROOM_SILENT_S = 2.5;
export const ROOM_KEPT_TEXTS = 200;
export const SOUND_RATE = 48000;
export const SOUND_FRAME_SAMPLES = 960;
export const LINGER_S = 1.0;

export type Reason = "permission_denied" | "no_device" | "device_busy" | "device_lost" | "insecure_context" | "constraints_unmet" | "captured_elsewhere" | "no_stream" | "not_media" | "load_failed" | "cross_origin" | "no_codec" | "decode_failed" | "encode_failed" | "no_page" | "blocked_while_running" | "no_webcodecs" | "timed_out" | "no_file" | "function_failed" | "bad_result" | "bad_argument" | "executor_failed" | "recording_cut" | "nothing_recorded" | "not_writable" | "disk_full" | "no_broker" | "broker_unreachable" | "broker_refused" | "bad_certificate" | "bad_invite" | "bad_name" | "room_full" | "other_version" | "not_in_room" | "peer_gone" | "not_connected" | "version_mismatch" | "malformed" | "too_large" | "out_of_order" | "closed" | "unknown";

/** Something failed on one side and concerns the other's user. */
export interface ErrorReport {
  type: "error.report";
  stream?: string;
  reason: string;
  message: string;
  detail?: string;
  request?: string;
}

/** A file that a page may fetch, as long as the kernel hands it out. */
export interface ServedFile {
  file: string;
  port: number;
  size: number;
  mime_type: string;
  name: string;
}

/** A page asks for a part of a file. */
export interface FileRead {
  type: "file.read";
  file: string;
  offset: number;
  length: number;
}

/** The part. Buffer: its bytes; fewer than were asked for at the file's end, none where there is no such file. */
export interface FilePart {
  type: "file.part";
  file: string;
  offset: number;
}

/** Overlays of one frame, and the size of the picture that their positions refer to. */
export interface Shapes {
  width: number;
  height: number;
  items: (BoxShape | LabelShape | PolylineShape | PointsShape | MaskShape)[];
  mask_bytes?: number;
}

/** How the numbers of a YUV picture mean colours (WebCodecs' VideoColorSpaceInit). */
export interface Color {
  primaries?: string;
  transfer?: string;
  matrix?: string;
  full_range?: boolean;
}

/** The kernel wants the frames of a stream that this page captures; again with other bounds changes them. */
export interface TapStart {
  type: "tap.start";
  stream: string;
  epoch: number;
  codec: string;
  width?: number;
  height?: number;
  max_fps?: number;
  bitrate_bps?: number;
}

/** Nobody in the kernel uses these frames any more. */
export interface TapStop {
  type: "tap.stop";
  stream: string;
  epoch: number;
}

/** One encoded picture, either way. Buffer: the encoded bytes (Annex B for H.264), then the masks' bits. */
export interface FrameData {
  type: "frame.data";
  stream: string;
  epoch: number;
  sequence: number;
  index: number;
  time_us: number;
  key: boolean;
  codec: string;
  codec_string?: string;
  width: number;
  height: number;
  color?: Color | null;
  shapes?: Shapes | null;
}

/** The receiver took frame `sequence` in: there is room for another one. */
export interface FrameCredit {
  type: "frame.credit";
  stream: string;
  epoch: number;
  sequence: number;
}

/** The receiver can't decode: the next frame shall be a key frame. */
export interface FrameKeyRequest {
  type: "frame.key_request";
  stream: string;
  epoch: number;
}

/** A function returned overlays alone, or nothing: draw them on the page's own frame `index` of `source`. Buffer: the masks' bits (`Shapes.mask_bytes` of them). */
export interface FrameShapes {
  type: "frame.shapes";
  stream: string;
  source: string;
  epoch: number;
  tap: number;
  sequence: number;
  index: number;
  time_us: number;
  shapes: Shapes;
}

/** The user typed a key while the picture of `stream` had the focus. */
export interface KeyTyped {
  type: "key.typed";
  stream: string;
  key: string;
}

/** What one side can: codecs by name (see `CODECS`). */
export interface Capabilities {
  encode?: string[];
  decode?: string[];
}

/** The first message of a page, over the comm: who it is and what it can. */
export interface LinkHello {
  type: "link.hello";
  version: number;
  page: string;
  load: string;
  bundle: string;
  client?: string;
  origin?: string;
  secure?: boolean;
  capabilities: Capabilities;
}

/** The kernel's answer to `LinkHello`. */
export interface LinkWelcome {
  type: "link.welcome";
  version: number;
  capabilities: Capabilities;
  during_cells: boolean;
}

/** The kernel's answer to a page of another version, or to a page that it does not know (say hello again). */
export interface LinkMismatch {
  type: "link.mismatch";
  version: number;
  message: string;
}

/** The page wants to dial the socket. */
export interface LinkWantOffer {
  type: "link.want_offer";
  origin: string;
}

/** A port to dial once, and the secret that both ends prove; only ever sent over the comm. */
export interface LinkOffer {
  type: "link.offer";
  offer: string;
  port: number;
  token: string;
}

/** The first message on a socket: which offer the page takes up. */
export interface LinkDial {
  type: "link.dial";
  offer: string;
  page: string;
  nonce: string;
}

/** HMAC-SHA256 over role and both nonces with the offer's token; the kernel proves first. */
export interface LinkProof {
  type: "link.proof";
  nonce?: string;
  proof: string;
}

/** The page's proof was right: the socket carries from here on. */
export interface LinkReady {
  type: "link.ready";
}

/** The page tells, over the carrier meant, that it listens there from now on. */
export interface LinkUse {
  type: "link.use";
  carrier: string;
}

/** Is the way still there? Sent by the page, only while something is live. */
export interface LinkPing {
  type: "link.ping";
  time_us: number;
}

/** The echo of `LinkPing`. */
export interface LinkPong {
  type: "link.pong";
  time_us: number;
}

/** Over the comm once a minute while live, so that the server sees a kernel in use. */
export interface LinkKeepalive {
  type: "link.keepalive";
}

/** The page goes away. */
export interface LinkBye {
  type: "link.bye";
}

/** Part of a message that is larger than `MAX_MESSAGE_BYTES`. Buffer: the part of its frame. */
export interface LinkPiece {
  type: "link.piece";
  message: number;
  index: number;
  count: number;
}

/** The page needs a part of the bundle that is sent when it is first used. */
export interface LinkWantChunk {
  type: "link.want_chunk";
  name: string;
}

/** The part. Buffer: its module's text; none where there is no such part. */
export interface LinkChunk {
  type: "link.chunk";
  name: string;
}

/** The page that plays a stream asks what to play. */
export interface MediaAsk {
  type: "media.ask";
  stream: string;
  reads_model: boolean;
}

/** What to play: a file, an address, or, with neither, what is in the player's own state. */
export interface MediaSource {
  type: "media.source";
  stream: string;
  file?: ServedFile | null;
  url?: string;
  size?: number;
}

/** Where the page is in the film. */
export interface MediaTime {
  type: "media.time";
  stream: string;
  time: number;
  duration: number;
}

/** A rectangle with an optional text. */
export interface BoxShape {
  type: "box";
  x: number;
  y: number;
  width: number;
  height: number;
  label?: string;
  color?: string;
  line_width?: number;
  fill?: string;
}

/** A text at a point. */
export interface LabelShape {
  type: "label";
  x: number;
  y: number;
  text: string;
  color?: string;
  background?: string;
  size?: number;
}

/** A line through points, closed and filled on request. */
export interface PolylineShape {
  type: "polyline";
  points: [number, number][];
  closed?: boolean;
  color?: string;
  line_width?: number;
  fill?: string;
}

/** Dots. */
export interface PointsShape {
  type: "points";
  points: [number, number][];
  radius?: number;
  color?: string;
}

/** A bool mask stretched over the whole picture. Its bits (rows padded to bytes, most significant bit first) stand at `offset` of the message's last `Shapes.mask_bytes` bytes. */
export interface MaskShape {
  type: "mask";
  width: number;
  height: number;
  offset: number;
  color?: string;
  opacity?: number;
}

/** Record a stream. */
export interface RecorderStart {
  type: "recorder.start";
  recorder: string;
  take: string;
  widget: string;
  what: string;
  mime_types: string[];
}

/** A recorder is there in a page, or is heard again, and asks what goes on and what is to be shown. */
export interface RecorderHello {
  type: "recorder.hello";
  recorder: string;
}

/** End a recording. */
export interface RecorderStop {
  type: "recorder.stop";
  recorder: string;
  take: string;
}

/** Pause a recording, or go on with it. */
export interface RecorderPause {
  type: "recorder.pause";
  recorder: string;
  take: string;
  paused: boolean;
}

/** The page records. */
export interface RecorderStarted {
  type: "recorder.started";
  recorder: string;
  take: string;
  mime_type: string;
  width?: number;
  height?: number;
}

/** A part of the recording's file. Buffer: its bytes, at most `RECORDER_CHUNK_BYTES`. */
export interface RecorderChunk {
  type: "recorder.chunk";
  recorder: string;
  take: string;
  sequence: number;
  last?: boolean;
}

/** The kernel has written all chunks up to this one. */
export interface RecorderAck {
  type: "recorder.ack";
  recorder: string;
  take: string;
  sequence: number;
}

/** The page is heard again: send from this chunk on, or say that there is no such recording any more. */
export interface RecorderResume {
  type: "recorder.resume";
  recorder: string;
  take: string;
  sequence: number;
}

/** The page can't record, or not any more; what was sent stays. */
export interface RecorderFailed {
  type: "recorder.failed";
  recorder: string;
  take: string;
  reason: string;
  message: string;
}

/** A recording's file is finished; or, without a file, there is none any more. */
export interface RecorderResult {
  type: "recorder.result";
  recorder: string;
  file: ServedFile | null;
  download?: boolean;
}

/** A STUN or TURN server (W3C `RTCIceServer`). */
export interface IceServer {
  urls: string[];
  username?: string;
  credential?: string;
}

/** A session description (RFC 8866, 8829). */
export interface RoomDescription {
  kind: string;
  sdp?: string;
}

/** An ICE candidate (RFC 8839); an empty text ends the candidates. */
export interface RoomCandidate {
  candidate: string;
  mid?: string | null;
  line?: number | null;
  fragment?: string | null;
}

/** Somebody else in the room, as the kernel knows them. */
export interface RoomPeer {
  peer: string;
  call: string;
  attempt?: number;
  polite: boolean;
  nickname: string;
  widget: string;
  microphone?: boolean;
  camera?: boolean;
  screen?: boolean;
  relayed?: boolean;
  relay?: string;
}

/** A line of the room's chat. */
export interface RoomText {
  id: string;
  peer: string;
  nickname: string;
  time_ms: number;
  text: string;
}

/** The room is there in a page, or the page is heard again; the kernel answers with `RoomCall` and `RoomTexts`. */
export interface RoomHello {
  type: "room.hello";
  room: string;
}

/** The user clicked "bring it here" in this page. */
export interface RoomTake {
  type: "room.take";
  room: string;
}

/** All that a page needs to know of the room; told anew, whole, whenever some of it changed. */
export interface RoomCall {
  type: "room.call";
  room: string;
  participant: string;
  call: string;
  stream?: string;
  microphone?: boolean;
  camera?: boolean;
  ice_servers?: IceServer[];
  relay_only?: boolean;
  peers?: RoomPeer[];
}

/** To, or from, the peer's page: a description or a candidate; `call`, `attempt`: of which connection. */
export interface RoomSignal {
  type: "room.signal";
  room: string;
  peer: string;
  own_call: string;
  call: string;
  attempt?: number;
  description?: RoomDescription | null;
  candidate?: RoomCandidate | null;
}

/** How a page's connection to a peer is. */
export interface RoomPeerState {
  type: "room.peer_state";
  room: string;
  peer: string;
  call: string;
  attempt?: number;
  state: string;
  way?: string;
}

/** What this side sends, as its user set it in the page. */
export interface RoomSwitches {
  type: "room.switches";
  room: string;
  microphone: boolean;
  camera: boolean;
  screen?: boolean;
}

/** The user wrote a line of chat. */
export interface RoomSay {
  type: "room.say";
  room: string;
  text: string;
}

/** Lines of the chat: all that are kept, for a page that came, or new ones. */
export interface RoomTexts {
  type: "room.texts";
  room: string;
  whole: boolean;
  texts: RoomText[];
}

/** The user chose another name in the page. */
export interface RoomRename {
  type: "room.rename";
  room: string;
  nickname: string;
}

/** The user left, or comes back, in the page. */
export interface RoomQuit {
  type: "room.quit";
  room: string;
  again?: boolean;
}

/** Send this side's media to the kernel, as frames and sound of the stream `relay`, or no longer. */
export interface RoomRelay {
  type: "room.relay";
  room: string;
  call: string;
  relay: string;
  epoch?: number;
  codec?: string;
  sound?: string;
  width?: number;
  height?: number;
  max_fps?: number;
  bitrate_bps?: number;
}

/** Something for the user of the page, such as that the broker is away; an empty text takes it back. */
export interface RoomTold {
  type: "room.told";
  room: string;
  text: string;
}

/** The kernel wants a page's sound. */
export interface SoundStart {
  type: "sound.start";
  stream: string;
  epoch: number;
}

/** The kernel wants it no more; from a page: the stream has no sound. */
export interface SoundStop {
  type: "sound.stop";
  stream: string;
  epoch: number;
}

/** A frame of sound. Buffer: an Opus packet, or `pcm`: 16-bit samples, little-endian, channels interleaved. */
export interface SoundData {
  type: "sound.data";
  stream: string;
  epoch: number;
  sequence: number;
  codec: "opus" | "pcm";
  channels: number;
  time_us: number;
}

/** A page hears, or records, a stream's sound that comes from the kernel; or does so no more. */
export interface SoundWatch {
  type: "sound.watch";
  stream: string;
  watch: boolean;
  codec?: "opus" | "pcm";
}

/** A camera or microphone that the browser has. */
export interface Device {
  kind: string;
  id: string;
  label?: string;
}

/** A stream that lives in a page changed its state. */
export interface StreamState {
  type: "stream.state";
  stream: string;
  state: string;
  width?: number;
  height?: number;
  fps?: number;
  needs_click?: boolean;
}

/** What the browser has; labels are empty until a permission was given. */
export interface StreamDevices {
  type: "stream.devices";
  stream: string;
  devices: Device[];
}

/** A page wants the pictures of a stream that comes from the kernel (or from another page), or no longer. */
export interface StreamWatch {
  type: "stream.watch";
  stream: string;
  watch: boolean;
}

/** The user clicked in this page to capture here. */
export interface StreamTake {
  type: "stream.take";
  stream: string;
}

/** The kernel tells which page captures; the receiving page compares with its own id. */
export interface StreamCaptured {
  type: "stream.captured";
  stream: string;
  page: string;
}

/** Take a still at full size. */
export interface SnapshotRequest {
  type: "snapshot.request";
  request: string;
  stream: string;
  format: string;
  quality: number;
}

/** The still. Buffer: the image file. */
export interface SnapshotPicture {
  type: "snapshot.picture";
  request: string;
  format: string;
  width: number;
  height: number;
}

/** Once a second while live: what the page measured of one stream it shows. */
export interface StatsReport {
  type: "stats.report";
  stream: string;
  fps: number;
  latency_ms: number;
  latency_p95_ms: number;
  dropped: number;
  bytes: number;
}

/** Once a second while live: what the kernel measured of one stream, for the badge. */
export interface StatsKernel {
  type: "stats.kernel";
  stream: string;
  fps: number;
  function_ms: number;
  dropped: number;
  received_bytes: number;
  sent_bytes: number;
}

/** Take one picture of what the kernel told the page before. Answered by `SnapshotPicture` or `ErrorReport`. It travels as the stream's own widget message, so that it comes after the changes of the widgets that it is to show. */
export interface WidgetCapture {
  type: "widget.capture";
  request: string;
  picture: boolean;
}

/** How the page takes the pictures of a widget, and why so. */
export interface WidgetMethod {
  type: "widget.method";
  stream: string;
  method: string;
  why: string;
}

export type Shape = BoxShape | LabelShape | PolylineShape | PointsShape | MaskShape;

export type Message = ErrorReport | FileRead | FilePart | TapStart | TapStop | FrameData | FrameCredit | FrameKeyRequest | FrameShapes | KeyTyped | LinkHello | LinkWelcome | LinkMismatch | LinkWantOffer | LinkOffer | LinkDial | LinkProof | LinkReady | LinkUse | LinkPing | LinkPong | LinkKeepalive | LinkBye | LinkPiece | LinkWantChunk | LinkChunk | MediaAsk | MediaSource | MediaTime | RecorderStart | RecorderHello | RecorderStop | RecorderPause | RecorderStarted | RecorderChunk | RecorderAck | RecorderResume | RecorderFailed | RecorderResult | RoomHello | RoomTake | RoomCall | RoomSignal | RoomPeerState | RoomSwitches | RoomSay | RoomTexts | RoomRename | RoomQuit | RoomRelay | RoomTold | SoundStart | SoundStop | SoundData | SoundWatch | StreamState | StreamDevices | StreamWatch | StreamTake | StreamCaptured | SnapshotRequest | SnapshotPicture | StatsReport | StatsKernel | WidgetCapture | WidgetMethod;

export type MessageOf<T extends Message["type"]> = Extract<Message, { type: T }>;
