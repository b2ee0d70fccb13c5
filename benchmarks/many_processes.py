"""Several processes of the HTTP API over one PostgreSQL: how many streams they hold, and how many turns they save.

    python -m benchmarks.many_processes

The endpoint, the database and whoever measures share the machine's cores with them, so on two cores more processes
can't be faster; what is measured is what they cost.
"""

import argparse
import asyncio
import itertools
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial

import httpx
import psutil

from benchmarks.http_streams import STREAMS, behind_endpoint, one_round, weighed
from tests.places import Postgres

APP = "view.http_api:app"
COUNTS = (1, 2, 4)
CLIENTS = 16  # that ask one short question after the other


async def turns_per_s(url: str, seconds: float) -> float:
    """Ask short questions for so long, each in a conversation of its own, and return how many were saved a second."""
    numbers, done, until = itertools.count(), [0], time.monotonic() + seconds

    async def ask_on(client: httpx.AsyncClient) -> None:
        while time.monotonic() < until:
            body = {"message": "Write 1", "conversation_id": f"turn-{next(numbers)}"}
            (await client.post("/chat", json=body)).raise_for_status()
            done[0] += 1

    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
        await asyncio.gather(*(ask_on(client) for _ in range(CLIENTS)))
    return done[0] / seconds


@contextmanager
def connections(server: Postgres, name: str) -> Iterator[list[int]]:
    """Count a database's connections, four times a second."""
    counts: list[int] = []
    has_ended = threading.Event()
    look = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{name}'"

    def count() -> None:
        while not has_ended.wait(0.25):
            counts.append(int(str(server.run(look)[0][0])))

    thread = threading.Thread(target=count)
    thread.start()
    try:
        yield counts
    finally:
        has_ended.set()
        thread.join()


def measure(server: Postgres, processes: int, streams: int, seconds: float) -> str:
    """Return what so many processes took, as a row of a table."""
    address = server.new_database()
    name = address.partition("?")[0].rpartition("/")[2]
    with (
        behind_endpoint(APP, processes, DATABASE_URL=address) as (url, pid),
        connections(server, name) as counts,
    ):
        parent = psutil.Process(pid)
        asyncio.run(one_round(url, 8 * processes, 1.0, is_ours=True))  # to warm up
        workers = [one for one in parent.children(recursive=True) if one.memory_info().rss > 50e6] or [parent]
        held = weighed(workers, partial(one_round, url, streams, seconds, True))
        rate = asyncio.run(turns_per_s(url, seconds / 3))
    return (
        f"| {processes} | {streams - held.failure_count} of {streams} | {held.percentile(0.5):.1f} |"
        f" {held.percentile(0.95):.1f} | {held.memory_mb:.0f} | {rate:.0f} | {max(counts)} |"
    )


def main() -> None:
    """Measure with one process, two and four, and print a table."""
    parser = argparse.ArgumentParser(description="Measure several processes over one PostgreSQL.")
    parser.add_argument("--streams", type=int, default=STREAMS)
    parser.add_argument("--seconds", type=float, default=30.0, help="how long a turn lasts")
    options = parser.parse_args()
    print("| Processes | Streams held | Delay p50, ms | p95, ms | MB a process | Turns/s | Connections, all |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    with closing(Postgres()) as server:
        for processes in COUNTS:
            print(measure(server, processes, options.streams, options.seconds), flush=True)


if __name__ == "__main__":
    main()
