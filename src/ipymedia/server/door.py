"""Who comes to the embedded broker, and who is let in.

Everybody on the machine reaches the loopback interface, so each client is asked for the password before amqtt sees a
byte of it (amqtt keeps a session for each client that it refused, and ends those of others with the same name).
"""

from __future__ import annotations

import asyncio
import hmac
import socket
from contextlib import suppress
from typing import TYPE_CHECKING

from .connect_packet import REFUSED, REFUSED_LOGIN, ConnectPacket, NotAllowed, read_connect, refusal

if TYPE_CHECKING:
    from .amqtt_broker import AmqttBroker

MOST_CLIENTS = 128
MOST_STRANGERS = 32
"""Connections that have not given the password yet. With one more the oldest has to go: nobody can bar the door."""

KNOCK_S = 5.0
"""How long a stranger may take."""

_UNSENT_BYTES = 64 * 1024


class Door:
    """Takes connections, asks for the password, and hands them to the broker, which is made for the first let in."""

    def __init__(self, username: str, password: str) -> None:
        self._username = username.encode()
        self._password = password.encode()
        self._server: asyncio.Server | None = None
        self._broker: AmqttBroker | None = None
        self._making = asyncio.Lock()
        self._strangers: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._clients: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    async def open(self, listening: socket.socket) -> None:
        """Take connections from a socket that listens."""
        self._server = await asyncio.start_server(self._come, sock=listening)

    async def close(self) -> None:
        """Take no more, and end all."""
        if self._server is not None:
            self._server.close()
        tasks = {**self._strangers, **self._clients}
        for task, writer in tasks.items():
            writer.transport.abort()
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._broker is not None:
            await self._broker.stop()

    async def _come(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._strangers[task] = writer
        if len(self._strangers) > MOST_STRANGERS:
            oldest = next(iter(self._strangers))
            self._strangers.pop(oldest).transport.abort()
        try:
            connect = await self._ask(reader, writer)
            self._strangers.pop(task, None)
            if connect is not None:
                self._clients[task] = writer
                await self._let_in(connect, reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            self._strangers.pop(task, None)
            self._clients.pop(task, None)
            # What is written is written by now, or nobody is left to read it.
            writer.transport.abort()

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> ConnectPacket | None:
        try:
            connect = await asyncio.wait_for(read_connect(reader), KNOCK_S)
            self._check(connect)
        except asyncio.TimeoutError:
            return None
        except NotAllowed as refused:
            if refused.code:
                writer.write(refusal(refused.code))
                writer.write_eof()
                # Read on until the client hangs up: a close with unread bytes would take the answer away from it.
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(reader.read(), KNOCK_S)
            return None
        return connect

    def _check(self, connect: ConnectPacket) -> None:
        is_user = hmac.compare_digest(connect.username, self._username)
        is_password = hmac.compare_digest(connect.password, self._password)
        if not (is_user and is_password):
            raise NotAllowed(REFUSED_LOGIN)
        if len(self._clients) >= MOST_CLIENTS:
            raise NotAllowed(REFUSED)

    async def _let_in(
        self, connect: ConnectPacket, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        _prepare(writer)
        async with self._making:
            if self._broker is None:
                from .amqtt_broker import AmqttBroker

                self._broker = AmqttBroker()
                await self._broker.start()
        await self._broker.serve(connect, reader, writer)


def _prepare(writer: asyncio.StreamWriter) -> None:
    """Have what a slow client does not take wait where it can be seen and dropped, not in its socket (Linux)."""
    sock = writer.get_extra_info("socket")
    if sock is not None and hasattr(socket, "TCP_NOTSENT_LOWAT"):
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, _UNSENT_BYTES)
