"""Writes a GIF: for each picture a palette of its own, chosen by FFmpeg."""

from __future__ import annotations

import uuid
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ipymedia.errors import CodecError, Reason

if TYPE_CHECKING:
    import av

    from ipymedia.frames.codec.container import Picture

_CENTISECOND = Fraction(1, 100)
"""What a GIF counts time in."""


class GifWriter:
    """Takes pictures in order; the file appears under its name when it is whole. Has the methods of `FilmWriter`."""

    def __init__(self, path: Path, fps: Fraction) -> None:
        self._path = path
        self._partial = path.with_name(f".{path.stem}.{uuid.uuid4().hex[:8]}.partial.gif")
        self._fps = fps
        self._container: av.container.OutputContainer | None = None
        self._stream: av.VideoStream | None = None
        self._graph: Any = None

    def put(self, item: Picture) -> None:
        """Write a picture."""
        import av

        try:
            if self._container is None:
                self._open(item.frame)
            assert self._container is not None
            assert self._stream is not None
            item.frame.pts, item.frame.time_base = item.pts, 1 / self._fps
            self._graph.push(item.frame)
            reduced = self._graph.pull()
            reduced.pts = round(Fraction(item.pts) / self._fps / _CENTISECOND)
            reduced.time_base = _CENTISECOND
            self._container.mux(self._stream.encode(reduced))
        except (av.FFmpegError, OSError) as error:
            raise CodecError(f"{self._path} was not written: {error}.", Reason.ENCODE_FAILED) from error

    def finish(self) -> None:
        """Give the file its name."""
        if self._container is not None and self._stream is not None:
            self._container.mux(self._stream.encode(None))
            self._container.close()
            self._container = None
            self._partial.replace(self._path)

    def close(self) -> None:
        """Leave no half file."""
        if self._container is not None:
            self._container.close()
            self._container = None
        self._partial.unlink(missing_ok=True)

    def _open(self, first: av.VideoFrame) -> None:
        import av

        self._container = av.open(str(self._partial), "w", options={"loop": "0"})
        stream = self._container.add_stream("gif", rate=self._fps)
        assert isinstance(stream, av.VideoStream)
        stream.width, stream.height, stream.pix_fmt = first.width, first.height, "pal8"
        stream.codec_context.time_base = _CENTISECOND
        stream.time_base = _CENTISECOND
        self._stream = stream
        graph = self._graph = av.filter.Graph()
        source = graph.add_buffer(
            width=first.width, height=first.height, format=first.format, time_base=1 / self._fps
        )
        split, palette = graph.add("split"), graph.add("palettegen", "stats_mode=single")
        use, sink = graph.add("paletteuse", "new=1:dither=sierra2_4a"), graph.add("buffersink")
        source.link_to(split)
        split.link_to(use, 0, 0)
        split.link_to(palette, 1, 0)
        palette.link_to(use, 0, 1)
        use.link_to(sink)
        graph.configure()
