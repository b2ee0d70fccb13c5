"""Threads share few pools of memory where the system offers that."""

import ctypes
import platform
import subprocess
import sys

import pytest

from tests.waiting import PATIENCE_S
from utils.threads.malloc import limit_arenas

# Twenty threads that are alive at once, each with blocks of its own; then the C library tells of its pools.
PROGRAM = """
import ctypes, sys
from threading import Barrier, Thread
from utils.threads.malloc import limit_arenas

if sys.argv[1] == "shared":
    limit_arenas()
barrier, kept = Barrier(20), []

def work():
    kept.append([bytes(600 + number) for number in range(100)])
    barrier.wait()

threads = [Thread(target=work) for _ in range(20)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc = ctypes.CDLL(None)
libc.malloc_info(0, ctypes.c_void_p.in_dll(libc, "stdout"))
libc.fflush(None)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="another C library has no such pools")
def test_many_threads_share_two_pools():
    assert pool_count("shared") <= 2 < pool_count("as it is")


def pool_count(mode: str) -> int:
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, mode], capture_output=True, text=True, timeout=PATIENCE_S, check=True
    )
    return run.stdout.count("<heap nr=")


def test_another_system_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(ctypes, "CDLL", lambda _name: pytest.fail("was asked"))
    limit_arenas()
