"""An MQTT broker as an exchange: it connects anew by itself, and nothing that waits grows without a bound."""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from ..errors import RoomError
from .broker import Broker, find_embedded
from .exchange import MOST_TRIES_S, ignore_message, ignore_online
from .mqtt_connection import MqttConnection
from .mqtt_errors import connect_error

logger = logging.getLogger("ipymedia.rooms")

FIRST_DELAY_S = 0.25
LAST_DELAY_S = 2.0

MOST_UNSURE = 512
"""Reliable messages that the broker has not acknowledged, or that wait for it."""

MOST_UNSURE_BYTES = 4 << 20
MOST_WAITING_BYTES = 128 * 1024
"""Media that wait to be written: at 2 Mbit/s half a second's. More is dropped, rather than late."""

_FLUSH_S = 1.5


@dataclass(frozen=True)
class _Message:
    topic: str
    payload: bytes
    retain: bool


class MqttExchange:
    """A broker that is reached again by itself; see `Exchange`."""

    def __init__(self, broker: Broker, will: str = "") -> None:
        self.on_message: Callable[[str, bytes], None] = ignore_message
        self.on_online: Callable[[bool], None] = ignore_online
        self.online = False
        self.dropped = 0
        self._broker = broker
        self._will = will
        self._loop = asyncio.get_running_loop()
        self._patterns: dict[str, bool] = {}
        self._connection: MqttConnection | None = None
        self._unsure = _Unsure()
        self._waiting: dict[int, int] = {}
        self._waiting_bytes = 0
        self._again: asyncio.Task[None] | None = None
        self._closed = False

    async def open(self) -> None:
        """Connect for the first time.

        Raises
        ------
        RoomError
            ``broker_unreachable``, ``broker_refused`` or ``bad_certificate``.
        """
        await self._connect()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, reliable: bool = True) -> bool:
        """See `Exchange.publish`."""
        if self._closed:
            return False
        connection = self._connection if self.online else None
        if not reliable:
            if connection is None or self._waiting_bytes > MOST_WAITING_BYTES:
                self.dropped += 1
                return False
            number = connection.publish(topic, payload, retain=retain, reliable=False)
            self._waiting[number] = len(payload)
            self._waiting_bytes += len(payload)
            return True
        if self._unsure.is_full(len(payload)):
            self.dropped += 1
            return False
        message = _Message(topic, payload, retain)
        if connection is None:
            self._unsure.wait(message)
        else:
            self._unsure.sent(connection.publish(topic, payload, retain=retain, reliable=True), message)
        return True

    def subscribe(self, pattern: str, *, reliable: bool = True) -> None:
        """See `Exchange.subscribe`."""
        self._patterns[pattern] = reliable
        if self.online and self._connection is not None:
            self._connection.subscribe(pattern, reliable=reliable)

    def unsubscribe(self, pattern: str) -> None:
        """See `Exchange.unsubscribe`."""
        if self._patterns.pop(pattern, None) is not None and self.online and self._connection is not None:
            self._connection.unsubscribe(pattern)

    async def set_will(self, topic: str) -> None:
        """See `Exchange.set_will`."""
        if topic == self._will:
            return
        self._will = topic
        if self._connection is not None:
            old, self._connection = self._connection, None
            self.online = False
            await old.close()
            await self._connect()

    async def close(self) -> None:
        """See `Exchange.close`."""
        if self._closed:
            return
        self._closed = True
        if self._again is not None:
            self._again.cancel()
        if self._connection is not None and self.online:
            await self._unsure.until_empty(_FLUSH_S)
        if self._connection is not None:
            await self._connection.close()
        self.online = False

    async def _connect(self) -> None:
        connection = MqttConnection(self._broker, self._will)
        connection.on_message = self._received
        connection.on_sent = self._sent
        connection.on_lost = self._lost
        await connection.connect(MOST_TRIES_S)
        if self._closed:
            await connection.close()
            return
        if not connection.is_open:  # it ended before this task was woken
            raise connect_error(self._broker, ConnectionResetError("it closed the connection"))
        self._connection = connection
        self._waiting.clear()
        self._waiting_bytes = 0
        for pattern, reliable in self._patterns.items():
            connection.subscribe(pattern, reliable=reliable)
        # Before anybody is told, who may then say newer things on the same topics.
        for message in self._unsure.take_all():
            number = connection.publish(message.topic, message.payload, retain=message.retain, reliable=True)
            self._unsure.sent(number, message)
        self.online = True

    def _received(self, topic: str, payload: bytes) -> None:
        try:
            self.on_message(topic, payload)
        except Exception:
            # It would end the connection, in the midst of the client's own code.
            logger.exception("a message of the room's broker was not dealt with")

    def _sent(self, number: int) -> None:
        size = self._waiting.pop(number, None)
        if size is not None:
            self._waiting_bytes -= size
        else:
            self._unsure.acknowledged(number)

    def _lost(self) -> None:
        self._connection = None
        if self._closed or not self.online:
            return
        self.online = False
        self._again = self._loop.create_task(self._reconnect())
        self.on_online(False)

    async def _reconnect(self) -> None:
        delay_s = FIRST_DELAY_S
        while not self._closed:
            await asyncio.sleep(delay_s)
            delay_s = min(2 * delay_s, LAST_DELAY_S)
            if self._broker.embedded:
                # It has another address after its server was started again.
                self._broker = find_embedded() or self._broker
            try:
                await self._connect()
            except RoomError as error:
                logger.debug("the room's broker is still away: %s", error)
            else:
                self.on_online(self.online)
                return


class _Unsure:
    """Reliable messages that the broker may not have: in the order in which they were said, and bounded.

    A number is used again only after it was acknowledged. What is said twice because an acknowledgement was lost is
    known by its seal to who receives it.
    """

    def __init__(self) -> None:
        self._messages: OrderedDict[int, _Message] = OrderedDict()
        self._bytes = 0
        # Below all numbers of the client, which begin at 1.
        self._next_waiting = -1
        self._empty = asyncio.Event()
        self._empty.set()

    def is_full(self, size: int) -> bool:
        return len(self._messages) >= MOST_UNSURE or self._bytes + size > MOST_UNSURE_BYTES

    def wait(self, message: _Message) -> None:
        self._next_waiting -= 1
        self.sent(self._next_waiting, message)

    def sent(self, number: int, message: _Message) -> None:
        self._messages[number] = message
        self._bytes += len(message.payload)
        self._empty.clear()

    def acknowledged(self, number: int) -> None:
        message = self._messages.pop(number, None)
        if message is not None:
            self._bytes -= len(message.payload)
        if not self._messages:
            self._empty.set()

    def take_all(self) -> list[_Message]:
        messages = list(self._messages.values())
        self._messages.clear()
        self._bytes = 0
        self._empty.set()
        return messages

    async def until_empty(self, within_s: float) -> None:
        try:
            await asyncio.wait_for(self._empty.wait(), within_s)
        except asyncio.TimeoutError:
            logger.debug("%d messages to the room's broker were not acknowledged", len(self._messages))
