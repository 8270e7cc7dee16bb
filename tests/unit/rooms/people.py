"""Participants for tests: what they hear, and waiting for it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from ipymedia.rooms.broker import Broker
from ipymedia.rooms.exchange import Exchange, open_exchange
from ipymedia.rooms.keys import new_id
from ipymedia.rooms.signalling import Signalling, will_of
from ipymedia.rooms.signals import Signal

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run one test's asynchronous part; nothing in it may hang."""
    return asyncio.run(asyncio.wait_for(work, 60))


class Heard:
    """What came, and a way to wait until enough of it did."""

    def __init__(self) -> None:
        self.all: list[Any] = []
        self._changed = asyncio.Event()

    def __call__(self, *what: Any) -> None:
        self.all.append(what)
        self._changed.set()

    async def until(self, enough: Callable[[list[Any]], object], within_s: float = 10) -> None:
        async def wait() -> None:
            while not enough(self.all):
                self._changed.clear()
                await self._changed.wait()

        try:
            await asyncio.wait_for(wait(), within_s)
        except asyncio.TimeoutError:
            raise AssertionError(f"not within {within_s} s; what came: {self.all}") from None

    async def until_has(self, *what: Any, within_s: float = 10) -> None:
        await self.until(lambda came: what in came, within_s)


class Person:
    """Somebody in a room."""

    def __init__(self, exchange: Exchange, secret: bytes, own_id: str) -> None:
        self.id = own_id
        self.exchange = exchange
        self.signalling = Signalling(exchange, secret, own_id)
        self.presences, self.signals, self.media, self.online = Heard(), Heard(), Heard(), Heard()
        self.signalling.on_presence = self.presences
        self.signalling.on_signal = self.signals
        self.signalling.on_media = self.media
        self.signalling.on_online = self.online

    @classmethod
    async def join(cls, broker: Broker | None, secret: bytes) -> Person:
        own_id = new_id()
        person = cls(await open_exchange(broker, will=will_of(secret, own_id)), secret, own_id)
        await person.signalling.join()
        return person

    def say(self, to: Person, signal: Signal) -> None:
        self.signalling.send(to.id, signal)

    async def leave(self) -> None:
        await self.signalling.leave()


async def meet(broker: Broker | None, secret: bytes, count: int = 2) -> list[Person]:
    """Some people, who have all seen each other."""
    people = [await Person.join(broker, secret) for _ in range(count)]
    for person in people:
        for other in people:
            if other is not person:
                await person.presences.until_has(other.id, True)
    return people
