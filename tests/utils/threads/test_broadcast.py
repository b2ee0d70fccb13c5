"""A feed is filled in one thread and read in an event loop, from wherever a reader likes."""

import asyncio
import time
from threading import Thread

from utils.threads.broadcast import Broadcast


async def read(feed: Broadcast[int], after: int = 0) -> list[tuple[int, int]]:
    return [pair async for pair in feed.follow(after)]


def test_all_readers_get_everything_in_its_order():
    feed: Broadcast[int] = Broadcast()

    def fill() -> None:
        for number in range(200):
            feed.put(number)
            if number % 50 == 0:
                time.sleep(0.005)
        feed.close()

    async def both() -> tuple[list[tuple[int, int]], list[tuple[int, int]]]:
        Thread(target=fill).start()
        return await asyncio.gather(read(feed), read(feed))

    first, second = asyncio.run(both())
    assert first == second == [(n + 1, n) for n in range(200)]


def test_who_comes_late_goes_on_where_they_were():
    feed: Broadcast[int] = Broadcast()
    for number in range(5):
        feed.put(number)
    feed.close()
    assert asyncio.run(read(feed, after=3)) == [(4, 3), (5, 4)]
    assert asyncio.run(read(feed, after=9)) == []


def test_a_reader_that_has_left_harms_nobody():
    feed: Broadcast[int] = Broadcast()

    async def leave() -> None:
        async for _ in feed.follow():
            return

    feed.put(1)
    asyncio.run(leave())
    feed.put(2)
    feed.close()
    assert asyncio.run(read(feed)) == [(1, 1), (2, 2)]
