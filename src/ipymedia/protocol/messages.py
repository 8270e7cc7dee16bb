"""All messages between a page and its kernel: the one source of truth.

`frontend/src/protocol/messages.gen.ts` is generated from this file (``python -m ipymedia.protocol.generate``). The
field ``type`` discriminates. A message has at most one binary buffer, said here in the docstring of each that has one.
Times are microseconds of the *page's* clock (`performance.timeOrigin + performance.now()`), carried through the kernel
and back untouched, so that a latency is always the difference of two readings of one clock.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

PROTOCOL_VERSION = 1
"""Raised with every change that an older page or kernel would misunderstand."""

MAX_MESSAGE_BYTES = 1 << 20
"""Larger messages cross as `Piece`: Tornado closes a socket that gets more than 10 MiB, a slow way stalls on less."""

MAX_ASSEMBLED_BYTES = 64 << 20
"""What a peer may make us hold while it sends pieces; a 4K PNG has about 20 MB."""

MAX_HEADER_BYTES = 1 << 18
"""Bound of the JSON part of one message."""

SILENT_PAGE_TIMEOUT_S = 5.0
"""How long a socket may say nothing before it has proved its offer."""

OFFER_LIFETIME_S = 10.0
"""How long a page may take to dial after an offer."""

IDLE_SOCKET_TIMEOUT_S = 30.0
"""A socket that carried nothing for so long closes, so that a hub can cull its server."""

KEEPALIVE_INTERVAL_S = 60.0
"""While live on the socket, one comm message each minute tells the hub that the kernel is in use."""

WATCH_INTERVAL_S = 0.2
"""While live, the page looks so often whether the way still carries."""

PING_AFTER_S = 0.25
"""Frames and credits tell that it does; after so long without any message the page asks."""

PING_TIMEOUT_S = 0.9
"""Without an answer for so long the page changes the carrier: it is to be live again within 2 s."""

LINGER_S = 1.0
"""How long a stream goes on after its last consumer left, so that a cell run again does not blink."""

MIN_IN_FLIGHT = 2
MAX_IN_FLIGHT = 8
"""Bounds of the frames on the wire: round trip x frame rate + 1, at least and at most."""

CREDIT_TIMEOUT_S = 1.0
"""A frame that was not acknowledged for so long is taken for lost."""

MAX_SIDE_PX = 8192
"""The widest or highest picture that the live path takes; H.264's level 6.2 ends there."""

CODECS = ("h264", "vp9", "vp8", "av1", "jpeg")
"""In the order of preference; the first one that both sides can is taken."""

Short = Annotated[str, Meta(max_length=256)]
Text = Annotated[str, Meta(max_length=20_000)]
Count = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Side = Annotated[int, Meta(ge=0, le=MAX_SIDE_PX)]
Rate = Annotated[float, Meta(ge=0, le=1000)]


class Message(Struct, tag_field="type", kw_only=True, forbid_unknown_fields=True):
    """Base of all messages."""


# --- link: what carries the others --------------------------------------------------------------------------------


class Capabilities(Struct, kw_only=True):
    """What one side can: codecs by name (see `CODECS`)."""

    encode: list[Short] = []
    decode: list[Short] = []


class LinkHello(Message, tag="link.hello", kw_only=True):
    """The first message of a page, over the comm: who it is and what it can."""

    version: Count
    page: Short
    load: Short
    """Random, new with each load of the page and after each loss: repeats of one hello change nothing."""
    bundle: Short
    client: Short = ""
    """The Jupyter client session of the page; the kernel knows by it in which page a cell was run."""
    origin: Short = ""
    secure: bool = True
    capabilities: Capabilities


class LinkWelcome(Message, tag="link.welcome", kw_only=True):
    """The kernel's answer to `LinkHello`."""

    version: Count
    capabilities: Capabilities
    during_cells: bool
    """Whether this host delivers comm messages while a cell runs."""


class LinkMismatch(Message, tag="link.mismatch", kw_only=True):
    """The kernel's answer to a page of another version, or to a page that it does not know (say hello again)."""

    version: Count
    message: Text


class LinkWantOffer(Message, tag="link.want_offer", kw_only=True):
    """The page wants to dial the socket."""

    origin: Short


