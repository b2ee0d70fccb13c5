"""Work in another process, and its end by a kill at any moment."""

import os
import random
import signal
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from unittest import mock


@contextmanager
def child(work: Callable[[Callable[[str], object]], None]) -> Iterator[tuple[int, int]]:
    """Run `work` in another process; yield its id, and where to read what it acknowledges, a line each."""
    reading, writing = os.pipe()
    process_id = os.fork()
    if process_id == 0:
        try:
            # A kill, unlike a power cut, needs no waiting for the disk.
            with mock.patch("os.fsync"):
                work(lambda line: os.write(writing, f"{line}\n".encode()))
        except Exception:
            traceback.print_exc()  # a test that fails shows it
        finally:
            os._exit(0)
    os.close(writing)
    try:
        yield process_id, reading
    finally:
        os.kill(process_id, signal.SIGKILL)
        os.waitpid(process_id, 0)
        os.close(reading)


def killed_at_a_random_moment(work, longest_s: float) -> list[str]:
    """Run `work` in another process, kill it soon, and return what it had acknowledged until then."""
    with child(work) as (process_id, pipe):
        first = os.read(pipe, 100_000)
        time.sleep(random.random() * longest_s)
        os.kill(process_id, signal.SIGKILL)
        return first.decode().splitlines() + all_lines(pipe)


def all_lines(pipe: int) -> list[str]:
    """Return what comes through a pipe until its other end is closed."""
    return b"".join(iter(lambda: os.read(pipe, 100_000), b"")).decode().splitlines()
