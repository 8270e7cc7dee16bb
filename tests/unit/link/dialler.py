"""A page's part of the link in Python: says hello over the comm, dials the socket as a browser does."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from tornado.httpclient import HTTPRequest
from tornado.websocket import WebSocketClientConnection, WebSocketClosedError, websocket_connect

from ipymedia.link.handshake import KERNEL, PAGE, new_nonce, proof_of, proves
from ipymedia.link.link import Link
from ipymedia.protocol.framing import join, split
from ipymedia.protocol.messages import (
    PROTOCOL_VERSION,
    Capabilities,
    LinkDial,
    LinkHello,
    LinkOffer,
    LinkPing,
    LinkPong,
    LinkProof,
    LinkReady,
    Message,
)

ORIGIN = "http://lab.example:8888"
T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run one test's asynchronous part; nothing in it may hang."""
    return asyncio.run(asyncio.wait_for(work, 30))


def hello(
    page: str = "page", *, load: str = "load", origin: str = ORIGIN, version: int = PROTOCOL_VERSION
) -> LinkHello:
    return LinkHello(
        version=version,
        page=page,
        load=load,
        bundle="0",
        origin=origin,
        capabilities=Capabilities(encode=["h264"], decode=["h264"]),
    )


def offer_for(link: Link, comms: list[dict[str, Any]], page: str = "page", origin: str = ORIGIN) -> LinkOffer:
    """What the kernel offers a page that says hello (or asks again)."""
    import msgspec

    link._receive_comm(
        "client", {"page": page, "message": msgspec.to_builtins(hello(page, origin=origin))}, [], False
    )
    known = link.page(page)
    assert known is not None
    del comms[:]
    link.offer(known, origin)
    content = comms[-1]["data"]["content"]
    assert content["page"] == page
    return msgspec.convert(content["message"], LinkOffer)


async def connect(
    port: int, origin: str | None = ORIGIN, host: str = "127.0.0.1"
) -> WebSocketClientConnection:
    """Open a WebSocket; raises `tornado.httpclient.HTTPClientError` when it is refused."""
    headers = {} if origin is None else {"Origin": origin}
    return await websocket_connect(HTTPRequest(f"ws://{host}:{port}/ipymedia/link", headers=headers))


async def read(socket: WebSocketClientConnection) -> Message | None:
    """The next message; None when the socket was closed."""
    frame = await socket.read_message()
    return None if frame is None else split(frame if isinstance(frame, bytes) else frame.encode())[0]


async def say(socket: WebSocketClientConnection, message: Message, buffer: bytes = b"") -> None:
    await socket.write_message(join(message, buffer), binary=True)


async def insist(socket: WebSocketClientConnection, message: Message, buffer: bytes = b"") -> None:
    """Say something to a kernel that has refused us, or is about to: it may have closed the socket by now."""
    with suppress(WebSocketClosedError):
        await say(socket, message, buffer)


async def shake_hands(socket: WebSocketClientConnection, offer: LinkOffer, page: str = "page") -> None:
    """The whole handshake; the kernel's proof is checked as a page does."""
    nonce = new_nonce()
    await say(socket, LinkDial(offer=offer.offer, page=page, nonce=nonce))
    proof = await read(socket)
    assert isinstance(proof, LinkProof)
    assert proves(proof.proof, KERNEL, offer.token, nonce, proof.nonce)
    await say(socket, LinkProof(proof=proof_of(PAGE, offer.token, nonce, proof.nonce)))
    assert isinstance(await read(socket), LinkReady)


async def open_socket(
    link: Link, comms: list[dict[str, Any]], page: str = "page"
) -> WebSocketClientConnection:
    """An open socket of a page that said hello."""
    offer = offer_for(link, comms, page)
    socket = await connect(offer.port)
    await shake_hands(socket, offer, page)
    # The kernel says that it is ready a moment before it sends on the socket.
    await say(socket, LinkPing(time_us=0))
    assert await read(socket) == LinkPong(time_us=0)
    return socket
