"""Who is there, over which carrier, and what comes over the comm."""

from __future__ import annotations

import json
import logging
import threading
import time
from typing import Any

import msgspec
import pytest

from ipymedia.link.link import Link, PageEvent
from ipymedia.link.page import Page
from ipymedia.protocol.framing import join, pieces, split
from ipymedia.protocol.messages import (
    MAX_MESSAGE_BYTES,
    FrameCredit,
    FrameData,
    LinkMismatch,
    LinkPing,
    LinkPong,
    LinkUse,
    LinkWantChunk,
    Message,
    StreamTake,
)

from .dialler import ORIGIN, hello, offer_for, open_socket, read, run, say

Comms = list[dict[str, Any]]
CREDIT = FrameCredit(stream="s", epoch=1, sequence=1)
PICTURE = FrameData(
    stream="s", epoch=1, sequence=0, index=0, time_us=0, key=True, codec="h264", width=2, height=2
)


@pytest.fixture
def events(link: Link) -> list[tuple[str, PageEvent]]:
    seen: list[tuple[str, PageEvent]] = []
    link.on_page(lambda page, event: seen.append((page.id, event)))
    return seen


def speak(link: Link, message: Message, page: str = "page", buffer: bytes | None = None) -> None:
    """What a page says over the comm."""
    content = {"page": page, "message": msgspec.to_builtins(message)}
    link._receive_comm(f"client of {page}", content, [] if buffer is None else [buffer], True)


def said(comms: Comms, page: str = "page") -> list[dict[str, Any]]:
    """What the kernel said to a page over the comm."""
    contents = [m["data"]["content"] for m in comms if m["data"] and m["data"].get("method") == "custom"]
    return [content["message"] for content in contents if content["page"] == page]


def known(link: Link, page: str = "page") -> Page:
    found = link.page(page)
    assert found is not None
    return found


def test_a_page_says_hello_and_is_offered_the_socket(link: Link, comms: Comms, events: list[object]) -> None:
    speak(link, hello())
    welcome, offer = said(comms)
    assert welcome["type"] == "link.welcome"
    assert welcome["during_cells"] is True
    assert offer["type"] == "link.offer"
    assert events == [("page", PageEvent.LOADED)]
    assert known(link).carrier == "comm"
    assert link.page_of_client("client of page") is known(link)
    assert link.page_of_client("another") is None


def test_a_page_may_load_parts_of_itself_before_its_hello(link: Link, comms: Comms) -> None:
    speak(link, LinkWantChunk(name="widgets"))
    assert said(comms) == [{"type": "link.chunk", "name": "widgets"}]
    assert link.pages == []
    # Anything else must wait for the hello.
    speak(link, CREDIT)
    assert said(comms)[-1]["type"] == "link.mismatch"


def test_a_repeated_hello_changes_nothing_and_a_reload_begins_anew(
    link: Link, comms: Comms, events: list[object]
) -> None:
    for _ in range(3):
        speak(link, hello())
    assert events == [("page", PageEvent.LOADED)]
    assert [message["type"] for message in said(comms)].count("link.offer") == 1
    page = known(link)
    speak(link, hello(load="another"))
    assert events == [("page", PageEvent.LOADED)] * 2
    assert known(link) is page


def test_another_version_is_told_to_reload(link: Link, comms: Comms, events: list[object]) -> None:
    speak(link, hello(version=99))
    (answer,) = said(comms)
    assert answer["type"] == "link.mismatch"
    assert "reload the page" in answer["message"]
    assert link.pages == []
    assert events == []


def test_a_page_that_is_not_known_is_asked_to_say_hello(link: Link, comms: Comms) -> None:
    speak(link, CREDIT, "stranger")
    (answer,) = said(comms, "stranger")
    assert msgspec.convert(answer, LinkMismatch).version == hello().version
    assert link.pages == []


def test_a_page_says_goodbye(link: Link, comms: Comms, events: list[object]) -> None:
    speak(link, hello())
    link._receive_comm("", {"page": "page", "message": {"type": "link.bye"}}, [], True)
    link._receive_comm("", {"page": "page", "message": {"type": "link.bye"}}, [], True)
    assert events == [("page", PageEvent.LOADED), ("page", PageEvent.LOST), ("page", PageEvent.LEFT)]
    assert link.pages == []