class LinkOffer(Message, tag="link.offer", kw_only=True):
    """A port to dial once, and the secret that both ends prove; only ever sent over the comm."""

    offer: Short
    port: Count
    token: Short

    def __repr__(self) -> str:
        return f"LinkOffer(offer={self.offer!r}, port={self.port})"  # what is logged must not hold the token


class LinkDial(Message, tag="link.dial", kw_only=True):
    """The first message on a socket: which offer the page takes up."""

    offer: Short
    page: Short
    nonce: Short


class LinkProof(Message, tag="link.proof", kw_only=True):
    """HMAC-SHA256 over role and both nonces with the offer's token; the kernel proves first."""

    nonce: Short = ""
    proof: Short


class LinkReady(Message, tag="link.ready", kw_only=True):
    """The page's proof was right: the socket carries from here on."""


class LinkUse(Message, tag="link.use", kw_only=True):
    """The page tells, over the carrier meant, that it listens there from now on."""

    carrier: Short


class LinkPing(Message, tag="link.ping", kw_only=True):
    """Is the way still there? Sent by the page, only while something is live."""

    time_us: Count


class LinkPong(Message, tag="link.pong", kw_only=True):
    """The echo of `LinkPing`."""

    time_us: Count


class LinkKeepalive(Message, tag="link.keepalive", kw_only=True):
    """Over the comm once a minute while live, so that the server sees a kernel in use."""


class LinkBye(Message, tag="link.bye", kw_only=True):
    """The page goes away."""


class LinkPiece(Message, tag="link.piece", kw_only=True):
    """Part of a message that is larger than `MAX_MESSAGE_BYTES`. Buffer: the part of its frame."""

    message: Count
    index: Count
    count: Count


# --- errors ---------------------------------------------------------------------------------------------------------


class ErrorReport(Message, tag="error.report", kw_only=True):
    """Something failed on one side and concerns the other's user."""

    stream: Short = ""
    reason: Short
    message: Text
    detail: Text = ""
    request: Short = ""
    """The id of the request that failed, where there was one."""


# --- streams --------------------------------------------------------------------------------------------------------


class Device(Struct, kw_only=True):
    """A camera or microphone that the browser has."""

    kind: Short
    """``videoinput``, ``audioinput`` or ``audiooutput``."""
    id: Annotated[str, Meta(max_length=512)]
    label: Short = ""


class StreamState(Message, tag="stream.state", kw_only=True):
    """A stream that lives in a page changed its state."""

    stream: Short
    state: Short
    width: Side = 0
    height: Side = 0
    fps: Rate = 0


class StreamDevices(Message, tag="stream.devices", kw_only=True):
    """What the browser has; labels are empty until a permission was given."""

    stream: Short
    devices: Annotated[list[Device], Meta(max_length=256)]


class StreamWatch(Message, tag="stream.watch", kw_only=True):
    """A page wants the pictures of a stream that comes from the kernel (or from another page), or no longer."""

    stream: Short
    watch: bool


class StreamTake(Message, tag="stream.take", kw_only=True):
    """The user clicked in this page to capture here."""

    stream: Short


class StreamCaptured(Message, tag="stream.captured", kw_only=True):
    """The kernel tells which page captures; the receiving page compares with its own id."""

    stream: Short
    page: Short


class SnapshotRequest(Message, tag="snapshot.request", kw_only=True):
    """Take a still at full size."""

    request: Short
    stream: Short
    format: Short
    """``png`` or ``jpeg``."""
    quality: Annotated[float, Meta(ge=0, le=1)]


class SnapshotPicture(Message, tag="snapshot.picture", kw_only=True):
    """The still. Buffer: the image file."""

    request: Short
    format: Short
    width: Side
    height: Side


class StatsReport(Message, tag="stats.report", kw_only=True):
    """Once a second while live: what the page measured of one stream it shows."""

    stream: Short
    fps: Rate
    latency_ms: float
    latency_p95_ms: float
    dropped: Count
    bytes: Count


class StatsKernel(Message, tag="stats.kernel", kw_only=True):
    """Once a second while live: what the kernel measured of one stream, for the badge."""

    stream: Short
    fps: Rate
    function_ms: float
    dropped: Count
    received_bytes: Count
    sent_bytes: Count


# --- frames ---------------------------------------------------------------------------------------------------------


class Color(Struct, kw_only=True):
    """How the numbers of a YUV picture mean colours (WebCodecs' VideoColorSpaceInit)."""

    primaries: Short = ""
    transfer: Short = ""
    matrix: Short = ""
    full_range: bool = False


