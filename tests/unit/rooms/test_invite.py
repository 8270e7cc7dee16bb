"""Invites: what goes in comes out; what is no invite, or not whole, is refused with a word on why."""

from __future__ import annotations

import base64
import hashlib
import random

import pytest

from ipymedia.errors import Reason, RoomError
from ipymedia.rooms.invite import Invite, check_room_name

BROKER = "mqtts://broker.example:8883"
EMBEDDED = "jupyter:0123456789abcdef"


@pytest.mark.parametrize("broker", [EMBEDDED, BROKER, "wss://broker.example/mqtt"])
def test_an_invite_comes_back_as_it_was(broker: str) -> None:
    invite = Invite.new(broker, "Zoë's / room #1 + ☕")
    assert Invite.parse(str(invite)) == invite
    assert len(invite.secret) == 16
    assert Invite.new(broker, "x").secret != Invite.new(broker, "x").secret


def test_a_mail_may_wrap_and_quote_it() -> None:
    text = str(Invite.new(BROKER, "room"))
    wrapped = f'  "{text[:30]}\r\n  {text[30:]}" \n'
    assert Invite.looks_like(wrapped)
    assert str(Invite.parse(wrapped)) == text


def test_it_holds_neither_user_nor_password() -> None:
    invite = Invite.new("wss://ada:hunter2@broker.example:443/mqtt", "room")
    assert invite.broker == "wss://broker.example:443/mqtt"
    body = base64.urlsafe_b64decode(str(invite).partition(":")[2] + "==")
    assert b"hunter2" not in body
    assert b"ada" not in body


def test_its_repr_does_not_show_the_secret() -> None:
    invite = Invite.new(EMBEDDED, "room")
    shown = repr(invite)
    assert "room" in shown
    assert repr(invite.secret) not in shown
    assert invite.secret.hex() not in shown
    assert str(invite) not in shown


def test_every_truncation_and_every_wrong_character_is_refused() -> None:
    text = str(Invite.new(BROKER, "QuantStack"))
    damaged = [text[:length] for length in range(len("ipymedia-room:"), len(text))]
    damaged += [text[1:], text + "A", text + text]
    choose = random.Random(5)
    for _ in range(200):
        at = choose.randrange(len("ipymedia-room:"), len(text) - 1)
        damaged.append(text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :])
    for one in damaged:
        with pytest.raises(RoomError) as refused:
            Invite.parse(one)
        assert refused.value.reason is Reason.BAD_INVITE, one
        assert "Copy it again" in refused.value.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "QuantStack",
        "https://meet.example/abc",
        '{"room": 1}',
        "ipymedia-room:",
        "ipymedia-room:é",
        "ipymedia-room:" + "A" * 100_000,
    ],
)
def test_foreign_texts_are_refused(text: str) -> None:
    with pytest.raises(RoomError) as refused:
        Invite.parse(text)
    assert refused.value.reason is Reason.BAD_INVITE
    assert len(refused.value.message) < 300


def test_a_name_does_not_look_like_an_invite_and_half_an_invite_does() -> None:
    assert not Invite.looks_like("QuantStack")
    assert Invite.looks_like(str(Invite.new(EMBEDDED, "room"))[:20])


def sealed(body: bytes) -> str:
    """An invite of any content with a right checksum: anybody can make one."""
    check = hashlib.sha256(body).digest()[:4]
    return "ipymedia-room:" + base64.urlsafe_b64encode(body + check).rstrip(b"=").decode()


def part(text: bytes) -> bytes:
    return len(text).to_bytes(2, "big") + text


@pytest.mark.parametrize(
    "body",
    [
        b"\x01",
        b"\x01" + bytes(16),
        b"\x01" + bytes(16) + part(BROKER.encode()) + b"\xff\xff",
        b"\x01" + bytes(16) + part(BROKER.encode()) + part(b""),
        b"\x01" + bytes(16) + part(BROKER.encode()) + part(b"\xff"),
        b"\x01" + bytes(16) + part(BROKER.encode()) + part(b"a\nb"),
        b"\x01" + bytes(16) + part(BROKER.encode()) + part(b"room") + b"more",
        b"\x01" + bytes(16) + part(b"") + part(b"room"),
        b"\x01" + bytes(16) + part(b"jupyter:ANY") + part(b"room"),
        b"\x01" + bytes(16) + part(b"file:///etc/passwd") + part(b"room"),
        b"\x01" + bytes(16) + part(b"mqtt://ada:hunter2@h") + part(b"room"),
        b"\x01" + bytes(16) + part(b"mqtt://[::1") + part(b"room"),
    ],
)
def test_a_right_checksum_is_no_pass(body: bytes) -> None:
    with pytest.raises(RoomError) as refused:
        Invite.parse(sealed(body))
    assert refused.value.reason is Reason.BAD_INVITE


def test_another_version_says_to_update() -> None:
    with pytest.raises(RoomError, match="Update ipymedia") as refused:
        Invite.parse(sealed(b"\x02whatever comes then"))
    assert refused.value.reason is Reason.OTHER_VERSION


@pytest.mark.parametrize(
    "name", ["", " \n ", "x" * 65, "10 kB " * 1700, "a\nb", "a\x00b", "a\ud800b", "a\u2028b", None, 5]
)
def test_names_that_cannot_be(name: object) -> None:
    with pytest.raises(RoomError) as refused:
        check_room_name(name)  # type: ignore[arg-type]
    assert refused.value.reason is Reason.BAD_NAME
    assert len(refused.value.message) < 200


@pytest.mark.parametrize("name", ["QuantStack", "a/b", "#", "+", "日本語", "👩‍🔬", "x" * 64])
def test_names_that_can_be(name: str) -> None:
    assert check_room_name(name) == name


def test_what_looks_the_same_is_the_same_name() -> None:
    assert check_room_name(" Zoe\u0308 ") == check_room_name("Zo\u00eb")