def test_pages_are_bounded_and_the_most_silent_one_goes(link: Link, comms: Comms) -> None:
    for number in range(70):
        speak(link, hello(f"page {number}"))
        speak(link, LinkPing(time_us=1), "page 0")
    assert len(link.pages) == 64
    assert link.page("page 0") is not None
    assert link.page("page 1") is None
    assert link.page("page 69") is not None


def test_messages_reach_their_handlers_over_both_carriers(link: Link, comms: Comms) -> None:
    seen: list[tuple[str, Message, bytes]] = []
    link.on(FrameData, lambda page, message, buffer: seen.append((page.id, message, bytes(buffer))))

    async def dial() -> None:
        socket = await open_socket(link, comms)
        await say(socket, PICTURE, b"over the socket")
        await say(socket, LinkPing(time_us=1))
        await read(socket)
        socket.close()

    run(dial())
    speak(link, PICTURE, buffer=b"over the comm")
    assert seen == [("page", PICTURE, b"over the socket"), ("page", PICTURE, b"over the comm")]


def test_the_kernel_sends_over_the_carrier_in_use(link: Link, comms: Comms, events: list[object]) -> None:
    async def dial() -> None:
        socket = await open_socket(link, comms)
        page = known(link)
        assert page.carrier == "socket"
        assert events[-1] == ("page", PageEvent.CARRIER)
        del comms[:]
        page.send(CREDIT, lazy=True)
        page.send(PICTURE, b"abc")
        frames = [split(await socket.read_message()) for _ in range(2)]
        assert [message for message, _ in frames] == [PICTURE, CREDIT], (
            "a lazy one comes after the next that is not"
        )
        assert said(comms) == []
        speak(link, LinkUse(carrier="comm"))
        assert page.carrier == "comm"
        assert events[-1] == ("page", PageEvent.CARRIER)
        page.send(CREDIT)
        assert said(comms)[-1]["type"] == "frame.credit"
        assert await read(socket) is None

    run(dial())


def test_a_lazy_message_does_not_wait_for_ever(link: Link, comms: Comms) -> None:
    async def dial() -> None:
        socket = await open_socket(link, comms)
        known(link).send(CREDIT, lazy=True)
        assert await read(socket) == CREDIT
        socket.close()

    run(dial())


def test_a_new_socket_takes_the_place_of_the_old_one(link: Link, comms: Comms) -> None:
    async def dial() -> None:
        old = await open_socket(link, comms)
        new = await open_socket(link, comms)
        assert await read(old) is None
        assert known(link).carrier == "socket"
        known(link).send(CREDIT)
        assert await read(new) == CREDIT
        new.close()

    run(dial())


def test_large_messages_cross_in_pieces_both_ways(link: Link, comms: Comms) -> None:
    seen: list[bytes] = []
    link.on(FrameData, lambda page, message, buffer: seen.append(bytes(buffer)))
    speak(link, hello())
    large = bytes(range(256)) * 10_000
    for piece, part in pieces(3, join(PICTURE, large)):
        speak(link, piece, buffer=bytes(part))
    assert seen == [large]
    del comms[:]
    known(link).send(PICTURE, large)
    parts = [m["buffers"][0] for m in comms]
    assert all(len(part) <= MAX_MESSAGE_BYTES for part in parts)
    message, buffer = split(b"".join(parts))
    assert (message, bytes(buffer)) == (PICTURE, large)


def test_half_a_message_of_before_a_reload_is_forgotten(link: Link, comms: Comms) -> None:
    speak(link, hello())
    first, second = list(pieces(3, join(PICTURE, b"x" * (MAX_MESSAGE_BYTES + 1))))
    speak(link, first[0], buffer=bytes(first[1]))
    speak(link, hello(load="another"))
    speak(link, second[0], buffer=bytes(second[1]))
    assert link.refused == 1


