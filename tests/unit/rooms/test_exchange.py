"""Connecting to brokers, as a user meets it: what is told when one refuses, is not there, or can't be trusted."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ipymedia.errors import Reason, RoomError
from ipymedia.rooms import exchange_mqtt
from ipymedia.rooms.broker import Broker
from ipymedia.rooms.exchange import open_exchange
from ipymedia.rooms.exchange_local import LocalExchange, matches
from ipymedia.rooms.exchange_mqtt import MOST_UNSURE, MqttExchange

from .certificates import certify
from .conftest import RunningBroker
from .mosquitto import PASSWORD, USER, Mosquitto
from .people import Heard, run


def refused(broker: Broker, within_s: float = 10) -> RoomError:
    """The error of a connection that is not made; no thread or task stays behind."""

    async def scene() -> RoomError:
        began = time.monotonic()
        with pytest.raises(RoomError) as caught:
            await open_exchange(broker)
        assert time.monotonic() - began < within_s + 1
        return caught.value

    error = run(scene())
    assert PASSWORD not in str(error)
    return error


@pytest.fixture
def mosquitto(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Mosquitto]:
    """A broker of this test's; `request.param` are its arguments."""
    arguments = dict(getattr(request, "param", {}))
    if "certificate" in arguments:
        arguments["certificate"] = certify(tmp_path / "certificates", **arguments["certificate"])
    broker = Mosquitto(tmp_path / "broker", **arguments)
    yield broker
    broker.stop()


@pytest.mark.parametrize("mosquitto", [{"password": True}], indirect=True)
@pytest.mark.parametrize(("username", "password"), [("", ""), (USER, "wrong"), ("eve", PASSWORD)])
def test_a_broker_that_refuses_says_so(mosquitto: Mosquitto, username: str, password: str) -> None:
    error = refused(Broker(mosquitto.url, username, password))
    assert error.reason is Reason.BROKER_REFUSED
    assert "username=" in error.message
    assert (username or "without a user name") in error.message


