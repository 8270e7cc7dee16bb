"""Streams that are known by their cell: made again by the same cell, a stream is the same object, with new settings."""

from __future__ import annotations

from typing import Any

from .cell import MEMORY, Cell, current_cell
from .media_stream import MediaStream


class RemadeByCell(MediaStream):
    """Base of streams that a cell makes by their constructor.

    A class of this kind finds out in its `__init__` whether the object is new; if not, it takes over the settings and
    leaves what runs as it is.
    """

    _cell: Cell = Cell()

    def __new__(cls, *args: Any, **kwargs: Any) -> RemadeByCell:
        """Give the object back that the same cell made in an earlier run, if it is still open."""
        cell = current_cell()
        key = MEMORY.key(cell, cls.__qualname__)
        made = MEMORY.get(key)
        if made is not None and made.comm is not None:
            return made  # type: ignore[no-any-return]
        stream: RemadeByCell = super().__new__(cls, *args, **kwargs)
        stream._cell = cell
        MEMORY.put(key, stream)
        return stream
