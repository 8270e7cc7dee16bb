"""Brokers of others, networks in which no way leads from page to page, and a broker that is spoken to by strangers."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.e2e.harness import PageLog, browser_context, chromium
from tests.e2e.rooms.coturn import SECRET, coturn
from tests.e2e.rooms.people import PATTERN, SMALL_CAMERA
from tests.unit.rooms.certificates import certify
from tests.unit.rooms.mosquitto import PASSWORD, USER, Mosquitto

NO_UDP = "--webrtc-ip-handling-policy=disable_non_proxied_udp"
SEEN_WITHIN_S = 5.0


@pytest.fixture
def mosquitto(tmp_path: Path) -> Iterator[Mosquitto]:
    broker = Mosquitto(tmp_path / "broker")
    yield broker
    broker.stop()


@pytest.fixture(scope="module")
def browser_without_udp(playwright, camera) -> Iterator[Browser]:
    """As behind a firewall that lets no UDP through: WebRTC finds no candidate."""
    with chromium(playwright, camera=camera, extra_args=[NO_UDP]) as browser:
        yield browser


def test_with_tls_and_a_password(person, tmp_path: Path) -> None:
    tls = certify(tmp_path / "certificates")
    broker = Mosquitto(tmp_path / "broker", password=True, certificate=tls)
    try:
        login = f", server={broker.url!r}, username={USER!r}, password={PASSWORD!r}"
        ann = person("Ann", PATTERN).join("None", f"{login}, ca={str(tls.authority)!r}")
        assert PASSWORD not in ann.invite
        bob = person("Bob", PATTERN).join(
            repr(ann.invite), f", username={USER!r}, password={PASSWORD!r}, ca={str(tls.authority)!r}"
        )
        ann.sees("Bob")
        bob.sees("Ann")
        # What does not hold is never accepted.
        text = ann.notebook.run(f"chat({ann.invite!r}, camera{login})", expect_error=True)
        assert "RoomError" in text
        assert "certificate" in text
        text = ann.notebook.run(
            f"chat('r', camera, server={broker.url!r}, username={USER!r}, password='wrong', ca={str(tls.authority)!r})",
            expect_error=True,
        )
        assert "RoomError" in text
        assert "refused" in text
    finally:
        broker.stop()


def test_a_broker_that_restarts_ends_no_call(person, mosquitto: Mosquitto) -> None:
    room = f"'restart', server={mosquitto.url!r}"
    ann, bob = (
        person(name, PATTERN).join("'restart'", f", server={mosquitto.url!r}") for name in ("Ann", "Bob")
    )
    assert "known by its name alone" in ann.notebook.output_text(ann.cell), room
    ann.sees("Bob")
    mosquitto.stop()
    ann.view.get_by_text("The broker is away").wait_for()
    ann.sees("Bob")
    mosquitto.start()
    ann.view.get_by_text("The broker is away").wait_for(state="hidden")
    began_s = time.monotonic()
    eve = person("Eve", PATTERN).join("'restart'", f", server={mosquitto.url!r}")
    joined_s = time.monotonic()
    ann.waits_for("Bob", "Eve", connected=False)
    bob.waits_for("Ann", "Eve", connected=False)
    assert time.monotonic() - joined_s < SEEN_WITHIN_S, began_s
    ann.sees("Eve")
    ann.sees("Bob")
    eve.sees("Bob")


@pytest.mark.timeout(180)
def test_without_udp_media_is_relayed_by_the_kernels(person, browser_without_udp, page_log: PageLog) -> None:
    with (
        browser_context(browser_without_udp, log=page_log) as one,
        browser_context(browser_without_udp, log=page_log) as two,
    ):
        ann = person("Ann", SMALL_CAMERA, context=one).join("'relayed'")
        bob = person("Bob", SMALL_CAMERA, context=two).join("'relayed'")
        ann.sees("Bob", timeout_s=40)
        bob.sees("Ann", timeout_s=40)
        ann.view.get_by_text("relayed").first.wait_for()
        assert ann.notebook.evaluate("[(p.connected, p.relayed, p.failed) for p in room.peers]") == [
            [True, True, False]
        ]
        ann.notebook.run("still = room.streams[1].snapshot()")
        assert ann.notebook.evaluate("still.shape[2]") == 3
        # One who reloads is relayed again.
        bob.notebook.reload()
        bob.sees("Ann", timeout_s=40)
        ann.sees("Bob", timeout_s=40)


@pytest.mark.timeout(180)
def test_by_a_turn_server_alone(person, tmp_path: Path) -> None:
    with coturn(tmp_path) as turn:
        more = f", ice_servers=[{turn.url!r}], turn_secret={SECRET!r}, relay_only=True"
        ann, bob = (person(name, PATTERN).join("'turn'", more) for name in ("Ann", "Bob"))
        ann.sees("Bob", timeout_s=30)
        bob.sees("Ann", timeout_s=30)
        ann.notebook.wait_for("room.peers[0].way == 'relay/relay'")
        assert not ann.notebook.evaluate("room.peers[0].relayed")
        # The secret stays in the kernel.
        assert SECRET not in ann.notebook.evaluate("str(room.get_state())")


def test_strangers_disturb_nobody_and_are_counted(person, mosquitto: Mosquitto) -> None:
    import paho.mqtt.client as mqtt

    heard: list[tuple[str, bytes]] = []
    stranger = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
    stranger.on_message = lambda *got: heard.append((got[2].topic, got[2].payload))
    stranger.connect("127.0.0.1", mosquitto.port)
    stranger.subscribe("ipymedia/#")
    stranger.loop_start()
    try:
        invited = person("Ann", PATTERN).join("None", f", server={mosquitto.url!r}")
        bob = person("Bob", PATTERN).join(repr(invited.invite))
        invited.sees("Bob")
        # A broker's owner sees no names, no descriptions, no addresses.
        everything = b"".join(topic.encode() + payload for topic, payload in heard)
        for word in (b"Ann", b"Bob", b"candidate", b"sdp", b"127.0.0.1", b"192."):
            assert word not in everything
        end_s = time.monotonic() + 3
        sent = 0
        while time.monotonic() < end_s:
            for topic, payload in heard[:50]:
                stranger.publish(topic, payload)  # replayed
                stranger.publish(
                    topic, payload[:-1] + bytes([payload[-1] ^ 1]) if payload else b"x"
                )  # forged
                stranger.publish(topic, secrets.token_bytes(100))
                sent += 3
            time.sleep(0.1)
        invited.sees("Bob")
        bob.sees("Ann")
        assert invited.others() == ["Bob"]
        refused = invited.notebook.evaluate("room.refused")
        assert sent > 500
        assert refused["forged"] + refused["malformed"] > 50
        assert refused["replayed"] > 10
    finally:
        stranger.loop_stop()
        stranger.disconnect()
