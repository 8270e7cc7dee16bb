"""Who is met, kept, dropped and met again: two and more calls whose signals go from hand to hand."""

from __future__ import annotations

import asyncio

import pytest

from ipymedia.errors import Reason
from ipymedia.protocol.messages import ROOM_MOST_PEOPLE, RoomCandidate, RoomPeerState, RoomSignal
from ipymedia.rooms import call as call_module
from ipymedia.rooms.call import Call
from ipymedia.rooms.participants import Own
from ipymedia.rooms.signals import Greet, Probe, Say


class Seat:
    """One participant, and what it heard."""

    def __init__(self, table: Table, name: str) -> None:
        self.id = name * 32
        self.table = table
        self.page_alive = True
        self.cut = False
        self.heard: list[tuple[str, object]] = []
        self.call = Call("room", self.id, Own(name, call=f"call-{name}"), self, self, table.loop)

    # Mail
    def send(self, to: str, signal: object) -> None:
        self.table.carry(self, to, signal)

    # CallListener
    def met(self, other) -> None:
        self.heard.append(("met", other.nickname))

    def changed(self, other) -> None:
        self.heard.append(("changed", other.nickname))

    def gone(self, other) -> None:
        self.heard.append(("gone", other.nickname))

    def negotiated(self, message) -> None:
        self.heard.append(("negotiated", message))

    def said(self, other, say) -> None:
        self.heard.append(("said", say.text))

    def relaying(self, other, signal) -> None:
        self.heard.append(("relaying", signal))

    def refused(self, error) -> None:
        self.heard.append(("refused", error.reason))

    def is_page_alive(self) -> bool:
        return self.page_alive

    def others(self) -> set[str]:
        return {other.nickname for other in self.call.others.values()}

    def state(self, other: Seat, state: str) -> None:
        known = self.call.others[other.id]
        self.call.page_state(
            RoomPeerState(room="room", peer=other.id, call=known.call, attempt=known.attempt, state=state)
        )


class Table:
    """Carries signals in order, unless the way of one end is cut."""

    def __init__(self) -> None:
        self.loop = asyncio.get_running_loop()
        self.seats: dict[str, Seat] = {}
        self.carried: list[object] = []

    def sit(self, name: str) -> Seat:
        seat = Seat(self, name)
        for other in self.seats.values():
            other.call.presence(seat.id, True)
            seat.call.presence(other.id, True)
        self.seats[seat.id] = seat
        return seat

    def carry(self, sender: Seat, to: str, signal: object) -> None:
        self.carried.append(signal)
        seat = self.seats.get(to)
        if seat is not None and not sender.cut and not seat.cut:
            self.loop.call_soon(seat.call.signal, sender.id, signal)


def run(scene):
    async def go() -> None:
        await scene(Table())

    asyncio.run(go())


async def quiet() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


@pytest.fixture(autouse=True)
def short_patience(monkeypatch) -> None:
    monkeypatch.setattr(call_module, "PROBE_PATIENCE_S", 0.05)


def test_who_comes_is_met_by_all_once() -> None:
    async def scene(table: Table) -> None:
        seats = [table.sit(name) for name in "abcd"]
        await quiet()
        for seat in seats:
            assert seat.others() == set("abcd") - {seat.call.own.nickname}
            assert [what for what, _ in seat.heard].count("met") == 3
        # One of two gives way.
        a, b = seats[:2]
        assert a.call.others[b.id].polite != b.call.others[a.id].polite

    run(scene)


def test_a_presence_alone_is_nobody() -> None:
    async def scene(table: Table) -> None:
        a = table.sit("a")
        a.call.presence("e" * 32, True)  # replayed: there is nobody who answers
        await quiet()
        assert a.others() == set()
        assert sum(isinstance(signal, Greet) for signal in table.carried) == 1

    run(scene)


def test_the_seventh_is_told_that_the_room_is_full() -> None:
    async def scene(table: Table) -> None:
        for name in "abcdef"[:ROOM_MOST_PEOPLE]:
            table.sit(name)
            await quiet()
        late = table.sit("9")
        await quiet()
        assert ("refused", Reason.ROOM_FULL) in late.heard
        assert late.others() == set()

    run(scene)


