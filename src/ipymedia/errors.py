"""Every error of the package, and the reasons that a page and its kernel share.

::

    MediaError                 the base: what was tried, what happened, what to do next
    ├── CaptureError           a camera, a microphone or a screen did not start, or ended
    ├── CodecError             a picture or a sound could not be encoded or decoded
    ├── HostError              this host (kernel, server, browser) can't do what was asked
    ├── ProcessingError        a function of the user's failed or returned what can't be shown
    ├── RecordingError         a recording could not be made or written
    ├── RoomError              a room could not be joined, or a peer not be reached
    └── ProtocolError          a message was malformed, too large, out of order or of another version

A class stands for what a caller does differently; the variants of one class are values of `Reason`, which travel
between page and kernel as text.
"""

from __future__ import annotations

from enum import Enum


class Reason(str, Enum):
    """Why something failed; the same words on both sides of the wire."""

    # capture
    PERMISSION_DENIED = "permission_denied"
    NO_DEVICE = "no_device"
    DEVICE_BUSY = "device_busy"
    DEVICE_LOST = "device_lost"
    INSECURE_CONTEXT = "insecure_context"
    CONSTRAINTS_UNMET = "constraints_unmet"
    CAPTURED_ELSEWHERE = "captured_elsewhere"
    NO_STREAM = "no_stream"
    NOT_MEDIA = "not_media"
    LOAD_FAILED = "load_failed"
    CROSS_ORIGIN = "cross_origin"
    # codec
    NO_CODEC = "no_codec"
    DECODE_FAILED = "decode_failed"
    ENCODE_FAILED = "encode_failed"
    # host
    NO_PAGE = "no_page"
    BLOCKED_WHILE_RUNNING = "blocked_while_running"
    NO_WEBCODECS = "no_webcodecs"
    TIMED_OUT = "timed_out"
    NO_FILE = "no_file"
    # processing
    FUNCTION_FAILED = "function_failed"
    BAD_RESULT = "bad_result"
    BAD_ARGUMENT = "bad_argument"
    EXECUTOR_FAILED = "executor_failed"
    # recording
    RECORDING_CUT = "recording_cut"
    NOTHING_RECORDED = "nothing_recorded"
    NOT_WRITABLE = "not_writable"
    DISK_FULL = "disk_full"
    # rooms
    NO_BROKER = "no_broker"
    BROKER_UNREACHABLE = "broker_unreachable"
    BROKER_REFUSED = "broker_refused"
    BAD_CERTIFICATE = "bad_certificate"
    BAD_INVITE = "bad_invite"
    BAD_NAME = "bad_name"
    ROOM_FULL = "room_full"
    OTHER_VERSION = "other_version"
    NOT_IN_ROOM = "not_in_room"
    PEER_GONE = "peer_gone"
    NOT_CONNECTED = "not_connected"
    # protocol
    VERSION_MISMATCH = "version_mismatch"
    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    OUT_OF_ORDER = "out_of_order"
    # life cycle
    CLOSED = "closed"
    UNKNOWN = "unknown"


class MediaError(Exception):
    """Base of all errors of this package.

    Parameters
    ----------
    message
        One to three sentences: what was tried, what happened, what to do next.
    reason
        The variant, see `Reason`.
    detail
        More for those who ask, such as a traceback; shown on a click.
    """

    def __init__(self, message: str, reason: Reason | str = Reason.UNKNOWN, detail: str = "") -> None:
        super().__init__(message)
        self.message = message
        try:
            self.reason = Reason(reason)
        except ValueError:
            self.reason = Reason.UNKNOWN
        self.detail = detail

    def __reduce__(self) -> tuple[type[MediaError], tuple[str, str, str]]:
        """Errors cross process pools: rebuild from all three parts."""
        return type(self), (self.message, self.reason.value, self.detail)


class CaptureError(MediaError):
    """A camera, a microphone or a screen did not start, or ended."""


class CodecError(MediaError):
    """A picture or a sound could not be encoded or decoded."""


class HostError(MediaError):
    """What was asked can't be done by this host: kernel, Jupyter server, browser."""


class ProcessingError(MediaError):
    """A function of the user's failed, or returned what can't be shown."""


class RecordingError(MediaError):
    """A recording could not be made or written."""


class RoomError(MediaError):
    """A room could not be joined, or a peer could not be reached."""


class ProtocolError(MediaError):
    """A message was malformed, too large, out of order, or from another version."""


_CLASS_OF_REASON: dict[Reason, type[MediaError]] = {
    **dict.fromkeys(
        [
            Reason.PERMISSION_DENIED,
            Reason.NO_DEVICE,
            Reason.DEVICE_BUSY,
            Reason.DEVICE_LOST,
            Reason.INSECURE_CONTEXT,
            Reason.CONSTRAINTS_UNMET,
            Reason.CAPTURED_ELSEWHERE,
            Reason.NO_STREAM,
            Reason.NOT_MEDIA,
            Reason.LOAD_FAILED,
            Reason.CROSS_ORIGIN,
        ],
        CaptureError,
    ),
    **dict.fromkeys([Reason.NO_CODEC, Reason.DECODE_FAILED, Reason.ENCODE_FAILED], CodecError),
    **dict.fromkeys(
        [
            Reason.NO_PAGE,
            Reason.BLOCKED_WHILE_RUNNING,
            Reason.NO_WEBCODECS,
            Reason.TIMED_OUT,
            Reason.NO_FILE,
        ],
        HostError,
    ),
    **dict.fromkeys(
        [Reason.FUNCTION_FAILED, Reason.BAD_RESULT, Reason.BAD_ARGUMENT, Reason.EXECUTOR_FAILED],
        ProcessingError,
    ),
    **dict.fromkeys(
        [Reason.RECORDING_CUT, Reason.NOTHING_RECORDED, Reason.NOT_WRITABLE, Reason.DISK_FULL], RecordingError
    ),
    **dict.fromkeys(
        [
            Reason.NO_BROKER,
            Reason.BROKER_UNREACHABLE,
            Reason.BROKER_REFUSED,
            Reason.BAD_CERTIFICATE,
            Reason.BAD_INVITE,
            Reason.BAD_NAME,
            Reason.ROOM_FULL,
            Reason.OTHER_VERSION,
            Reason.NOT_IN_ROOM,
            Reason.PEER_GONE,
            Reason.NOT_CONNECTED,
        ],
        RoomError,
    ),
    **dict.fromkeys(
        [Reason.VERSION_MISMATCH, Reason.MALFORMED, Reason.TOO_LARGE, Reason.OUT_OF_ORDER], ProtocolError
    ),
}


def error_of(reason: str, message: str, detail: str = "") -> MediaError:
    """Make the exception that belongs to a reason which came over the wire."""
    try:
        known = Reason(reason)
    except ValueError:
        known = Reason.UNKNOWN
    return _CLASS_OF_REASON.get(known, MediaError)(message, known, detail)
