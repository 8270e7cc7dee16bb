"""The rooms' loop: there while somebody holds it, called from other threads, gone without a trace."""

from __future__ import annotations

import asyncio
import threading
import time

import pytest

from ipymedia.errors import HostError, Reason
from ipymedia.rooms.loop import RoomsLoop


def threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name == "ipymedia-rooms"]


def test_it_runs_while_anybody_holds_it() -> None:
    rooms = RoomsLoop()
    first = rooms.acquire()
    assert rooms.acquire() is first
    assert threads() == ["ipymedia-rooms"]
    rooms.release()
    assert first.is_running()
    rooms.release()
    assert first.is_closed()
    assert threads() == []
    assert rooms.acquire() is not first
    rooms.release()


def test_results_and_errors_come_to_who_called() -> None:
    rooms = RoomsLoop()
    rooms.acquire()

    async def where() -> bool:
        return rooms.here

    async def fail() -> None:
        raise asyncio.TimeoutError("of the work's own")

    assert rooms.call(where(), 5) is True
    assert not rooms.here
    with pytest.raises(asyncio.TimeoutError, match="own"):
        rooms.call(fail(), 5)
    rooms.release()


def test_a_wait_ends_in_time_and_its_work_with_it() -> None:
    rooms = RoomsLoop()
    rooms.acquire()
    ended = threading.Event()

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    with pytest.raises(HostError, match="Joining did not come within") as late:
        rooms.call(forever(), 0.1, "Joining")
    assert late.value.reason is Reason.TIMED_OUT
    assert ended.wait(5)
    rooms.release()


def test_it_does_not_wait_for_itself() -> None:
    rooms = RoomsLoop()
    rooms.acquire()

    async def inner() -> None:
        """Nothing."""

    async def outer() -> None:
        rooms.call(inner(), 1)

    with pytest.raises(RuntimeError, match="own thread"):
        rooms.call(outer(), 5)
    rooms.release()
    with pytest.raises(RuntimeError, match="not running"):
        rooms.call(inner(), 1)
    rooms.post(pytest.fail, "called after the end")


def test_what_still_runs_is_cancelled_at_the_end_also_from_its_own_thread() -> None:
    rooms = RoomsLoop()
    loop = rooms.acquire()
    cancelled = threading.Event()

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    asyncio.run_coroutine_threadsafe(forever(), loop)
    rooms.post(rooms.release)
    assert cancelled.wait(5)
    ends = time.monotonic() + 5
    while threads() and time.monotonic() < ends:
        threading.Event().wait(0.01)
    assert threads() == []
