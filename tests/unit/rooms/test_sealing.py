"""What a broker, or anybody else on the topics, can do with sealed messages: nothing."""

from __future__ import annotations

import os
import random

import pytest

from ipymedia.rooms.keys import HERE, MEDIA, TO, RoomKeys, is_id, new_id, secret_of_name
from ipymedia.rooms.sealing import MOST_BYTES, REPLAY_WINDOW, Opener, Refused, ReplayWindow, Sealer

SECRET = bytes(range(16))


class Pair:
    """Two participants: one seals to the other."""

    def __init__(self, secret: bytes = SECRET) -> None:
        self.keys = RoomKeys(secret)
        self.ada, self.bob = new_id(), new_id()
        self.topic = self.keys.topic(TO, self.bob)
        self.sealer = Sealer(self.keys, self.ada)
        self.opener = Opener(RoomKeys(secret))

    def seal(self, content: bytes) -> bytes:
        return self.sealer.seal(TO, self.topic, content, self.bob)

    def open(self, sealed: bytes) -> bytes:
        sender, _, content = self.opener.open(TO, self.topic, sealed, self.bob)
        assert sender == self.ada
        return content


def why(pair: Pair, sealed: bytes) -> str:
    with pytest.raises(Refused) as refused:
        pair.open(sealed)
    return refused.value.why


def test_what_is_sealed_opens_and_shows_nothing() -> None:
    pair = Pair()
    sealed = pair.seal(b"v=0 a=fingerprint:sha-256 AB:CD")
    assert b"fingerprint" not in sealed
    assert pair.open(sealed) == b"v=0 a=fingerprint:sha-256 AB:CD"
    assert pair.seal(b"same")[25:] != pair.seal(b"same")[25:]


def test_every_changed_bit_is_refused() -> None:
    pair = Pair()
    sealed = pair.seal(b"content")
    for at in range(len(sealed)):
        for bit in range(8):
            changed = bytearray(sealed)
            changed[at] ^= 1 << bit
            assert why(pair, bytes(changed)) == ("malformed" if at == 0 else "forged")
    assert pair.open(sealed) == b"content"


def test_what_is_cut_or_junk_or_too_large_is_refused() -> None:
    pair = Pair()
    sealed = pair.seal(b"content")
    for length in range(len(sealed)):
        assert why(pair, sealed[:length]) in {"malformed", "forged"}
    assert why(pair, os.urandom(1)) == "malformed"
    assert why(pair, b"\x01" + os.urandom(200)) == "forged"
    assert why(pair, sealed + b"\x00") == "forged"
    assert why(pair, b"\x01" + bytes(MOST_BYTES)) == "too_large"
    assert pair.open(sealed) == b"content"


def test_a_replay_is_refused_and_order_is_free_within_the_window() -> None:
    pair = Pair()
    sealed = [pair.seal(b"%d" % number) for number in range(REPLAY_WINDOW)]
    order = list(range(REPLAY_WINDOW))
    random.Random(1).shuffle(order)
    for index in order:
        assert pair.open(sealed[index]) == b"%d" % index
    for index in order:
        assert why(pair, sealed[index]) == "replayed"
    late = pair.seal(b"late")
    for _ in range(REPLAY_WINDOW):
        pair.open(pair.seal(b""))
    assert why(pair, late) == "replayed"


def test_another_topic_purpose_receiver_or_room_opens_nothing() -> None:
    pair = Pair()
    eve = new_id()
    for_bob = pair.seal(b"for Bob")
    attempts = [
        (TO, pair.keys.topic(TO, eve), eve, pair.opener),
        (TO, pair.keys.topic(TO, pair.bob), eve, pair.opener),
        (TO, pair.keys.topic(TO, eve), pair.bob, pair.opener),
        (HERE, pair.topic, "", pair.opener),
        (MEDIA, pair.topic, pair.bob, pair.opener),
        (TO, pair.topic, pair.bob, Opener(RoomKeys(bytes(16)))),
        (TO, pair.topic, pair.bob, Opener(RoomKeys(SECRET, name_only=True))),
    ]
    for purpose, topic, receiver, opener in attempts:
        with pytest.raises(Refused) as refused:
            opener.open(purpose, topic, for_bob, receiver)
        assert refused.value.why == "forged"


def test_an_earlier_call_opens_nothing() -> None:
    """Same room, same people, new ids, as each join has: what was recorded is worthless, though no window knows it."""
    before, now = Pair(), Pair()
    recorded = before.seal(b"offer")
    assert why(now, recorded) == "forged"
    with pytest.raises(Refused):
        now.opener.open(TO, before.topic, recorded, now.bob)


def test_a_number_can_not_be_raised_by_who_can_not_seal() -> None:
    pair = Pair()
    sealed = pair.seal(b"one")
    jumped = sealed[:17] + (2**63).to_bytes(8, "big") + sealed[25:]
    assert why(pair, jumped) == "forged"
    assert pair.open(sealed) == b"one"


def test_presence_may_be_told_again_but_not_taken_back() -> None:
    pair = Pair()
    topic = pair.keys.topic(HERE, pair.ada)
    first, second = (pair.sealer.seal(HERE, topic, b"{}") for _ in range(2))
    for sealed in (first, first, second, second):
        pair.opener.open(HERE, topic, sealed)
    with pytest.raises(Refused) as refused:
        pair.opener.open(HERE, topic, first)
    assert refused.value.why == "replayed"


def test_junk_makes_no_state() -> None:
    pair = Pair()
    for _ in range(2000):
        assert why(pair, b"\x01" + os.urandom(60)) == "forged"
    assert len(pair.opener._windows) == 0
    assert len(pair.opener._keys._ciphers) <= 512


def test_no_nonce_meets_a_key_twice() -> None:
    pair = Pair()
    numbers = [
        pair.sealer.seal(TO, pair.topic, b"", receiver)[17:25]
        for receiver in (pair.bob, new_id(), pair.bob, new_id(), pair.bob)
    ]
    assert len(set(numbers)) == len(numbers)


def test_topics_tell_no_name_and_differ_from_room_to_room() -> None:
    keys = RoomKeys(secret_of_name("QuantStack"), name_only=True)
    assert "quantstack" not in keys.prefix.lower()
    prefixes = {
        keys.prefix,
        RoomKeys(secret_of_name("QuantStack")).prefix,
        RoomKeys(secret_of_name("quantstack"), name_only=True).prefix,
        RoomKeys(SECRET).prefix,
    }
    assert len(prefixes) == 4
    assert keys.prefix == RoomKeys(secret_of_name("QuantStack"), name_only=True).prefix
    assert is_id(keys.prefix.partition("/")[2])


def test_nothing_shows_a_key() -> None:
    assert repr(RoomKeys(SECRET)) == "RoomKeys()"


def test_the_window_agrees_with_a_set() -> None:
    choose = random.Random(7)
    window, seen, newest = ReplayWindow(), set[int](), 0
    for _ in range(20_000):
        number = max(0, newest + choose.randint(-REPLAY_WINDOW - 50, 40))
        fresh = number >= 1 and number not in seen and newest - number < REPLAY_WINDOW
        assert window.accept(number) is fresh
        if fresh:
            seen.add(number)
            newest = max(newest, number)
