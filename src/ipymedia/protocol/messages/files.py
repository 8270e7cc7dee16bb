"""Files that the kernel hands out to pages: by HTTP from its own server, or in parts where there is only the comm."""

from __future__ import annotations

from msgspec import Struct

from .base import Count, Message, Short

FILE_PART_BYTES = 1 << 19
"""The most that a page may ask for at once."""


class ServedFile(Struct, kw_only=True):
    """A file that a page may fetch, as long as the kernel hands it out."""

    file: Short
    """128 random bits: who knows them may read the file."""
    port: Count
    """Of the kernel's server; 0 where it has none."""
    size: Count
    mime_type: Short
    name: Short

    def __repr__(self) -> str:
        return f"ServedFile(name={self.name!r}, size={self.size})"  # what is logged must not hold the id


class FileRead(Message, tag="file.read", kw_only=True):
    """A page asks for a part of a file."""

    file: Short
    offset: Count
    length: Count


class FilePart(Message, tag="file.part", kw_only=True):
    """The part. Buffer: its bytes; fewer than were asked for at the file's end, none where there is no such file."""

    file: Short
    offset: Count
