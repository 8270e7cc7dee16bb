"""All messages between a page and its kernel: the one source of truth.

`frontend/src/protocol/messages.gen.ts` is generated from this package (``python -m ipymedia.protocol.generate``). The
field ``type`` discriminates. A message has at most one binary buffer, said here in the docstring of each that has one.
Times are microseconds of the *page's* clock (`performance.timeOrigin + performance.now()`), carried through the kernel
and back untouched, so that a latency is always the difference of two readings of one clock.
"""

from __future__ import annotations

from .base import *
from .errors import *
from .files import *
from .frames import *
from .keys import *
from .link import *
from .media import *
from .overlays import *
from .recorders import *
from .rooms import *
from .sound import *
from .streams import *
from .widgets import *


def message_types() -> dict[str, type[Message]]:
    """All messages by their `type`."""
    return {str(cls.__struct_config__.tag): cls for cls in Message.__subclasses__()}
