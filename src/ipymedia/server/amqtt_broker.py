"""amqtt's broker, behind the door: connections are handed to it, and what it leaves unbounded is bounded here."""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import Any

from amqtt.adapters import ReaderAdapter, WriterAdapter
from amqtt.broker import Broker
from amqtt.contexts import BrokerConfig, ListenerConfig, ListenerType
from amqtt.plugins.base import BaseAuthPlugin
from amqtt.session import Session

from .connect_packet import ConnectPacket

MOST_PACKET_BYTES = (1 << 20) + 1024
"""A sealed message, and its topic."""

MOST_LATE_BYTES = 256 * 1024
"""Of a client that does not read: media beyond that are left out."""

MOST_UNREAD_BYTES = 8 << 20
"""With more the client is cut off; it will come again."""

logger = logging.getLogger("ipymedia.server")

MOST_UNDONE = 128
"""Messages of one client that are not handed on yet, when the broker can't keep up: more media are left out, and what
is reliable is acknowledged later."""

_LISTENER = "default"
_GRACE = 1.5
"""How much longer than its keep-alive a client may be silent (MQTT 3.1.1, section 3.1.2.10)."""

_PUBLISH_ONCE = 0x30
_KIND_AND_QUALITY = 0xF6


class AmqttBroker:
    """The broker; it listens nowhere itself."""

    def __init__(self) -> None:
        # It writes a line or more for each packet, with the packet, and tracebacks of clients that went away.
        for name in ("amqtt", "transitions"):
            noisy = logging.getLogger(name)
            noisy.setLevel(logging.CRITICAL)
            noisy.propagate = False
        config = BrokerConfig(
            listeners={_LISTENER: ListenerConfig(type=ListenerType.EXTERNAL)},
            # None of those that it loads otherwise: no $SYS topics, no log of packets, nobody anonymous.
            plugins={f"{__name__}.LetIn": {}},
        )
        self._broker = _Broker(config)

    async def start(self) -> None:
        """Start its tasks."""
        await self._broker.start()

    async def stop(self) -> None:
        """End it."""
        await self._broker.shutdown()

    async def serve(
        self, connect: ConnectPacket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Serve a client that was let in, until it goes."""
        incoming = _Reader(connect, reader, writer.transport)
        try:
            await self._broker.external_connected(incoming, _Writer(writer), _LISTENER)
        except Exception as error:  # noqa: BLE001 (it ends this connection, which the client makes again)
            logger.debug("a client's connection ended: %r", error)
        finally:
            incoming.stop()


class LetIn(BaseAuthPlugin):
    """Who gets here gave the password at the door; amqtt refuses everybody when nobody vouches for them."""

    async def authenticate(self, *, session: Session) -> bool:
        """See `door`; bounds what may wait of this client, before it says anything."""
        session.delivered_message_queue = OrderedQueue(MOST_UNDONE)
        return True


class OrderedQueue(asyncio.Queue[Any]):
    """A bounded queue in which nobody overtakes who waited for room before.

    asyncio's own lets a newcomer have the room that was made for one who waits, who then waits anew, behind all others.
    amqtt deals with each packet in a task of its own: a client's messages would be handed on in another order.
    """

    def __init__(self, maxsize: int) -> None:
        super().__init__(maxsize)
        self._turn = asyncio.Lock()  # given in the order in which it was asked for

    async def put(self, item: Any) -> None:
        """Add it, once there is room and all who came before have had theirs."""
        async with self._turn:
            await super().put(item)


class _Broker(Broker):
    """amqtt's, with a bound, and but for what it retains.

    amqtt 0.12 tells a client that connects what is retained for the subscriptions of *all* clients, and fails when one
    of those subscribes meanwhile, as it runs over their table then.
    """

    def __init__(self, config: BrokerConfig) -> None:
        super().__init__(config)
        # Unbounded, it held seconds of media when more came than the broker can hand on. While it is full, messages
        # wait in those of the clients (`MOST_UNDONE`).
        self._broadcast_queue: asyncio.Queue[dict[str, Any]] = OrderedQueue(MOST_UNDONE)

    async def _publish_retained_messages_for_subscription(
        self, subscription: tuple[str, int], session: Session
    ) -> None:
        subscribed = self.subscriptions.get(subscription[0], [])
        if any(other is session for other, _ in subscribed):
            await super()._publish_retained_messages_for_subscription(subscription, session)


class _Reader(ReaderAdapter):
    """What a client sends, beginning with its first packet, which was read already; watches that it keeps sending."""

    def __init__(
        self, connect: ConnectPacket, reader: asyncio.StreamReader, transport: asyncio.WriteTransport
    ) -> None:
        self._first = connect.content
        self._reader = reader
        self._transport = transport
        self._silent_s = connect.keepalive_s * _GRACE
        self._loop = asyncio.get_running_loop()
        self._heard = self._loop.time()
        self._watch: asyncio.TimerHandle | None = None
        if self._silent_s:
            self._watch = self._loop.call_later(self._silent_s, self._look)

    def stop(self) -> None:
        if self._watch is not None:
            self._watch.cancel()

    async def read(self, n: int = -1) -> bytes:
        if self._first:
            part, self._first = self._first[:n], self._first[n:]
            return part
        if n > MOST_PACKET_BYTES or n < 0:
            self._transport.abort()
            raise ConnectionResetError("the packet is too large")
        part = await self._reader.readexactly(n)
        self._heard = self._loop.time()
        return part

    def feed_eof(self) -> None:
        self._reader.feed_eof()

    def _look(self) -> None:
        """Cut off a client that is silent for too long: amqtt notices, and does nothing."""
        left_s = self._heard + self._silent_s - self._loop.time()
        if left_s <= 0:
            self._transport.abort()
        else:
            self._watch = self._loop.call_later(left_s, self._look)


class _Writer(WriterAdapter):
    """What a client is sent. amqtt would wait until it has read, with all that comes for it in tasks that wait, too."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        self._transport = writer.transport

    def write(self, data: bytes) -> None:
        if self._transport.is_closing():
            return
        waiting = self._transport.get_write_buffer_size()
        # A packet is always written whole.
        if waiting > MOST_LATE_BYTES and data and data[0] & _KIND_AND_QUALITY == _PUBLISH_ONCE:
            return
        if waiting > MOST_UNREAD_BYTES:
            self._transport.abort()
            return
        self._transport.write(data)

    async def drain(self) -> None:
        return

    def get_peer_info(self) -> tuple[str, int] | None:
        peer: Any = self._writer.get_extra_info("peername")
        return (peer[0], peer[1]) if peer else None

    def get_ssl_info(self) -> ssl.SSLObject | None:
        return None

    async def close(self) -> None:
        self._transport.close()