class TapStart(Message, tag="tap.start", kw_only=True):
    """The kernel wants the frames of a stream that this page captures; again with other bounds changes them."""

    stream: Short
    epoch: Count
    codec: Short
    width: Side = 0
    """The largest width; 0 means the stream's own."""
    height: Side = 0
    max_fps: Rate = 0
    """0 means the stream's own."""
    bitrate_bps: Count = 0
    """The upper bound; 0 means what the picture's size and rate ask for."""


class TapStop(Message, tag="tap.stop", kw_only=True):
    """Nobody in the kernel uses these frames any more."""

    stream: Short
    epoch: Count


class FrameData(Message, tag="frame.data", kw_only=True):
    """One encoded picture, either way. Buffer: the encoded bytes (Annex B for H.264), then the masks' bits."""

    stream: Short
    epoch: Count
    """Counts the encoders of one direction: a frame of an old one is dropped."""
    sequence: Count
    """Counts the frames that were sent: a gap means loss."""
    index: Count
    """Counts the pictures of the source; what was dropped before it was sent leaves a gap."""
    time_us: Count
    """When the picture was captured, in the capturing page's clock."""
    key: bool
    codec: Short
    codec_string: Short = ""
    """What WebCodecs calls it, such as ``avc1.42E01F``; from the kernel only."""
    width: Side
    height: Side
    color: Color | None = None
    shapes: Shapes | None = None


class FrameCredit(Message, tag="frame.credit", kw_only=True):
    """The receiver took frame `sequence` in: there is room for another one."""

    stream: Short
    epoch: Count
    sequence: Count


class FrameKeyRequest(Message, tag="frame.key_request", kw_only=True):
    """The receiver can't decode: the next frame shall be a key frame."""

    stream: Short
    epoch: Count


class FrameShapes(Message, tag="frame.shapes", kw_only=True):
    """A function returned overlays alone, or nothing: draw them on the page's own frame `index` of `source`.

    Buffer: the masks' bits (`Shapes.mask_bytes` of them).
    """

    stream: Short
    source: Short
    epoch: Count
    tap: Count
    """The epoch of the upload whose frame is meant."""
    sequence: Count
    index: Count
    time_us: Count
    shapes: Shapes


# --- overlays: what a function may return instead of a picture; positions in pixels of the picture it was given -----


class BoxShape(Struct, tag="box", kw_only=True):
    """A rectangle with an optional text."""

    x: float
    y: float
    width: float
    height: float
    label: Short = ""
    color: Short = ""
    line_width: float = 2.0
    fill: Short = ""


class LabelShape(Struct, tag="label", kw_only=True):
    """A text at a point."""

    x: float
    y: float
    text: Text
    color: Short = ""
    background: Short = ""
    size: float = 16.0


class PolylineShape(Struct, tag="polyline", kw_only=True):
    """A line through points, closed and filled on request."""

    points: Annotated[list[tuple[float, float]], Meta(max_length=10_000)]
    closed: bool = False
    color: Short = ""
    line_width: float = 2.0
    fill: Short = ""


class PointsShape(Struct, tag="points", kw_only=True):
    """Dots."""

    points: Annotated[list[tuple[float, float]], Meta(max_length=10_000)]
    radius: float = 3.0
    color: Short = ""


class MaskShape(Struct, tag="mask", kw_only=True):
    """A bool mask stretched over the whole picture.

    Its bits (rows padded to bytes, most significant bit first) stand
    at `offset` of the message's last `Shapes.mask_bytes` bytes.
    """

    width: Side
    height: Side
    offset: Count
    color: Short = ""
    opacity: Annotated[float, Meta(ge=0, le=1)] = 0.5


Shape = BoxShape | LabelShape | PolylineShape | PointsShape | MaskShape


class Shapes(Struct, kw_only=True):
    """Overlays of one frame, and the size of the picture that their positions refer to."""

    width: Side
    height: Side
    items: Annotated[list[Shape], Meta(max_length=5_000)]
    mask_bytes: Count = 0
    """How many bytes at the end of the message's buffer are masks."""


def message_types() -> dict[str, type[Message]]:
    """All messages by their `type`."""
    return {str(cls.__struct_config__.tag): cls for cls in Message.__subclasses__()}
