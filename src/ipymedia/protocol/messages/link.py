"""What carries the others: hello, offers, proofs, pings, pieces."""

from __future__ import annotations

from msgspec import Struct

from .base import Count, Message, Short, Text

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


class LinkWantChunk(Message, tag="link.want_chunk", kw_only=True):
    """The page needs a part of the bundle that is sent when it is first used."""

    name: Short


class LinkChunk(Message, tag="link.chunk", kw_only=True):
    """The part. Buffer: its module's text; none where there is no such part."""

    name: Short
