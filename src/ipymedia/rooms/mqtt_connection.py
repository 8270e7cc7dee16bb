"""One connection to an MQTT broker (MQTT 3.1.1), from its first byte to its last, by paho on the rooms' loop.

paho can run on a thread of its own, or by callbacks of its sockets on somebody's event loop. The loop it is: paho has
no lock on what it still has to send, so one thread should do all of it; no message has to cross from thread to thread;
and no thread is left that would have to be ended. Only connecting (names, TCP, TLS, the WebSocket) blocks, and has a
thread for as long as it takes.

A connection that ended is not used again: the next one has a client id of its own, so that no broker confuses the two.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from .broker import Broker
from .keys import new_id
from .mqtt_errors import certificate_error, connect_error, refusal, silence

if TYPE_CHECKING:
    from paho.mqtt.client import Client

KEEPALIVE_S = 5
"""After half as much again a broker takes a silent client for gone, and carries out its will."""

_CONNECT_S = 5.0
_TICK_S = 0.5
_GOODBYE_S = 1.0

# Linux: what is queued behind this many unsent bytes waits where it can still be dropped, not in the socket.
_UNSENT_BYTES = 64 * 1024


class MqttConnection:
    """One connection.

    Attributes
    ----------
    on_message : callable
        Topic and content of what comes.
    on_sent : callable
        The number of a message that the broker has (of one that is not reliable: that was written to the socket).
    on_lost : callable
        The connection ended, and nobody had asked for it.
    """

    def __init__(self, broker: Broker, will: str) -> None:
        self.on_message: Callable[[str, bytes], None]
        self.on_sent: Callable[[int], None]
        self.on_lost: Callable[[], None]
        self._broker = broker
        self._loop = asyncio.get_running_loop()
        self._answered: asyncio.Future[None] = self._loop.create_future()
        self._ended = asyncio.Event()
        self._ending = False
        self._sock: Any = None
        self._options: socket.socket | None = None
        self._tick: asyncio.TimerHandle | None = None
        self._client = self._make_client(will)

    def _make_client(self, will: str) -> Client:
        from paho.mqtt.client import Client
        from paho.mqtt.enums import CallbackAPIVersion

        client = Client(
            CallbackAPIVersion.VERSION2,
            client_id=f"ipymedia-{new_id()}",
            transport="websockets" if self._broker.is_websocket else "tcp",
            reconnect_on_failure=False,
        )
        client.connect_timeout = _CONNECT_S
        client.max_inflight_messages_set(0)
        if self._broker.username:
            client.username_pw_set(self._broker.username, self._broker.password or None)
        if self._broker.is_websocket:
            client.ws_set_options(self._broker.path)
        if self._broker.is_encrypted:
            client.tls_set_context(self._tls())
        if will:
            client.will_set(will, b"", qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_message = self._on_message
        client.on_publish = self._on_publish
        client.on_socket_close = self._on_socket_close
        client.on_socket_register_write = self._on_register_write
        client.on_socket_unregister_write = self._on_unregister_write
        return client

    def _tls(self) -> ssl.SSLContext:
        ca = self._broker.ca
        try:
            # Verifies the certificate and the host's name; nothing here, and no argument of ours, can turn that off.
            if ca.lstrip().startswith("-----BEGIN"):
                return ssl.create_default_context(cadata=ca)
            return ssl.create_default_context(cafile=ca or None)
        except (OSError, ValueError) as error:
            raise certificate_error(
                self._broker, f"the trusted certificates ({ca[:200]}) can't be read: {error}"
            ) from error

    async def connect(self, within_s: float) -> None:
        """Connect, and wait until the broker accepts.

        Raises
        ------
        RoomError
            ``broker_unreachable``, ``broker_refused`` or ``bad_certificate``.
        """
        try:
            await asyncio.wait_for(self._connect(), within_s)
        except asyncio.TimeoutError:
            self.abort()
            raise silence(self._broker, within_s) from None
        except BaseException:
            self.abort()
            raise

    async def _connect(self) -> None:
        connected: asyncio.Future[BaseException | None] = self._loop.create_future()

        def connect() -> None:
            try:
                self._client.connect(self._broker.host, self._broker.port, KEEPALIVE_S)
                problem = None
            except Exception as error:  # noqa: BLE001 (it is raised again, on the loop)
                problem = error
            with suppress(RuntimeError):  # the loop has ended meanwhile
                self._loop.call_soon_threadsafe(done, problem)

        def done(problem: BaseException | None) -> None:
            if connected.cancelled() or self._ending:
                self._drop()
            else:
                connected.set_result(problem)

        threading.Thread(target=connect, name="ipymedia-connect", daemon=True).start()
        problem = await connected
        if problem is not None:
            raise connect_error(self._broker, problem) from problem
        self._attach()
        await self._answered

    @property
    def is_open(self) -> bool:
        """Whether it stands."""
        return self._sock is not None and not self._ended.is_set()

    def publish(self, topic: str, payload: bytes, *, retain: bool, reliable: bool) -> int:
        """Send; gives the number by which `on_sent` names it."""
        return self._client.publish(topic, payload, qos=int(reliable), retain=retain).mid

    def subscribe(self, pattern: str, *, reliable: bool) -> None:
        """Ask for messages. Brokers hand on at the lower of the sender's and this quality, or at this one."""
        self._client.subscribe(pattern, qos=int(reliable))

    def unsubscribe(self, pattern: str) -> None:
        """Ask for no more of them."""
        self._client.unsubscribe(pattern)

    async def close(self) -> None:
        """Say goodbye, so that the will is not carried out, and end."""
        self._ending = True
        if self._sock is not None:
            self._client.disconnect()
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(self._ended.wait(), _GOODBYE_S)
        self.abort()

    def abort(self) -> None:
        """End without a word."""
        self._ending = True
        self._drop()

    def _attach(self) -> None:
        self._sock = self._client.socket()
        # paho's wrapper of a WebSocket hides its socket's options; a second handle on the same socket has them.
        self._options = socket.fromfd(self._sock.fileno(), socket.AF_INET, socket.SOCK_STREAM)
        self._set(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if hasattr(socket, "TCP_NOTSENT_LOWAT"):
            self._set(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES)
        self._loop.add_reader(self._sock, self._read)
        if self._client.want_write():
            self._loop.add_writer(self._sock, self._write)
        self._tick = self._loop.call_later(_TICK_S, self._keep_alive)
        self._read()  # TLS may have read ahead

    def _set(self, level: int, option: int, value: int) -> None:
        if self._options is not None:
            with suppress(OSError):
                self._options.setsockopt(level, option, value)

    def _read(self) -> None:
        while True:
            if self._client.loop_read() != 0 or self._sock is None:
                self._drop()
                return
            # What TLS has decrypted already makes no socket readable.
            pending = getattr(self._sock, "pending", None)
            if pending is None or pending() == 0:
                break
        # Mosquitto leaves Nagle's algorithm on: its next message would wait for this one's delayed acknowledgement.
        if hasattr(socket, "TCP_QUICKACK"):
            self._set(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    def _write(self) -> None:
        if self._client.loop_write() != 0:
            self._drop()

    def _keep_alive(self) -> None:
        self._tick = self._loop.call_later(_TICK_S, self._keep_alive)
        if self._client.loop_misc() != 0:
            self._drop()

    def _drop(self) -> None:
        """Let go of everything; tells of the loss once."""
        if self._tick is not None:
            self._tick.cancel()
        open_socket = self._client.socket()
        self._detach()
        # It calls them once more when it is collected, which may be after the loop ended.
        self._client.on_socket_close = None
        self._client.on_socket_register_write = _do_nothing
        self._client.on_socket_unregister_write = None
        if open_socket is not None:
            with suppress(OSError):
                open_socket.close()
        if self._ended.is_set():
            return
        self._ended.set()
        if not self._answered.done():
            self._answered.set_exception(
                connect_error(self._broker, ConnectionResetError("it closed the connection"))
            )
            self._answered.exception()  # nobody may be left to ask
        elif not self._ending:
            self.on_lost()

    def _detach(self) -> None:
        if self._sock is not None:
            with suppress(ValueError, OSError, RuntimeError):  # RuntimeError: the loop has ended
                self._loop.remove_reader(self._sock)
                self._loop.remove_writer(self._sock)
            self._sock = None
        if self._options is not None:
            self._options.close()
            self._options = None

    def _on_connect(self, client: Client, userdata: Any, flags: Any, reason: Any, properties: Any) -> None:  # noqa: ARG002
        if self._answered.done():
            return
        if reason.is_failure:
            self._answered.set_exception(refusal(self._broker, str(reason)))
            self._answered.exception()
        else:
            self._answered.set_result(None)

    def _on_message(self, client: Client, userdata: Any, message: Any) -> None:  # noqa: ARG002
        try:
            topic = message.topic
        except UnicodeDecodeError:
            return
        self.on_message(topic, message.payload)

    def _on_publish(self, client: Client, userdata: Any, number: int, reason: Any, properties: Any) -> None:  # noqa: ARG002
        self.on_sent(number)

    def _on_socket_close(self, client: Client, userdata: Any, sock: Any) -> None:  # noqa: ARG002
        # Before paho closes it, which may be in the midst of `loop_read`.
        if sock is self._sock:
            self._detach()
            with suppress(RuntimeError):  # the loop has ended, and the client is collected
                self._loop.call_soon(self._drop)

    def _on_register_write(self, client: Client, userdata: Any, sock: Any) -> None:  # noqa: ARG002
        if sock is self._sock:
            self._loop.add_writer(sock, self._write)

    def _on_unregister_write(self, client: Client, userdata: Any, sock: Any) -> None:  # noqa: ARG002
        if sock is self._sock:
            self._loop.remove_writer(sock)


def _do_nothing(*_: object) -> None:
    """For paho, which would write at once, and itself, to a socket that nobody watches."""