def test_another_version_is_named_and_not_met() -> None:
    async def scene(table: Table) -> None:
        a = table.sit("a")
        a.call.signal("b" * 32, Greet(version=99, nickname="Zoë"))
        assert ("refused", Reason.OTHER_VERSION) in a.heard
        assert a.others() == set()

    run(scene)


def test_goodbye_is_at_once() -> None:
    async def scene(table: Table) -> None:
        a, b = table.sit("a"), table.sit("b")
        await quiet()
        b.call.leave()
        await quiet()
        assert a.others() == b.others() == set()
        assert ("gone", "b") in a.heard

    run(scene)


def test_a_last_will_alone_drops_nobody_whose_media_comes() -> None:
    async def scene(table: Table) -> None:
        a, b = table.sit("a"), table.sit("b")
        await quiet()
        a.state(b, "connected")
        b.cut = True
        a.call.presence(b.id, False)
        await asyncio.sleep(0.1)
        assert a.others() == {"b"}
        a.state(b, "lost")
        await asyncio.sleep(0.1)
        assert a.others() == set()

    run(scene)


def test_who_answers_is_kept_although_nothing_comes() -> None:
    async def scene(table: Table) -> None:
        a, b = table.sit("a"), table.sit("b")
        await quiet()
        a.state(b, "lost")
        a.call.presence(b.id, False)
        await asyncio.sleep(0.1)
        assert a.others() == {"b"}
        # A kernel whose page is gone does not keep a place.
        b.page_alive = False
        a.state(b, "lost")
        await asyncio.sleep(0.1)
        assert a.others() == set()

    run(scene)


def test_after_a_cut_both_meet_again_once() -> None:
    async def scene(table: Table) -> None:
        a, b = table.sit("a"), table.sit("b")
        await quiet()
        b.cut = True
        a.state(b, "lost")
        await asyncio.sleep(0.1)
        assert a.others() == set()
        b.cut = False
        b.state(a, "lost")  # asks, and is greeted
        await asyncio.sleep(0.1)
        assert a.others() == {"b"}
        assert b.others() == {"a"}

    run(scene)


def signal_to(other: Seat, own_call: str, call: str, attempt: int = 0) -> RoomSignal:
    return RoomSignal(
        room="room",
        peer=other.id,
        own_call=own_call,
        call=call,
        attempt=attempt,
        candidate=RoomCandidate(candidate="c"),
    )


def test_signals_reach_the_connection_that_they_are_of_and_no_other() -> None:
    async def scene(table: Table) -> None:
        a, b = table.sit("a"), table.sit("b")
        await quiet()
        a.call.page_signal(signal_to(b, "call-a", "call-b"))
        a.call.page_signal(signal_to(b, "call-of-before", "call-b"))
        await quiet()
        assert [what for what, _ in b.heard].count("negotiated") == 1
        # The other page is loaded anew: what is under way is of the old connection.
        a.call.page_signal(signal_to(b, "call-a", "call-b"))
        b.call.page("call-new", [])
        await quiet()
        assert [what for what, _ in b.heard].count("negotiated") == 1
        assert a.call.others[b.id].call == "call-new"
        # A new attempt, likewise.
        a.call.renew(a.call.others[b.id])
        await quiet()
        assert b.call.others[a.id].attempt == a.call.others[b.id].attempt == 1
        b.call.signal(a.id, table.carried[-1])
        a.call.page_signal(signal_to(b, "call-a", "call-new", attempt=1))
        await quiet()
        assert [what for what, _ in b.heard].count("negotiated") == 2

    run(scene)


def test_state_of_an_old_connection_says_nothing() -> None:
    async def scene(table: Table) -> None:
        a, b = table.sit("a"), table.sit("b")
        await quiet()
        message = RoomPeerState(room="room", peer=b.id, call="call-of-before", state="lost")
        assert a.call.page_state(message) is None
        assert not any(isinstance(signal, Probe) for signal in table.carried)

    run(scene)


def test_only_who_was_met_is_heard() -> None:
    async def scene(table: Table) -> None:
        a, b = table.sit("a"), table.sit("b")
        await quiet()
        b.send(a.id, Say(id="1", time_ms=0, text="hello"))
        a.call.signal("e" * 32, Say(id="2", time_ms=0, text="from nowhere"))
        await quiet()
        assert [text for what, text in a.heard if what == "said"] == ["hello"]

    run(scene)
