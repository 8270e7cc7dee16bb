"""Rooms within one kernel: what a broker does, without one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from .exchange import ignore_message, ignore_online


class LocalExchange:
    """All of these in a kernel hear each other; see `Exchange`."""

    _open: list[LocalExchange] = []  # noqa: RUF012 (what they share is the point)
    _retained: dict[str, bytes] = {}  # noqa: RUF012

    def __init__(self, will: str = "") -> None:
        self.on_message: Callable[[str, bytes], None] = ignore_message
        self.on_online: Callable[[bool], None] = ignore_online
        self.online = True
        self.dropped = 0
        self._loop = asyncio.get_running_loop()
        self._patterns: dict[str, None] = {}
        # Who shares the kernel is gone with it: nobody is left to hear of a will.
        self._will = will
        self._open.append(self)

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, reliable: bool = True) -> bool:  # noqa: ARG002
        """See `Exchange.publish`."""
        if not self.online:
            return False
        if retain and payload:
            self._retained[topic] = payload
        elif retain:
            self._retained.pop(topic, None)
        for other in self._open:
            if other.is_subscribed(topic):
                # Later, as a broker's messages come: nobody hears an answer before the question was sent.
                self._loop.call_soon(other.deliver, topic, payload)
        return True

    def subscribe(self, pattern: str, *, reliable: bool = True) -> None:  # noqa: ARG002
        """See `Exchange.subscribe`."""
        self._patterns[pattern] = None
        for topic, payload in self._retained.items():
            if matches(topic, pattern):
                self._loop.call_soon(self.deliver, topic, payload)

    def unsubscribe(self, pattern: str) -> None:
        """See `Exchange.unsubscribe`."""
        self._patterns.pop(pattern, None)

    async def set_will(self, topic: str) -> None:
        """See `Exchange.set_will`."""
        self._will = topic

    async def close(self) -> None:
        """See `Exchange.close`."""
        if self.online:
            self.online = False
            self._open.remove(self)
            self._patterns.clear()

    def is_subscribed(self, topic: str) -> bool:
        """Whether this one is to get what is published to a topic."""
        return any(matches(topic, pattern) for pattern in self._patterns)

    def deliver(self, topic: str, payload: bytes) -> None:
        """Take what another one published, unless it is no longer wanted."""
        if self.is_subscribed(topic):
            self.on_message(topic, payload)


def matches(topic: str, pattern: str) -> bool:
    """Whether a topic is one of a pattern, in which ``+`` stands for one level."""
    levels, wanted = topic.split("/"), pattern.split("/")
    return len(levels) == len(wanted) and all(
        want in ("+", level) for level, want in zip(levels, wanted, strict=True)
    )