@pytest.mark.parametrize("scheme", ["mqtt", "mqtts", "ws", "wss"])
def test_a_broker_that_is_not_there_says_so(scheme: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # does not listen
        error = refused(Broker(f"{scheme}://127.0.0.1:{taken.getsockname()[1]}"))
    assert error.reason is Reason.BROKER_UNREACHABLE
    assert "nothing listens" in error.message


def test_a_name_that_is_not_known_says_so() -> None:
    error = refused(Broker("mqtt://no-such-broker.invalid"))
    assert error.reason is Reason.BROKER_UNREACHABLE
    assert "no-such-broker.invalid" in error.message


@contextlib.contextmanager
def dumb(answer: bytes) -> Iterator[int]:
    """Something that takes connections, and is no broker."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        held = []

        def take() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = server.accept()
                    held.append(connection)
                    if answer:
                        connection.recv(2000)
                        connection.sendall(answer)
                        connection.close()

        threading.Thread(target=take, daemon=True).start()
        yield server.getsockname()[1]
        for connection in held:
            connection.close()


def test_something_that_never_answers_is_given_up_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange_mqtt, "MOST_TRIES_S", 1.0)
    with dumb(b"") as port:
        for scheme in ("mqtt", "mqtts", "ws", "wss"):
            error = refused(Broker(f"{scheme}://127.0.0.1:{port}"), within_s=1)
            assert error.reason is Reason.BROKER_UNREACHABLE
            assert "1 seconds" in error.message


@pytest.mark.parametrize("scheme", ["mqtt", "mqtts", "ws", "wss"])
def test_something_else_at_the_port_is_no_broker(scheme: str) -> None:
    with dumb(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n") as port:
        error = refused(Broker(f"{scheme}://127.0.0.1:{port}"))
    assert error.reason is Reason.BROKER_UNREACHABLE
    if scheme in {"mqtts", "wss"}:
        assert "does not speak TLS" in error.message


TLS_AND_WEBSOCKET = [{}, {"websocket": True}]


@pytest.mark.parametrize(
    ("mosquitto", "told"),
    [
        ({"certificate": {"host": "another.example"}, **more}, "another.example|not valid for|mismatch")
        for more in TLS_AND_WEBSOCKET
    ]
    + [({"certificate": {"expired": True}, **more}, "expired") for more in TLS_AND_WEBSOCKET],
    indirect=["mosquitto"],
)
def test_a_bad_certificate_is_never_accepted(mosquitto: Mosquitto, told: str) -> None:
    assert mosquitto.certificate is not None
    error = refused(Broker(mosquitto.url, ca=str(mosquitto.certificate.authority)))
    assert error.reason is Reason.BAD_CERTIFICATE
    assert any(word in error.message for word in told.split("|")), error.message
    assert "not trusted" in error.message


@pytest.mark.parametrize("mosquitto", [{"certificate": {}}], indirect=True)
def test_an_unknown_authority_is_never_accepted(mosquitto: Mosquitto, tmp_path: Path) -> None:
    assert mosquitto.certificate is not None
    for ca in ("", str(certify(tmp_path / "others").authority)):
        error = refused(Broker(mosquitto.url, ca=ca))
        assert error.reason is Reason.BAD_CERTIFICATE
        assert "ca=" in error.message
    for ca in (
        str(tmp_path / "missing.pem"),
        str(mosquitto.certificate.key),
        "-----BEGIN CERTIFICATE-----\nno",
    ):
        error = refused(Broker(mosquitto.url, ca=ca))
        assert error.reason is Reason.BAD_CERTIFICATE
        assert "can't be read" in error.message


@pytest.mark.parametrize("mosquitto", [{"certificate": {}}], indirect=True)
def test_the_authority_may_be_given_as_text(mosquitto: Mosquitto) -> None:
    assert mosquitto.certificate is not None

    async def scene() -> None:
        assert mosquitto.certificate is not None
        exchange = await open_exchange(Broker(mosquitto.url, ca=mosquitto.certificate.authority.read_text()))
        await exchange.close()

    run(scene())


def test_no_thread_task_or_socket_is_left(broker: Broker) -> None:
    async def scene() -> None:
        tasks = asyncio.all_tasks()
        for _ in range(5):
            exchange = await open_exchange(broker, will="a/b")
            exchange.subscribe("a/b")
            exchange.publish("a/c", b"x")
            await exchange.close()
            await exchange.close()
            assert not exchange.publish("a/c", b"x")
        assert asyncio.all_tasks() == tasks

    import psutil

    run(scene())
    gc.collect()
    before = psutil.Process().num_fds() if hasattr(psutil.Process, "num_fds") else 0
    run(scene())
    gc.collect()
    after = psutil.Process().num_fds() if hasattr(psutil.Process, "num_fds") else 0
    assert after <= before
    assert not [thread.name for thread in threading.enumerate() if thread.name.startswith("ipymedia-connect")]


def test_a_connection_that_outlives_its_loop_is_collected_in_silence(broker: Broker) -> None:
    """As when a kernel ends its loop with a room that nobody left; what a finaliser raises fails the test."""
    run(open_exchange(broker))
    gc.collect()


def test_what_is_said_while_the_broker_is_away_waits_and_is_bounded(running: RunningBroker) -> None:
    async def scene() -> None:
        exchange = await open_exchange(running.find())
        assert isinstance(exchange, MqttExchange)
        online, heard = Heard(), Heard()
        exchange.on_online, exchange.on_message = online, heard
        exchange.subscribe("back/+")
        await asyncio.to_thread(running.stop)
        await online.until_has(False)
        assert not exchange.publish("back/media", b"m", reliable=False)
        taken = [exchange.publish(f"back/{number}", b"x") for number in range(MOST_UNSURE + 10)]
        assert taken == [True] * MOST_UNSURE + [False] * 10
        assert exchange.dropped == 11
        await asyncio.to_thread(running.start)
        await online.until_has(True, within_s=5)
        await heard.until(lambda came: len(came) >= MOST_UNSURE)
        assert heard.all == [(f"back/{number}", b"x") for number in range(MOST_UNSURE)]
        assert exchange.publish("back/again", b"y")
        await heard.until_has("back/again", b"y")
        await exchange.close()

    run(scene())


def test_media_that_wait_to_be_written_are_bounded(broker: Broker) -> None:
    async def scene() -> None:
        exchange = await open_exchange(broker)
        assert isinstance(exchange, MqttExchange)
        # Nothing is written before this coroutine waits.
        taken = [exchange.publish("a/media", bytes(20_000), reliable=False) for _ in range(100)]
        assert 5 <= taken.count(True) <= 10
        assert exchange.dropped == taken.count(False)
        heard = Heard()
        exchange.on_message = heard
        exchange.subscribe("a/+")
        assert exchange.publish("a/last", b"")
        await heard.until_has("a/last", b"")
        assert exchange._waiting_bytes == 0
        assert exchange.publish("a/media", bytes(20_000), reliable=False)
        await exchange.close()

    run(scene())


def test_a_will_that_is_set_later_makes_the_connection_anew(broker: Broker) -> None:
    async def scene() -> None:
        other = await open_exchange(broker)
        heard = Heard()
        other.on_message = heard
        other.subscribe("will/+")
        exchange = await open_exchange(broker)
        assert isinstance(exchange, MqttExchange)
        await exchange.set_will("will/me")
        exchange.publish("will/me", b"here", retain=True)
        await heard.until_has("will/me", b"here")
        assert exchange._connection is not None
        exchange._connection.abort()
        await heard.until_has("will/me", b"")
        await exchange.close()
        await other.close()

    run(scene())


def test_what_is_retained_is_told_to_those_who_subscribe_until_it_is_taken_back(broker: Broker) -> None:
    async def scene() -> None:
        speaker, others = await open_exchange(broker), []
        speaker.publish("kept/a", b"1", retain=True)
        speaker.publish("kept/a", b"2", retain=True)
        speaker.publish("kept/b", b"3", retain=True)
        for expected in ([("kept/a", b"2"), ("kept/b", b"3")], [("kept/b", b"3")]):
            listener, stranger = await open_exchange(broker), await open_exchange(broker)
            heard, nothing = Heard(), Heard()
            listener.on_message, stranger.on_message = heard, nothing
            stranger.subscribe("other/+")
            listener.subscribe("kept/+")
            await heard.until(lambda came, expected=expected: sorted(came) == expected)
            # amqtt would tell it to whoever connects, where others are subscribed.
            stranger.publish("other/x", b"x")
            await nothing.until_has("other/x", b"x")
            assert nothing.all == [("other/x", b"x")]
            others += [listener, stranger]
            speaker.publish("kept/a", b"", retain=True)
            await heard.until_has("kept/a", b"")
        speaker.publish("kept/b", b"", retain=True)
        for exchange in (speaker, *others):
            await exchange.close()

    run(scene())


def test_rooms_of_one_kernel_need_no_broker() -> None:
    async def scene() -> None:
        ada, bob = await open_exchange(None), await open_exchange(None)
        heard = Heard()
        bob.on_message = heard
        ada.publish("r/here/ada", b"1", retain=True)
        bob.subscribe("r/here/+")
        await heard.until_has("r/here/ada", b"1")
        ada.publish("r/other/ada", b"2")
        ada.publish("r/here/ada", b"", retain=True)
        await heard.until_has("r/here/ada", b"")
        assert len(heard.all) == 2
        assert LocalExchange._retained == {}
        for exchange in (ada, bob, bob):
            await exchange.close()
        assert LocalExchange._open == []
        assert not bob.publish("r/here/ada", b"1")

    run(scene())


@pytest.mark.parametrize(
    ("topic", "pattern", "does"),
    [
        ("a/b", "a/b", True),
        ("a/b", "a/+", True),
        ("a/b/c", "a/+", False),
        ("a", "a/+", False),
        ("a/b", "+/c", False),
    ],
)
def test_patterns(topic: str, pattern: str, does: bool) -> None:
    assert matches(topic, pattern) is does
