"""Read a file in a process of its own, so that no file can hang, swell up or bring down the program.

It leaves out what becomes of the text.
"""

import json
import logging
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any

from utils.files.unreadable import Unreadable
from utils.reading.block import Block, Drawn, Notice, Progress, Read, ReaderFault, place
from utils.threads.stop import CancellationToken

ROOT = Path(__file__).resolve().parents[2]
READER = ["-m", "utils.reading.worker"]
TIMEOUT_S = 300.0  # without a sign of progress; the reader itself has less of processor time
MOST_S = 1800.0  # of one file, however well it goes on
MOST_BLOCKS = 2_000_000  # of one file: 200 MB in lines of a hundred characters
_MOST_LOGGED = 10_000  # bytes
_KINDS = {"Block": Block, "Progress": Progress, "Notice": Notice, "Drawn": Drawn}


def read_isolated(
    path: Path, name: str, stop: CancellationToken, timeout_s: float = TIMEOUT_S
) -> Generator[Read, None, None]:
    """Yield what a file holds, as it is read; a stop ends it, and so do limits for the whole of it, which is told.

    Raises: Unreadable.
    """
    began_at, block_count, last = None, 0, Block("")
    with closing(_run([str(path.resolve()), _ending(name)], stop, timeout_s)) as found:
        for read in found:
            began_at = began_at or time.monotonic()
            if block_count >= MOST_BLOCKS or time.monotonic() - began_at > MOST_S:
                yield Notice(_about_limit(block_count, last))
                return
            if isinstance(read, Block):
                block_count, last = block_count + 1, read
            yield read


def _about_limit(block_count: int, last: Block) -> str:
    """Return that not all of a file was read, why, and how far."""
    why = f"holds more than {MOST_BLOCKS:,} lines" if block_count >= MOST_BLOCKS else (
        f"takes longer than {MOST_S / 60:.0f} minutes to be read")  # fmt: skip
    until = f", up to {place(last, last)}" if place(last, last) else ""
    return f"It {why}: only its first part was read{until}. Split it to have all read."


def pictures_apart(path: Path, name: str, folder: Path) -> Iterator[Drawn | Notice]:
    """Put the pictures of a file, or the one that it is, into a folder, and yield what they are. Raises: Unreadable."""
    yield from _run([str(path.resolve()), _ending(name), str(folder.resolve())], CancellationToken(), TIMEOUT_S)


def _ending(name: str) -> str:
    """Return a name that a command line takes, whatever stood in it: of a file's name only its ending counts."""
    return "file" + re.sub(r"[^\w.]", "", Path(name).suffix, flags=re.ASCII)[:20]


def _run(arguments: list[str], stop: CancellationToken, timeout_s: float) -> Generator[Any, None, None]:
    """Yield what the reader tells; raises what `read_isolated` does."""
    command = [sys.executable, *READER, *arguments]
    with TemporaryFile() as chatter:
        process = subprocess.Popen(
            command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=chatter, text=True,
            encoding="utf-8",
        )  # fmt: skip
        watch = Watch(process, timeout_s)
        stop.when_set(process.kill)
        try:
            yield from _lines(process, watch)
            if process.wait() and not stop.is_set:
                raise _why_it_ended(process.returncode, watch, chatter)
        finally:
            watch.end()
            process.kill()
            process.wait()
            with suppress(OSError):
                process.stdout.close() if process.stdout else None


def _why_it_ended(code: int, watch: "Watch", chatter: IO[bytes]) -> Unreadable:
    """Return why the reader ended too soon: Python tells its own faults, and a signal is none of them."""
    way_out = "Split it, or save it again in its own program, and attach that."
    if watch.has_bitten or code == -getattr(signal, "SIGXCPU", 0):
        return Unreadable("takes too long to be read", way_out)
    chatter.seek(0)
    last_words = chatter.read()[-_MOST_LOGGED:].decode("utf-8", "replace")
    _log(last_words or f"The reader ended with {code}.")
    if "MemoryError" in last_words:
        return Unreadable("needs too much memory to be read", "Split it into smaller files, and attach those.")
    return ReaderFault() if code > 0 else Unreadable("made the reader break down", way_out)


def _log(traceback: str) -> None:
    logging.getLogger(__name__).error("Reading a file failed:\n%s", traceback)


def _lines(process: "subprocess.Popen[str]", watch: "Watch") -> Iterator[Any]:
    """Yield what stands in each line that the process writes.

    Raises: Unreadable when the last one says why the file can't be read, ReaderFault when that is our own fault.
    """
    assert process.stdout is not None
    for line in process.stdout:
        watch.feed()
        kind, *fields = json.loads(line)
        if kind == "Fault":
            _log(fields[0])
            raise ReaderFault
        if kind not in _KINDS:
            raise Unreadable(*fields)
        yield _KINDS[kind](*fields)


class Watch:
    """A watchdog: ends a process that nobody has heard of for a time."""

    def __init__(self, process: "subprocess.Popen[str]", timeout_s: float) -> None:
        self.process, self.timeout_s, self.has_bitten = process, timeout_s, False
        self._fed, self._ended = threading.Event(), False
        threading.Thread(target=self._look, daemon=True).start()

    def feed(self) -> None:
        self._fed.set()

    def end(self) -> None:
        self._ended = True
        self._fed.set()

    def _look(self) -> None:
        while self._fed.wait(self.timeout_s):
            self._fed.clear()
            if self._ended:
                return
        self.has_bitten = True
        self.process.kill()
