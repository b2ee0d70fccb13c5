"""Many streams at once through the HTTP API: what each token takes longer, and whether the memory stays.

    python -m benchmarks.http_streams --minutes 10

Each stream is a turn of a minute, kept on disk as always; then its conversation is deleted and the next begins. Before
it the least relay there is runs for a minute, with the same server and the same endpoint. All share the machine's
cores.
"""

import argparse
import asyncio
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import httpx
import psutil

from benchmarks.apps import HOST, free_port
from benchmarks.http_endpoint import TOKENS_PER_S
from benchmarks.table import Figures, Row
from model.providers.provider import provider_variables
from settings import ROOT, VARIABLES

STREAMS = 200
RELAY = "benchmarks.http_endpoint:relay"
_TIME = re.compile(rb" (\d{9,11}\.\d{4})")


@dataclass
class Round:
    """What was measured in a round: delays of all tokens, how many streams failed, and the server's memory."""

    delays_ms: list[float] = field(default_factory=list)
    failure_count: int = 0
    memory_mb: float = 0.0
    cpu_s: float = 0.0  # what the server took

    def percentile(self, share: float) -> float:
        """Return the delay that this share of the tokens does not pass."""
        return sorted(self.delays_ms)[int(share * (len(self.delays_ms) - 1))] if self.delays_ms else 0.0


def streams(count: int = STREAMS, seconds: float = 15.0) -> Iterator[Row]:
    """Measure one short round, as a part of all benchmarks."""
    [ours], [raw] = (measured(app, 1, count, seconds) for app in ("view.http_api:app", RELAY))
    name = f"{count} streams at {TOKENS_PER_S:g} tokens/s over HTTP"
    yield Row(f"{name}: failed", "streams", 0, Figures([ours.failure_count], raw=[raw.failure_count]))
    for share in (0.5, 0.95):
        figures = Figures([ours.percentile(share)], raw=[raw.percentile(share)])
        yield Row(f"{name}: delay of a token, p{share * 100:.0f}", "ms", 60 if share == 0.95 else None, figures)


def measured(app: str, rounds: int, count: int, seconds: float) -> Iterator[Round]:
    """Yield what each of some rounds of many streams took with an app that serves them."""
    with behind_endpoint(app) as (url, pid):
        is_ours = app != RELAY
        asyncio.run(one_round(url, 2, 1.0, is_ours))  # to warm up
        for _ in range(rounds):
            yield weighed([psutil.Process(pid)], partial(one_round, url, count, seconds, is_ours))


@contextmanager
def behind_endpoint(app: str, workers: int = 1, **variables: str) -> Iterator[tuple[str, int]]:
    """Serve an app that asks an endpoint of its own; yield its address and the number of its process."""
    with ExitStack() as stack:
        endpoint, _ = stack.enter_context(served("benchmarks.http_endpoint:endpoint", {}))
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        environ = {variable.name: "" for variable in (*VARIABLES, *provider_variables())} | {
            "LLM_PROVIDER": "custom",
            "LLM_MODEL": "m",
            "CUSTOM_BASE_URL": f"{endpoint}/v1",
            "CONVERSATIONS_FILE": str(Path(folder) / "conversations.json"),
            "API_REQUESTS_PER_MINUTE": "1000000",
            "RELAY_TO": endpoint,
            **variables,
        }
        yield stack.enter_context(served(app, environ, workers))


def weighed(processes: list[psutil.Process], run: Callable[[], Coroutine[None, None, Round]]) -> Round:
    """Run a round, and note what it took the server's processes; the memory is that of the largest."""
    before_s = _cpu_s(processes)
    done = asyncio.run(run())
    done.memory_mb = max(one.memory_info().rss / 1e6 for one in processes)
    done.cpu_s = _cpu_s(processes) - before_s
    return done


def _cpu_s(processes: list[psutil.Process]) -> float:
    return sum(sum(one.cpu_times()[:2]) for one in processes)


@contextmanager
def served(app: str, environ: dict[str, str], workers: int = 1) -> Iterator[tuple[str, int]]:
    """Serve an ASGI app in a process of its own, or in several under one; yield its address and its number."""
    port = free_port()
    command = [sys.executable, "-m", "uvicorn", app, "--host", HOST, "--port", str(port), "--log-level", "error"]
    command += ["--workers", str(workers)] if workers > 1 else []
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **environ})
    url = f"http://{HOST}:{port}"
    try:
        while not _is_up(url):
            assert process.poll() is None, f"{app} does not start"
            time.sleep(0.05)
        yield url, process.pid
    finally:
        process.terminate()  # not killed: it has to end its own workers
        process.wait()


def _is_up(url: str) -> bool:
    try:
        httpx.get(f"{url}/", timeout=2, trust_env=False)
    except httpx.TransportError as error:
        return not isinstance(error, httpx.ConnectError)
    return True


async def one_round(url: str, count: int, seconds: float, is_ours: bool) -> Round:
    """Run so many streams for so long, begun within the first two seconds."""
    result = Round()
    await asyncio.gather(*(_stream(url, number, count, seconds, result) for number in range(count)))
    if is_ours:
        async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=60) as client:
            for number in range(count):
                await client.delete(f"/conversations/bench-{number}")
    return result


async def _stream(url: str, number: int, count: int, seconds: float, result: Round) -> None:
    """Read one stream with as little work of our own as can be, and note each token's delay."""
    await asyncio.sleep(2 * number / count)
    token_count = int(seconds * TOKENS_PER_S)
    body = json.dumps({"message": f"Write {token_count}", "conversation_id": f"bench-{number}"}).encode()
    host, port = url.removeprefix("http://").split(":")
    seen = 0
    try:
        reader, writer = await asyncio.open_connection(host, int(port))
        head = f"POST /chat/stream HTTP/1.1\r\nHost: {host}:{port}\r\nContent-Type: application/json\r\n"
        writer.write(f"{head}Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode() + body)
        while piece := await reader.read(65536):
            now = time.time()
            delays = [(now - float(sent)) * 1000 for sent in _TIME.findall(piece)]
            result.delays_ms += delays
            seen += len(delays)
        writer.close()
    except OSError:
        pass
    # A token cut between two pieces is not seen; that is seldom.
    result.failure_count += seen < 0.98 * token_count


def main() -> None:
    """Measure as long as is wished, and print each minute."""
    parser = argparse.ArgumentParser(description="Measure many streams at once over HTTP.")
    parser.add_argument("--minutes", type=int, default=1)
    parser.add_argument("--streams", type=int, default=STREAMS)
    parser.add_argument("--seconds", type=float, default=55.0, help="how long a turn lasts")
    options = parser.parse_args()
    for title, app, minutes in (("relay", RELAY, 1), ("bnaGPT", "view.http_api:app", options.minutes)):
        for number, one in enumerate(measured(app, minutes, options.streams, options.seconds), 1):
            delays = ", ".join(f"p{share * 100:.0f} {one.percentile(share):.0f} ms" for share in (0.5, 0.95, 0.99))
            cost = f"{1e6 * one.cpu_s / max(1, len(one.delays_ms)):.0f} µs of processor a token, {one.memory_mb:.0f} MB"
            print(f"{title}, round {number}: {delays}; {one.failure_count} failed; {cost}", flush=True)


if __name__ == "__main__":
    main()
