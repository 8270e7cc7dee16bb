"""Who comes to the embedded broker without its password: nothing is told, nothing is kept, nobody is barred."""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator

import psutil
import pytest

from ipymedia.server import door
from ipymedia.server.amqtt_broker import MOST_PACKET_BYTES
from ipymedia.server.connect_packet import MOST_BYTES
from ipymedia.server.embedded_broker import EmbeddedBroker

ACCEPTED, REFUSED_VERSION, REFUSED_LOGIN, REFUSED = (bytes((0x20, 2, 0, code)) for code in (0, 1, 4, 5))


@pytest.fixture(scope="module")
def broker() -> Iterator[EmbeddedBroker]:
    """One that runs, in this process."""
    broker = EmbeddedBroker(logging.getLogger("test"))
    broker.start()
    yield broker
    broker.stop()


def field(text: str | bytes) -> bytes:
    content = text.encode() if isinstance(text, str) else text
    return struct.pack(">H", len(content)) + content


def packet(kind: int, body: bytes) -> bytes:
    length, left = b"", len(body)
    while True:
        left, digit = left >> 7, left & 0x7F
        length += bytes((digit | (0x80 if left else 0),))
        if not left:
            return bytes((kind,)) + length + body


def connect(
    broker: EmbeddedBroker,
    *,
    username: str | None = None,
    password: str | None = None,
    level: int = 4,
    clean: bool = True,
    name: str = "MQTT",
    client: str = "c",
    keepalive_s: int = 0,
    will: str = "",
) -> bytes:
    username = broker.file.username if username is None else username
    password = broker.file.password if password is None else password
    flags = (
        (0x02 if clean else 0) | (0x80 if username else 0) | (0x40 if password else 0) | (0x24 if will else 0)
    )
    body = field(name) + struct.pack(">BBH", level, flags, keepalive_s) + field(client)
    if will:
        body += field(will) + field("")
    return packet(0x10, body + b"".join(field(text) for text in (username, password) if text))


def publish(topic: str, payload: bytes) -> bytes:
    return packet(0x30, field(topic) + payload)


def subscribe(topic: str, quality: int = 0) -> bytes:
    return packet(0x82, b"\0\1" + field(topic) + bytes((quality,)))


@contextlib.contextmanager
def dialled(broker: EmbeddedBroker, *said: bytes) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", broker.file.port), timeout=20) as client:
        for one in said:
            client.sendall(one)
        yield client


def read_all(client: socket.socket) -> bytes:
    """All that comes until the other side hangs up."""
    content = b""
    with contextlib.suppress(ConnectionResetError):
        while part := client.recv(65536):
            content += part
    return content


def read_exactly(client: socket.socket, count: int) -> bytes:
    content = b""
    while len(content) < count:
        part = client.recv(count - len(content))
        assert part, f"it hung up after {content!r}"
        content += part
    return content


def test_who_knows_the_password_is_let_in(broker: EmbeddedBroker) -> None:
    with dialled(broker, connect(broker)) as client:
        assert read_exactly(client, 4) == ACCEPTED
        client.sendall(b"\xc0\0")
        assert read_exactly(client, 2) == b"\xd0\0"


@pytest.mark.parametrize(
    "wrong",
    [{"password": "wrong"}, {"username": "wrong"}, {"password": ""}, {"username": "", "password": ""}],
)
def test_who_does_not_is_told_so_and_hears_nothing_else(
    broker: EmbeddedBroker, wrong: dict[str, str]
) -> None:
    with dialled(broker, connect(broker, **wrong), subscribe("#")) as client:
        client.shutdown(socket.SHUT_WR)
        assert read_all(client) == REFUSED_LOGIN


def test_other_versions_and_sessions_that_outlive_their_connection_are_refused(
    broker: EmbeddedBroker,
) -> None:
    for said, answer in [
        (connect(broker, level=5), REFUSED_VERSION),
        (connect(broker, level=3), REFUSED_VERSION),
        (connect(broker, clean=False), REFUSED),
    ]:
        with dialled(broker, said) as client:
            client.shutdown(socket.SHUT_WR)
            assert read_all(client) == answer


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"\x30\x05\0\1a",
        b"\x10\xff\xff\xff\x7f",
        b"\x10\xff\xff\xff\xff\xff",
        packet(0x10, bytes(MOST_BYTES + 200)),
        packet(0x10, b"\0\4MQTT"),
        packet(0x10, b"\xff\xffMQTT"),
        packet(0x10, field("MQTT") + b"\4\xc2\0\0" + field("c") + b"\0\7u"),
        packet(0x10, b""),
        packet(0x10, field("HTTP") + b"\4\2\0\0"),
    ],
)
def test_what_is_no_mqtt_is_hung_up_on(broker: EmbeddedBroker, said: bytes) -> None:
    with dialled(broker, said) as client:
        assert read_all(client) == b""


