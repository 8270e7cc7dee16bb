"""What is bounded in the broker keeps the order in which it came."""

from __future__ import annotations

import asyncio

from ipymedia.server.amqtt_broker import OrderedQueue


def test_who_waits_for_room_is_not_overtaken() -> None:
    async def scene() -> list[int]:
        queue = OrderedQueue(1)
        await queue.put(0)
        waiting = [asyncio.create_task(queue.put(number)) for number in (1, 2, 3)]
        await asyncio.sleep(0)
        # Runs before the first of those who wait, whom only the next line wakes.
        newcomer = asyncio.create_task(queue.put(4))
        came = [queue.get_nowait()]
        came += [await queue.get() for _ in range(4)]
        await asyncio.gather(*waiting, newcomer)
        return came

    assert asyncio.run(scene()) == [0, 1, 2, 3, 4]


def test_who_gives_up_waiting_keeps_nobody_from_the_queue() -> None:
    async def scene() -> list[int]:
        queue = OrderedQueue(1)
        await queue.put(0)
        gone, waits = (asyncio.create_task(queue.put(number)) for number in (1, 2))
        await asyncio.sleep(0)
        gone.cancel()
        came = [await queue.get(), await queue.get()]
        await waits
        assert gone.cancelled()
        return came

    assert asyncio.run(scene()) == [0, 2]
