"""A worker process seen from outside: with no variables of this one, a folder and a process group of its own."""

import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import weakref
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from utils.sandbox.files import remove_folder
from utils.sandbox.report import Limits

ROOT = Path(__file__).resolve().parents[2]
# Windows can't start Python without this one.
VARIABLES = {"SYSTEMROOT": r"C:\Windows"} if os.name == "nt" else {}
MAX_ANSWER_CHARS = 32 << 20


class WorkerProcess:
    """One worker, alive from the moment this is made."""

    def __init__(self, engine: str, limits: Limits) -> None:
        self._base = Path(tempfile.mkdtemp(prefix="sandbox-"))
        self.folder = self._base / "files"
        self.folder.mkdir()
        own = self._base / "own"  # what the interpreter unpacks goes with the rest, even if it is killed
        own.mkdir()
        self.answers: queue.Queue[str] = queue.Queue()
        # Started here, not in the folder: there, Python would take what the code has written for its own modules.
        self._process = subprocess.Popen(
            [sys.executable, "-m", "utils.sandbox.worker", engine, str(self._base), json.dumps(asdict(limits))],
            cwd=ROOT,
            env=VARIABLES | {"PYTHONUTF8": "1", "TMPDIR": str(own), "TEMP": str(own)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            start_new_session=True,
        )
        threading.Thread(target=_hear, args=(self._process, self.answers), daemon=True).start()
        self._end = weakref.finalize(self, _kill, self._process, self._base)

    @property
    def pid(self) -> int:
        """Return its number, which is also that of its group."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def send(self, request: dict[str, Any]) -> None:
        """Ask; a worker that has ended is not told of here, its answers end instead."""
        assert self._process.stdin
        with suppress(OSError):
            self._process.stdin.write(json.dumps(request) + "\n")
            self._process.stdin.flush()

    def kill(self) -> None:
        """End it with all that it has started, and delete its folder; what nobody refers to any more ends by itself."""
        self._end()


def _kill(process: "subprocess.Popen[str]", base: Path) -> None:
    """End a process and its group, and delete the folder."""
    # A number is given to others once its process has been waited for, so only a living one is killed.
    if process.poll() is None and hasattr(os, "killpg"):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()
    with suppress(OSError):
        assert process.stdin
        process.stdin.close()
    remove_folder(base)


def _hear(process: "subprocess.Popen[str]", heard: "queue.Queue[str]") -> None:
    """Put each answer into the queue, and an empty one when no more will come."""
    with process.stdout or open(os.devnull) as answers:
        while (answer := answers.readline(MAX_ANSWER_CHARS)).endswith("\n"):
            heard.put(answer)
    heard.put("")
