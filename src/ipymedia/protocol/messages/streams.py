"""Streams: their state, who captures, stills, devices, figures."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from .base import Count, Message, Rate, Short, Side

LINGER_S = 1.0
"""How long a stream goes on after its last consumer left, so that a cell run again does not blink."""


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
    needs_click: bool = False
    """Whether the browser waits for a click in the view before it starts."""


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
