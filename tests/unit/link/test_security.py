"""The socket against whoever else may reach it: real server, real sockets."""

from __future__ import annotations

import asyncio
import logging
import random
import socket as sockets
import struct
import time
from contextlib import suppress
from typing import Any

import psutil
import pytest
from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketClosedError

from ipymedia.link import socket as socket_module
from ipymedia.link.handshake import PAGE, new_nonce, proof_of
from ipymedia.link.link import Link
from ipymedia.link.page import Page
from ipymedia.protocol.framing import join, pieces
from ipymedia.protocol.messages import (
    MAX_MESSAGE_BYTES,
    FrameCredit,
    FrameData,
    LinkDial,
    LinkOffer,
    LinkPiece,
    LinkPing,
    LinkPong,
    LinkProof,
    LinkReady,
    LinkWantOffer,
)

from .dialler import ORIGIN, connect, insist, offer_for, open_socket, read, run, say, shake_hands

Comms = list[dict[str, Any]]
CREDIT = FrameCredit(stream="s", epoch=1, sequence=1)


@pytest.fixture
def dispatched(link: Link) -> list[object]:
    """What got past the link."""
    seen: list[object] = []
    for kind in (FrameCredit, FrameData):
        link.on(kind, lambda page, message, buffer: seen.append(message))
    return seen


def no_traceback(caplog: pytest.LogCaptureFixture) -> bool:
    return not any(record.exc_info for record in caplog.records)


def test_the_server_listens_on_loopback_only(link: Link, comms: Comms) -> None:
    port = offer_for(link, comms).port
    listening = [
        c
        for c in psutil.Process().net_connections()
        if c.status == psutil.CONN_LISTEN and c.laddr.port == port
    ]
    assert [c.laddr.ip for c in listening] == ["127.0.0.1"]
    with pytest.raises(ConnectionRefusedError), sockets.create_connection(("::1", port), timeout=1):
        pass


@pytest.mark.parametrize(
    "origin", [None, "", "null", "http://evil.example", "http://lab.example", "https://lab.example:8888"]
)
def test_a_foreign_or_missing_origin_is_forbidden(link: Link, comms: Comms, origin: str | None) -> None:
    port = offer_for(link, comms).port

    async def dial() -> None:
        with pytest.raises(HTTPClientError) as refused:
            await connect(port, origin)
        assert refused.value.code == 403

    run(dial())


@pytest.mark.parametrize("origin", ["", "null"])
def test_a_page_without_an_origin_of_its_own_gets_no_offer(link: Link, comms: Comms, origin: str) -> None:
    offer_for(link, comms)
    page = link.page("page")
    assert page is not None
    del comms[:]
    link.offer(page, origin)
    assert comms == []
    assert not link.offers.knows_origin(origin)


def test_an_offer_is_good_for_one_socket(link: Link, comms: Comms) -> None:
    async def dial() -> None:
        offer = offer_for(link, comms)
        offer_for(link, comms)  # so that the origin stays known
        first = await connect(offer.port)
        await shake_hands(first, offer)
        second = await connect(offer.port)
        await say(second, LinkDial(offer=offer.offer, page="page", nonce=new_nonce()))
        assert await read(second) is None
        assert second.close_code == 1008
        first.close()

    run(dial())