def test_strangers_do_not_bar_the_door_and_are_not_kept(
    broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "KNOCK_S", 1.0)
    with contextlib.ExitStack() as crowd:
        strangers = [crowd.enter_context(dialled(broker, b"\x10")) for _ in range(200)]
        with dialled(broker, connect(broker)) as client:
            assert read_exactly(client, 4) == ACCEPTED
        for stranger in strangers:
            assert read_all(stranger) == b""


def test_there_are_not_more_clients_than_allowed(
    broker: EmbeddedBroker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "MOST_CLIENTS", 3)
    with contextlib.ExitStack() as clients:
        for number in range(3):
            client = clients.enter_context(dialled(broker, connect(broker, client=f"client {number}")))
            assert read_exactly(client, 4) == ACCEPTED
        with dialled(broker, connect(broker, client="one more")) as client:
            client.shutdown(socket.SHUT_WR)
            assert read_all(client) == REFUSED


def test_a_packet_that_is_too_large_ends_its_connection_and_no_other(broker: EmbeddedBroker) -> None:
    with dialled(broker, connect(broker, client="listener"), subscribe("t/#")) as listener:
        read_exactly(listener, 9)
        fits = publish("t/fits", bytes(MOST_PACKET_BYTES - 1100))
        with dialled(broker, connect(broker, client="speaker")) as speaker:
            read_exactly(speaker, 4)
            speaker.sendall(fits)
            assert read_exactly(listener, len(fits)) == fits
            with contextlib.suppress(ConnectionError):
                speaker.sendall(publish("t/large", bytes(MOST_PACKET_BYTES + 100)))
            assert read_all(speaker) == b""
        with dialled(broker, connect(broker, client="next")) as speaker:
            read_exactly(speaker, 4)
            speaker.sendall(publish("t/next", b"x"))
            assert read_exactly(listener, 11) == publish("t/next", b"x")


def test_a_client_that_does_not_read_costs_no_memory_and_delays_nobody(broker: EmbeddedBroker) -> None:
    """As a kernel that was stopped: 200 MB of media are published meanwhile."""
    media = publish("t/media", bytes(100_000))
    with (
        dialled(broker, connect(broker, client="sleeper"), subscribe("t/#")) as sleeper,
        dialled(broker, connect(broker, client="awake"), subscribe("t/end")) as awake,
        dialled(broker, connect(broker, client="speaker")) as speaker,
    ):
        for client in (sleeper, awake):
            read_exactly(client, 9)
        read_exactly(speaker, 4)
        before = psutil.Process().memory_info().rss
        for _ in range(20):
            for _ in range(100):
                speaker.sendall(media)
            speaker.sendall(publish("t/end", b"x"))
            assert read_exactly(awake, 10) == publish("t/end", b"x")
        grown = psutil.Process().memory_info().rss - before
        assert grown < 60e6, f"{grown / 1e6:.0f} MB"


def test_a_silent_client_is_cut_off_after_its_keepalive_and_its_will_done(broker: EmbeddedBroker) -> None:
    with dialled(broker, connect(broker, client="watcher"), subscribe("will/#", 1)) as watcher:
        read_exactly(watcher, 9)
        began = time.monotonic()
        with dialled(broker, connect(broker, client="silent", keepalive_s=1, will="will/it")) as silent:
            assert read_exactly(silent, 4) == ACCEPTED
            assert read_all(silent) == b""
            assert 1.2 < time.monotonic() - began < 10
            said = read_exactly(watcher, 2)
            assert b"will/it" in read_exactly(watcher, said[1])


def test_it_listens_on_the_loopback_interface_alone(broker: EmbeddedBroker) -> None:
    listening = [
        connection.laddr.ip
        for connection in psutil.Process().net_connections()
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == broker.file.port
    ]
    assert listening == ["127.0.0.1"]


def test_it_keeps_no_system_topics_and_writes_no_log(
    broker: EmbeddedBroker, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), dialled(broker, connect(broker), subscribe("$SYS/#")) as client:
        read_exactly(client, 9)
        client.sendall(publish("$SYS/mine", b"x") + b"\xe0\0")
        assert read_all(client) == b""
    assert [record.message for record in caplog.records if record.name.startswith("amqtt")] == []


def test_it_ends_with_its_thread_and_may_be_ended_at_any_time() -> None:
    for is_started, is_used in [(False, False), (True, False), (True, True)]:
        broker = EmbeddedBroker(logging.getLogger("test"))
        if is_started:
            broker.start()
        if is_used:
            with dialled(broker, connect(broker)) as client:
                assert read_exactly(client, 4) == ACCEPTED
                broker.stop()
                assert read_all(client) == b""
        broker.stop()
        broker.stop()
        broker.start()
        with pytest.raises(ConnectionRefusedError), dialled(broker):
            pass
    others = [thread for thread in threading.enumerate() if thread.name == "ipymedia-broker"]
    assert len(others) <= 1  # the module's own


def test_setting_it_up_imports_no_broker() -> None:
    code = (
        "import logging, sys; from ipymedia.server.embedded_broker import EmbeddedBroker; "
        "EmbeddedBroker(logging.getLogger()).stop(); "
        "assert not {'amqtt', 'numpy', 'anywidget', 'paho', 'cryptography'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