NAN = float("nan")


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        "link.bye",
        {},
        {"page": 5, "message": {"type": "link.bye"}},
        {"page": "x" * 300, "message": {"type": "link.bye"}},
        {"page": "page"},
        {"page": "page", "message": None},
        {"page": "page", "message": {"type": "link.ready"}},
        {"page": "page", "message": {"type": "link.welcome", "version": 1}},
        {"page": "page", "message": {"type": "stream.take", "stream": "\ud800"}},
        {"page": "page", "message": {"type": "stream.take", "stream": "s" * 400_000}},
        {"page": "page", "message": {"type": "stream.state", "stream": "s", "state": "live", "fps": NAN}},
        {
            "page": "page",
            "message": {"type": "stream.state", "stream": "s", "state": "live", "fps": float("inf")},
        },
        {"page": "page", "message": {"type": "link.ping", "time_us": 10**30}},
        {"page": "page", "message": {"type": "link.piece", "message": 1, "index": 5, "count": 2}},
    ],
    ids=lambda content: repr(content)[:60],
)
def test_malformed_messages_over_the_comm_are_counted_and_change_nothing(
    link: Link, comms: Comms, caplog: pytest.LogCaptureFixture, content: object
) -> None:
    seen: list[object] = []
    link.on(StreamTake, lambda page, message, buffer: seen.append(message))
    speak(link, hello())
    link._receive_comm("client", content, [], True)
    assert link.refused == 1
    assert seen == []
    assert not any(record.exc_info for record in caplog.records)
    speak(link, StreamTake(stream="s"))
    assert seen == [StreamTake(stream="s")]


def test_refusals_do_not_flood_the_log(link: Link, comms: Comms, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    for _ in range(1000):
        link._receive_comm("client", None, [], True)
    assert link.refused == 1000
    assert len(caplog.records) == 10


def test_waiting_for_a_page(link: Link, comms: Comms) -> None:
    assert link.wait_for_page(lambda page: True, 0.05) is None
    threading.Timer(0.1, speak, (link, hello())).start()
    began_s = time.monotonic()
    page = link.wait_for_page(lambda page: page.id == "page", 10)
    assert page is known(link)
    assert time.monotonic() - began_s < 5
    assert link.wait_for_page(lambda page: page.carrier == "socket", 0.05) is None


def test_after_close_all_there_is_a_new_channel(link: Link, comms: Comms) -> None:
    first = link._channel
    assert first is not None
    link.open()
    assert link._channel is first
    first.close()
    known_pages = link.pages
    link.open()
    assert link._channel is not first
    assert link.pages == known_pages
    speak(link, hello(load="on the new channel"))
    del comms[:]
    known(link).send(CREDIT)
    assert said(comms) == [msgspec.to_builtins(CREDIT)]


def test_a_page_can_set_no_trait_of_the_channel(link: Link, comms: Comms) -> None:
    channel = link._channel
    assert channel is not None
    session = channel._session
    channel.set_state({"_session": "mine", "_esm": "alert(1)"})
    assert channel._session == session
    assert channel._esm != "alert(1)"
    assert channel.page_writes_refused == 2


def test_threads_may_speak_at_once(link: Link, comms: Comms) -> None:
    """Subshells and the socket's thread: nothing is lost, nothing is counted twice."""
    seen: list[str] = []
    link.on(FrameCredit, lambda page, message, buffer: seen.append(page.id))
    names = [f"page {number}" for number in range(8)]

    def chatter(name: str) -> None:
        speak(link, hello(name))
        for _ in range(200):
            speak(link, CREDIT, name)
            link._receive_comm("", {"page": name}, [], True)

    threads = [threading.Thread(target=chatter, args=(name,)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {name: seen.count(name) for name in names} == dict.fromkeys(names, 200)
    assert link.refused == 1600
    assert {page.id for page in link.pages} == set(names)


def test_pong_echoes_ping(link: Link, comms: Comms) -> None:
    speak(link, hello())
    speak(link, LinkPing(time_us=12345))
    assert json.loads(json.dumps(said(comms)[-1])) == msgspec.to_builtins(LinkPong(time_us=12345))


def test_a_server_that_can_not_listen_leaves_the_comm(
    link: Link, comms: Comms, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError("not in this sandbox")

    monkeypatch.setattr("tornado.netutil.bind_sockets", refuse)
    speak(link, hello())
    assert [message["type"] for message in said(comms)] == ["link.welcome"]
    assert "not in this sandbox" in caplog.text
    assert known(link).carrier == "comm"


def test_an_offer_names_the_port_that_is_listened_on(link: Link, comms: Comms) -> None:
    first, second = offer_for(link, comms), offer_for(link, comms, origin=ORIGIN)
    assert first.port == second.port > 0
    assert first.token != second.token
