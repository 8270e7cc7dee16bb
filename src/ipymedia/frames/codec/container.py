"""Whole films: read with their sound and their times, and written anew.

A thread reads and decodes, a thread encodes and writes; between them is whoever works on the pictures. FFmpeg works
without the GIL, so the three run at once.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import IO, TYPE_CHECKING, Any, Final, Generic, TypeVar

from ipymedia.errors import CodecError, HostError, Reason
from ipymedia.frames.codec import color
from ipymedia.frames.codec.convert import upright

if TYPE_CHECKING:
    import av

T = TypeVar("T")
AHEAD: Final = 4
"""Pictures that may wait at each place: enough to even out, little memory (25 MB at 1920×1080)."""
_SLICE_S: Final = 0.5


class ChannelClosedError(Exception):
    """The other side is gone."""


class Channel(Generic[T]):
    """A bounded queue between two threads, which either side closes."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._items: deque[T] = deque()
        self._changed = threading.Condition()
        self._ended = False
        self._closed = False

    def put(self, item: T) -> None:
        """Wait for room. Raises `ChannelClosedError` when the receiver is gone."""
        with self._changed:
            # In slices: an untimed wait can't be interrupted on Windows.
            while len(self._items) >= self._most and not self._closed:
                self._changed.wait(_SLICE_S)
            if self._closed:
                raise ChannelClosedError
            self._items.append(item)
            self._changed.notify_all()

    def end(self) -> None:
        """The sender has no more; what waits is still received."""
        with self._changed:
            self._ended = True
            self._changed.notify_all()

    def close(self) -> None:
        """Nobody receives any more."""
        with self._changed:
            self._closed = True
            self._items.clear()
            self._changed.notify_all()

    def __iter__(self) -> Iterator[T]:
        while True:
            with self._changed:
                while not self._items and not self._ended and not self._closed:
                    self._changed.wait(_SLICE_S)
                if not self._items:
                    return
                item = self._items.popleft()
                self._changed.notify_all()
            yield item


@dataclass(frozen=True)
class Picture:
    """One picture of a film, upright, and when it is shown."""

    frame: av.VideoFrame
    pts: int
    duration: int


class FilmReader:
    """Reads a film on a thread of its own; iterate over pictures and packets of sound, in the film's order.

    Parameters
    ----------
    source
        A path, an address, or an opened file.
    name
        What it is called in messages.

    Raises
    ------
    HostError
        ``no_file``.
    CodecError
        ``decode_failed``: it is no film, or has no pictures; raised by the iteration too.
    """

    def __init__(self, source: str | IO[bytes], name: str) -> None:
        import av

        self._name = name
        try:
            self._container = av.open(source, "r")
        except av.FileNotFoundError as error:
            raise HostError(f"{name} was not opened: there is no such file.", Reason.NO_FILE) from error
        except (av.FFmpegError, OSError, ValueError) as error:
            raise self._failed(error) from error
        if not self._container.streams.video:
            self._container.close()
            raise CodecError(f"{name} has no pictures.", Reason.DECODE_FAILED)
        self.video = self._container.streams.video[0]
        self.video.thread_type = "AUTO"
        self.sound = tuple(self._container.streams.audio)
        self._error: BaseException | None = None
        self._channel: Channel[Picture | av.Packet[Any]] = Channel(AHEAD)
        self._thread = threading.Thread(target=self._run, name="ipymedia-read", daemon=True)

    @property
    def rate(self) -> Fraction:
        """Pictures a second, on average."""
        return self.video.average_rate or Fraction(30)

    @property
    def time_base(self) -> Fraction:
        """What the pictures' times count, in seconds."""
        return self.video.time_base or 1 / self.rate

    @property
    def frames(self) -> int:
        """How many pictures there are, as far as the film says; 0 when it does not."""
        return self.video.frames or round((self._container.duration or 0) / 1e6 * self.rate)

    def __iter__(self) -> Iterator[Picture | av.Packet[Any]]:
        self._thread.start()
        yield from self._channel
        if self._error is not None:
            raise self._failed(self._error) from self._error

    def close(self) -> None:
        """End the thread, then close the film."""
        self._channel.close()
        if self._thread.ident is not None:
            self._thread.join()
        self._container.close()

    def _run(self) -> None:
        try:
            last = -1
            for packet in self._container.demux(self.video, *self.sound):
                if packet.stream.index != self.video.index:
                    self._channel.put(packet)
                    continue
                for frame in packet.decode():
                    picture = self._upright(frame, last)  # type: ignore[arg-type]
                    last = picture.pts
                    self._channel.put(picture)
        except ChannelClosedError:
            pass
        except BaseException as error:  # noqa: BLE001 (the one who iterates raises it)
            self._error = error
        finally:
            self._channel.end()

    def _upright(self, frame: av.VideoFrame, last: int) -> Picture:
        step = max(1, round(1 / (self.rate * self.time_base)))
        pts = frame.pts if frame.pts is not None and frame.pts > last else last + step
        color.stamp_film(frame)
        return Picture(upright(frame), pts, frame.duration or step)

    def _failed(self, error: BaseException) -> CodecError:
        return CodecError(f"{self._name} was not read: {error}.", Reason.DECODE_FAILED)
