"""What carries messages between participants: topics that one publishes to, and others subscribe to."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .broker import Broker

MOST_TRIES_S = 10.0
"""How long a first connection may take."""


class Exchange(Protocol):
    """A connection to a broker, or the stand-in for one within a kernel; all on the rooms' loop.

    Attributes
    ----------
    on_message : callable
        Topic and content of what came. It must not raise.
    on_online : callable
        Whether the broker is reached: called on each change, after the subscriptions were made again.
    online : bool
    dropped : int
        Messages that were not sent, since the broker was away or too slow.
    """

    on_message: Callable[[str, bytes], None]
    on_online: Callable[[bool], None]
    online: bool
    dropped: int

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, reliable: bool = True) -> bool:
        """Send; tells whether it was taken.

        Parameters
        ----------
        topic
            Where to.
        payload
            The content; with `retain`, an empty one takes back what is retained.
        retain
            The broker keeps it for those who subscribe later.
        reliable
            It is sent again until the broker has it, also after the broker was away. Otherwise it is sent at most once,
            and not at all when much waits, or when the broker is away.
        """

    def subscribe(self, pattern: str, *, reliable: bool = True) -> None:
        """Get what is published to a topic (``+`` stands for one level), now and after each new connection."""

    def unsubscribe(self, pattern: str) -> None:
        """No longer get it."""

    async def set_will(self, topic: str) -> None:
        """Have what is retained at a topic taken back when this side is gone without a word.

        MQTT takes a will only while it connects: a connection that was made with another one is made anew.

        Raises
        ------
        RoomError
            The new connection was not made.
        """

    async def close(self) -> None:
        """Send what waits (for a moment), and end. The will is not carried out."""


async def open_exchange(broker: Broker | None, *, will: str = "") -> Exchange:
    """Connect to a broker.

    Parameters
    ----------
    broker
        Which one; None: within this kernel.
    will
        See `Exchange.set_will`; given here, it costs no second connection.

    Raises
    ------
    RoomError
        Within 10 s: ``broker_unreachable``, ``broker_refused``, ``bad_certificate``.
    """
    if broker is None:
        from .exchange_local import LocalExchange

        return LocalExchange(will)
    from .exchange_mqtt import MqttExchange

    exchange = MqttExchange(broker, will)
    await exchange.open()
    return exchange


def ignore_message(topic: str, payload: bytes, /) -> None:
    """What an exchange does with messages before anybody listens."""


def ignore_online(online: bool, /) -> None:
    """What an exchange does with changes before anybody listens."""
