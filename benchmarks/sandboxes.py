"""How long code takes in a sandbox: the first run with its start, the next, and the end of one that never ends."""

import time
from collections.abc import Callable, Iterator
from functools import partial
from threading import Timer

from benchmarks.table import Figures, Row
from utils.sandbox.sandbox import Sandbox
from utils.sandbox.wasi import is_ready
from utils.threads.stop import CancellationToken

TITLES = {"monty": "Monty", "wasi": "CPython in WebAssembly"}
STOP_AFTER_S = 0.2


def runs(rounds: int = 9) -> Iterator[Row]:
    """Measure each sandbox that is installed."""
    for engine in ("monty", "wasi") if is_ready() else ("monty",):
        figures: dict[str, list[float]] = {"first": [], "next": [], "stop": []}
        for _ in range(rounds):
            sandbox = Sandbox(engine)
            figures["first"].append(_ms(partial(sandbox.run, "1 + 1")))
            figures["next"].append(_ms(partial(sandbox.run, "1 + 1")))
            figures["stop"].append(_stop_ms(sandbox))
            sandbox.end()
        yield Row(f"Code in {TITLES[engine]}, first run", "ms", 1000, Figures(figures["first"]))
        yield Row(f"Code in {TITLES[engine]}, next run", "ms", 20, Figures(figures["next"]))
        yield Row(f"Code in {TITLES[engine]}, Stop to end", "ms", 1000, Figures(figures["stop"]))


def _stop_ms(sandbox: Sandbox) -> float:
    stop = CancellationToken()
    Timer(STOP_AFTER_S, stop.set).start()
    return _ms(lambda: sandbox.run("while True: pass", stop=stop)) - 1000 * STOP_AFTER_S


def _ms(work: Callable[[], object]) -> float:
    started_at_s = time.perf_counter()
    work()
    return 1000 * (time.perf_counter() - started_at_s)
