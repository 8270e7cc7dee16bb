"""Recordings: started by the kernel, made by a page, sent in numbered chunks that the kernel acknowledges."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

from .base import Count, Message, Short, Side, Text
from .files import ServedFile

RECORDER_TIMESLICE_MS = 500
"""How long a chunk lasts; what is lost when a page dies is this much and what was under way."""

RECORDER_CHUNK_BYTES = (1 << 20) - 4096
"""The most that one chunk carries: it crosses as one message."""

RECORDER_WINDOW_BYTES = 4 << 20
"""What a page sends without an acknowledgement."""

RECORDER_KEPT_BYTES = 512 << 20
"""What a page keeps of a recording that the kernel can't take now; then the recording ends."""

RECORDER_PATIENCE_S = 60.0
"""How long the kernel waits for a page that fell silent in the middle of a recording."""


class RecorderStart(Message, tag="recorder.start", kw_only=True):
    """Record a stream."""

    recorder: Short
    take: Short
    """Names this one recording."""
    widget: Short
    """The model of the stream: the recorder's trait takes another way, and may come later."""
    what: Short
    """``film``, ``sound`` (alone) or ``still``: one picture, which is one take's only content."""
    mime_types: Annotated[list[Short], Meta(max_length=32)]
    """In the order of preference; the page takes the first that it can."""


class RecorderHello(Message, tag="recorder.hello", kw_only=True):
    """A recorder is there in a page, or is heard again, and asks what goes on and what is to be shown."""

    recorder: Short


class RecorderStop(Message, tag="recorder.stop", kw_only=True):
    """End a recording."""

    recorder: Short
    take: Short


class RecorderPause(Message, tag="recorder.pause", kw_only=True):
    """Pause a recording, or go on with it."""

    recorder: Short
    take: Short
    paused: bool


class RecorderStarted(Message, tag="recorder.started", kw_only=True):
    """The page records."""

    recorder: Short
    take: Short
    mime_type: Short
    width: Side = 0
    height: Side = 0


class RecorderChunk(Message, tag="recorder.chunk", kw_only=True):
    """A part of the recording's file. Buffer: its bytes, at most `RECORDER_CHUNK_BYTES`."""

    recorder: Short
    take: Short
    sequence: Count
    last: bool = False


class RecorderAck(Message, tag="recorder.ack", kw_only=True):
    """The kernel has written all chunks up to this one."""

    recorder: Short
    take: Short
    sequence: Count


class RecorderResume(Message, tag="recorder.resume", kw_only=True):
    """The page is heard again: send from this chunk on, or say that there is no such recording any more."""

    recorder: Short
    take: Short
    sequence: Count


class RecorderFailed(Message, tag="recorder.failed", kw_only=True):
    """The page can't record, or not any more; what was sent stays."""

    recorder: Short
    take: Short
    reason: Short
    message: Text


class RecorderResult(Message, tag="recorder.result", kw_only=True):
    """A recording's file is finished; or, without a file, there is none any more."""

    recorder: Short
    file: ServedFile | None
    download: bool = False
    """Whether the browser shall save it."""
