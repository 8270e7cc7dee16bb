"""The room's chat: the lines that are kept, and what `on_message` is called with."""

from __future__ import annotations

import json
import logging
import queue
import threading
import time
import uuid
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..errors import Reason, RoomError
from ..protocol.messages import ROOM_KEPT_TEXTS, RoomText
from ..streams.cell import current_cell, prints_below
from .signals import Say

if TYPE_CHECKING:
    from .peer import WebRTCPeer

logger = logging.getLogger("ipymedia.rooms")

LONGEST_TEXT = 10_000
LONGEST_DATA = 200_000
_MOST_WAITING = 1000
"""Messages that wait for the user's function; more are dropped, and it is said."""

Heard = Callable[[Any, "WebRTCPeer"], Any]


def say_of(message: str | dict[str, Any]) -> Say:
    """The signal for what `room.send` was given.

    Raises
    ------
    RoomError
        ``bad_name``: it is neither a text nor a dict that JSON can carry, or too long.
    """
    now_ms = int(time.time() * 1000)
    if isinstance(message, str):
        _check_length(len(message), LONGEST_TEXT)
        return Say(id=uuid.uuid4().hex, time_ms=now_ms, text=message)
    try:
        data = json.dumps(message, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise RoomError(
            f"The message was not sent: it is no text, and JSON can't carry it ({error}). Send a str, or a dict of "
            "texts, numbers, lists and dicts.",
            Reason.BAD_NAME,
        ) from error
    _check_length(len(data), LONGEST_DATA)
    return Say(id=uuid.uuid4().hex, time_ms=now_ms, data=data)


def _check_length(length: int, most: int) -> None:
    if length > most:
        raise RoomError(f"The message was not sent: {length} characters, {most} at most.", Reason.BAD_NAME)


def content_of(say: Say) -> Any:
    """What the sender gave to `room.send`."""
    return say.text if say.data is None else json.loads(say.data)


class Texts:
    """The last lines of the chat, without doubles."""

    def __init__(self) -> None:
        self.lines: deque[RoomText] = deque(maxlen=ROOM_KEPT_TEXTS)

    def add(self, say: Say, peer: str, nickname: str) -> RoomText | None:
        """Keep a text; None for data, which is not shown, and for what came already."""
        if say.text is None or any(line.id == say.id for line in self.lines):
            return None
        line = RoomText(id=say.id, peer=peer, nickname=nickname, time_ms=say.time_ms, text=say.text)
        self.lines.append(line)
        return line


class Listeners:
    """The user's functions, called on a thread of their own: one that is slow delays nothing else."""

    def __init__(self) -> None:
        self._functions: list[tuple[Heard, Any]] = []
        self._queue: queue.Queue[tuple[Any, WebRTCPeer] | None] = queue.Queue(_MOST_WAITING)
        self._thread: threading.Thread | None = None

    def add(self, function: Heard) -> None:
        """Call it with each message; what it prints appears below the cell that runs now."""
        self._functions.append((function, prints_below(current_cell())))
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="ipymedia-room-messages", daemon=True)
            self._thread.start()

    def hear(self, content: Any, peer: WebRTCPeer) -> None:
        """A message came."""
        if self._thread is None:
            return
        try:
            self._queue.put_nowait((content, peer))
        except queue.Full:
            logger.warning("a message of %s was dropped: on_message's function is too slow", peer.nickname)

    def close(self) -> None:
        """End the thread, after what waits."""
        thread, self._thread = self._thread, None
        if thread is not None:
            try:
                self._queue.put_nowait(None)
            except queue.Full:
                self._queue.get_nowait()
                self._queue.put_nowait(None)

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            for function, below in list(self._functions):
                with below():
                    try:
                        function(*item)
                    except Exception:
                        # The user's; whoever sent it, and the other functions, have nothing to do with it.
                        logger.exception("a function given to room.on_message failed")