@pytest.mark.parametrize("wrong", ["unknown", "expired", "another page's", "another origin's"])
def test_a_wrong_offer_is_refused(
    link: Link, comms: Comms, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    async def dial() -> None:
        offer, page, origin = offer_for(link, comms), "page", ORIGIN
        link.offers.make("page", "http://other.example")
        if wrong == "unknown":
            offer = LinkOffer(offer="f" * 16, port=offer.port, token=offer.token)
        elif wrong == "another page's":
            page = "other"
        elif wrong == "another origin's":
            origin = "http://other.example"
        socket = await connect(offer.port, origin)
        if wrong == "expired":
            now_s = time.monotonic()
            monkeypatch.setattr("ipymedia.link.offers.time.monotonic", lambda: now_s + 10.1)
        await say(socket, LinkDial(offer=offer.offer, page=page, nonce=new_nonce()))
        assert await read(socket) is None
        assert socket.close_code == 1008

    run(dial())
    page = link.page("page")
    assert page is not None
    assert page.carrier == "comm"


def test_a_wrong_proof_is_refused_and_a_right_one_after_it_too(
    link: Link, comms: Comms, dispatched: list[object]
) -> None:
    async def dial() -> None:
        offer, nonce = offer_for(link, comms), new_nonce()
        socket = await connect(offer.port)
        await say(socket, LinkDial(offer=offer.offer, page="page", nonce=nonce))
        proof = await read(socket)
        assert isinstance(proof, LinkProof)
        right = LinkProof(proof=proof_of(PAGE, offer.token, nonce, proof.nonce))
        await say(socket, LinkProof(proof=proof.proof))  # the kernel's own, played back
        await insist(socket, right)
        await insist(socket, CREDIT)
        assert await read(socket) is None
        assert socket.close_code == 1008

    run(dial())
    assert dispatched == []


@pytest.mark.parametrize("early", [CREDIT, LinkPing(time_us=1), LinkProof(proof="0" * 64), LinkReady()])
def test_nothing_is_dispatched_before_the_proof(
    link: Link, comms: Comms, dispatched: list[object], early: Any
) -> None:
    async def dial(dialled: bool) -> None:
        offer = offer_for(link, comms)
        socket = await connect(offer.port)
        if dialled:
            await say(socket, LinkDial(offer=offer.offer, page="page", nonce=new_nonce()))
            await read(socket)
        await say(socket, early)
        assert await read(socket) is None
        assert socket.close_code == 1008

    run(dial(dialled=False))
    run(dial(dialled=True))
    assert dispatched == []


@pytest.mark.parametrize("dialled", [False, True])
def test_a_page_that_says_nothing_is_closed(
    link: Link, comms: Comms, monkeypatch: pytest.MonkeyPatch, dialled: bool
) -> None:
    monkeypatch.setattr(socket_module, "SILENT_PAGE_TIMEOUT_S", 0.3)

    async def dial() -> float:
        offer = offer_for(link, comms)
        socket = await connect(offer.port)
        began_s = time.monotonic()
        if dialled:
            await say(socket, LinkDial(offer=offer.offer, page="page", nonce=new_nonce()))
            await read(socket)
        assert await read(socket) is None
        return time.monotonic() - began_s

    assert 0.25 < run(dial()) < 5


def test_an_idle_socket_closes_and_a_used_one_does_not(
    link: Link, comms: Comms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_module, "IDLE_SOCKET_TIMEOUT_S", 0.4)

    async def dial() -> None:
        socket = await open_socket(link, comms)
        for number in range(8):
            await say(socket, LinkPing(time_us=number))
            assert await read(socket) == LinkPong(time_us=number)
            await asyncio.sleep(0.1)
        assert await read(socket) is None
        assert socket.close_code == 1000

    run(dial())
    page = link.page("page")
    assert page is not None
    assert page.carrier == "comm"


def _random(seed: int) -> bytes:
    made = random.Random(seed)
    return made.randbytes(made.randrange(0, 400))


def _headed(header: bytes) -> bytes:
    return struct.pack("<I", len(header)) + header


MALFORMED: dict[str, bytes | str] = {
    "empty": b"",
    "short": b"\x01\x00",
    "truncated": join(CREDIT)[:-3],
    "longer than it says": struct.pack("<I", 2**32 - 1) + b"{}",
    "no JSON": _headed(b"\xff\xfe\x00"),
    "no object": _headed(b"[1]"),
    "deep": _headed(b'{"type":' + b"[" * 60_000),
    "deep, of a known type": _headed(b'{"type":"frame.credit","stream":' + b'{"a":' * 30_000),
    "unknown type": _headed(b'{"type":"frame.bomb"}'),
    "kernel's type": _headed(
        b'{"type":"snapshot.request","request":"a","stream":"b","format":"png","quality":1}'
    ),
    "NaN": _headed(b'{"type":"frame.credit","stream":"s","epoch":NaN,"sequence":1}'),
    "infinite": _headed(
        b'{"type":"stats.report","stream":"s","fps":1e999,"latency_ms":1,"latency_p95_ms":1,"dropped":0,"bytes":0}'
    ),
    "negative": _headed(b'{"type":"frame.credit","stream":"s","epoch":-1,"sequence":1}'),
    "huge number": _headed(b'{"type":"frame.credit","stream":"s","epoch":1' + b"0" * 400 + b',"sequence":1}'),
    "unknown field": _headed(b'{"type":"frame.credit","stream":"s","epoch":1,"sequence":1,"x":1}'),
    "half a surrogate": _headed(b'{"type":"frame.credit","stream":"\\ud800","epoch":1,"sequence":1}'),
    "header too large": _headed(
        b'{"type":"frame.credit","stream":"' + b"s" * (300 << 10) + b'","epoch":1,"sequence":1}'
    ),
    "text": '{"type":"frame.credit","stream":"s","epoch":1,"sequence":1}',
    "too large": join(CREDIT, b"\0" * (2 * MAX_MESSAGE_BYTES)),
    "piece out of order": join(LinkPiece(message=1, index=1, count=2), b"a"),
    "piece of nothing": join(LinkPiece(message=1, index=0, count=0), b"a"),
    "piece in a piece": join(
        LinkPiece(message=1, index=0, count=1), join(LinkPiece(message=2, index=0, count=1), b"")
    ),
    **{f"random {seed}": _random(seed) for seed in range(12)},
}


@pytest.mark.parametrize("name", MALFORMED)
@pytest.mark.parametrize("proved", [False, True])
def test_a_malformed_message_ends_the_socket_and_nothing_else(
    link: Link,
    comms: Comms,
    dispatched: list[object],
    caplog: pytest.LogCaptureFixture,
    name: str,
    proved: bool,
) -> None:
    caplog.set_level(logging.DEBUG)

    async def dial() -> None:
        bad = MALFORMED[name]
        socket = await open_socket(link, comms) if proved else await connect(offer_for(link, comms).port)
        with suppress(WebSocketClosedError):  # it may be closed before all was written
            await socket.write_message(bad, binary=isinstance(bad, bytes))
        await insist(socket, CREDIT)
        assert await read(socket) is None
        again = await open_socket(link, comms)  # the server goes on
        await say(again, LinkPing(time_us=7))
        assert await read(again) == LinkPong(time_us=7)
        again.close()

    run(dial())
    assert dispatched == []
    assert link.refused == (0 if name == "too large" else 1)  # Tornado itself refuses what is too large
    assert no_traceback(caplog)


def test_pieces_make_one_message_and_too_many_are_refused(
    link: Link, comms: Comms, dispatched: list[object]
) -> None:
    data = FrameData(
        stream="s", epoch=1, sequence=0, index=0, time_us=0, key=True, codec="h264", width=2, height=2
    )
    whole = join(data, b"x" * (3 * MAX_MESSAGE_BYTES))

    async def dial() -> None:
        socket = await open_socket(link, comms)
        for piece, part in pieces(1, whole):
            await say(socket, piece, bytes(part))
        await say(socket, LinkPing(time_us=1))
        assert await read(socket) == LinkPong(time_us=1)
        assert dispatched == [data]
        part = b"x" * (MAX_MESSAGE_BYTES - 1024)
        for index in range(80):
            await insist(socket, LinkPiece(message=2, index=index, count=80), part)
        assert await read(socket) is None

    run(dial())
    assert dispatched == [data]
    assert link.refused == 1


def test_a_flood_does_not_stop_others(link: Link, comms: Comms) -> None:
    """One page sends without reading; another one is answered."""

    async def dial() -> None:
        flooding = await open_socket(link, comms, "flooding")
        calm = await open_socket(link, comms, "calm")
        frame = join(LinkPing(time_us=1))
        for _ in range(5000):
            flooding.write_message(frame, binary=True)
        await say(calm, LinkPing(time_us=2))
        assert await asyncio.wait_for(read(calm), 10) == LinkPong(time_us=2)

    run(dial())


def test_a_page_that_reads_nothing_is_closed(
    link: Link, comms: Comms, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket_module, "MAX_ASSEMBLED_BYTES", 1 << 20)

    async def dial() -> None:
        socket = await open_socket(link, comms)
        page = link.page("page")
        assert page is not None
        assert page.carrier == "socket"
        loop, changed = asyncio.get_running_loop(), asyncio.Event()
        link.on_page(lambda page, _: page.carrier == "comm" and loop.call_soon_threadsafe(changed.set))
        for _ in range(64):
            page.send(CREDIT, b"x" * 500_000)
        await changed.wait()
        assert page.carrier == "comm"
        socket.close()

    run(dial())


def test_a_handler_that_fails_ends_no_connection(
    link: Link, comms: Comms, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(page: Page, message: FrameCredit, buffer: object) -> None:
        raise RuntimeError("a bug of ours")

    link.on(FrameCredit, fail)

    async def dial() -> None:
        socket = await open_socket(link, comms)
        await say(socket, CREDIT)
        await say(socket, LinkPing(time_us=3))
        assert await read(socket) == LinkPong(time_us=3)
        socket.close()

    run(dial())
    assert "a bug of ours" in caplog.text


def test_no_token_is_logged_shown_or_kept_in_a_trait(
    link: Link, comms: Comms, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)

    async def dial() -> LinkOffer:
        offer = offer_for(link, comms)
        stored = link.offers._open[offer.offer]
        assert offer.token not in repr(offer) + repr(stored) + str(stored) + repr(link.page("page"))
        socket = await connect(offer.port)
        await shake_hands(socket, offer)
        socket.close()
        return offer

    offer = run(dial())
    assert len(offer.token) == 32
    assert offer.token not in caplog.text
    assert link._channel is not None
    assert offer.token not in repr(link._channel.get_state())
    assert [m for m in comms if offer.token in repr(m)] == [comms[0]]
    assert comms[0]["data"]["content"]["message"]["type"] == "link.offer"


def test_tokens_and_nonces_do_not_repeat(link: Link, comms: Comms) -> None:
    offers = [link.offers.make("page", ORIGIN) for _ in range(200)]
    assert len({offer.token for offer in offers}) == len({offer.id for offer in offers}) == 200
    assert len(link.offers._open) <= 64


def test_an_offer_is_asked_for_by_comm_only_with_an_origin(link: Link, comms: Comms) -> None:
    offer_for(link, comms)
    del comms[:]
    link._receive_comm(
        "client", {"page": "page", "message": {"type": "link.want_offer", "origin": ""}}, [], False
    )
    assert comms == []
    asked = {"type": "link.want_offer", "origin": ORIGIN}
    assert LinkWantOffer(origin=ORIGIN).origin == asked["origin"]
    link._receive_comm("client", {"page": "page", "message": asked}, [], False)
    assert comms[-1]["data"]["content"]["message"]["type"] == "link.offer"
