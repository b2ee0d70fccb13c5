"""Run Python that nobody has read, and survive it.

    sandbox = Sandbox("monty")
    sandbox.run("x = 20")
    sandbox.run("x + 1").value_text     # "21": variables stay

What is covered:
- Files, network, variables and processes of this machine: neither interpreter has a way to them. Monty is a Python of
  its own, and the other one is compiled to WebAssembly; both see one folder, which is empty but for what is put there.
- Time: a run is ended at its limit, by the interpreter, and from outside if that does not heed. Stop ends it at once.
- Memory: a limit in the interpreter, and on Linux one on the whole worker.
- Output: the first characters are kept, the rest is counted.
- Disk: no file, nor all together, may be larger than the limit; looked at during the run, and after.
- Crashes: the interpreter runs in a worker, so only the worker dies. The next run has a new one, and is told so.
- What comes back: text, plain tables and files. Nothing is unpickled, and no link in the folder is followed.

What is not covered:
- Holes in Monty or in wasmtime. The worker behind them has this user's rights; put the program into a container
  of its own if strangers use it.
- Processor time within the limit, and what fits into the limits of all sandboxes together.
- Whether the result is right.
"""

import json
import queue
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from utils.sandbox.files import changed, copy_in, measure, state_of
from utils.sandbox.process import WorkerProcess
from utils.sandbox.report import Limits, RunResult
from utils.threads.stop import CancellationToken

__all__ = ["Limits", "RunResult", "Sandbox"]

LOOK_EVERY_S = 0.1
START_S = 30.0
# The interpreter's own limit comes first, since what was printed by then is kept; then it tells of its result.
GRACE_S = 6.0
# A worker that has been idle for so long may be about to end itself.
ALMOST_S = 2.0
NO_FILES: Mapping[str, Path] = MappingProxyType({})


class Sandbox:
    """Runs code, one piece after the other, with variables that stay as long as nothing goes wrong."""

    def __init__(self, engine: str, limits: Limits | None = None) -> None:
        self.engine = engine
        self.limits = limits or Limits()
        self._worker: WorkerProcess | None = None
        self._lock = threading.Lock()
        self._used_at = 0.0
        self.has_run = False  # anything, in this worker or in one before

    @property
    def is_running(self) -> bool:
        return self._lock.locked()

    def run(self, code: str, files: Mapping[str, Path] = NO_FILES, stop: CancellationToken | None = None) -> RunResult:
        """Run code with these files in its folder, and return what it gave, whatever it does.

        Raises: OSError when a file can't be read, or no worker can be started.
        """
        with self._lock:
            began_at, stop = time.monotonic(), stop or CancellationToken()
            is_fresh = not self._is_usable()
            outcome = self._start(stop) if is_fresh else RunResult()
            if not outcome.is_lost:
                outcome = self._run(code, files, stop)
            if outcome.is_lost:
                self.end()
            self._used_at, self.has_run = time.monotonic(), True
            return replace(outcome, is_fresh=is_fresh, duration_s=self._used_at - began_at)

    def end(self) -> None:
        """End the worker; variables are gone, and the next run has a new one."""
        worker, self._worker = self._worker, None
        if worker:
            worker.kill()

    def _is_usable(self) -> bool:
        idle_s = time.monotonic() - self._used_at
        return self._worker is not None and self._worker.is_alive and idle_s < self.limits.idle_s - ALMOST_S

    def _start(self, stop: CancellationToken) -> RunResult:
        """Start a worker in the place of what there was, and wait until it is ready."""
        self.end()
        self._worker = WorkerProcess(self.engine, self.limits)
        return self._wait(self._worker, time.monotonic() + START_S, stop)

    def _run(self, code: str, files: Mapping[str, Path], stop: CancellationToken) -> RunResult:
        """Ask the worker, and look after it until it answers."""
        assert self._worker
        folder = self._worker.folder
        copy_in(files, folder)
        before = state_of(folder)
        free_bytes = max(0, self.limits.folder_bytes - measure(folder)[0])
        self._worker.send({"code": code, "free_bytes": free_bytes})
        outcome = self._wait(self._worker, time.monotonic() + self.limits.timeout_s + GRACE_S, stop)
        if too_much := self._too_much(folder):
            return RunResult(outcome.output, outcome.hidden_count, error=too_much, is_lost=True)
        return replace(outcome, files=tuple(changed(folder, before)))

    def _wait(self, worker: WorkerProcess, deadline_at: float, stop: CancellationToken) -> RunResult:
        """Return the worker's answer, or why it is to be ended before it has one."""
        while True:
            try:
                return _outcome(worker.answers.get(timeout=LOOK_EVERY_S))
            except queue.Empty:
                if error := self._reason_to_end(worker.folder, deadline_at, stop):
                    return RunResult(error=error, is_lost=True)

    def _reason_to_end(self, folder: Path, deadline_at: float, stop: CancellationToken) -> str:
        """Return why a worker must not go on; empty when it may."""
        if stop.is_set:
            return "Stopped."
        if time.monotonic() > deadline_at:
            return f"TimeoutError: the code ran longer than {self.limits.timeout_s:g} seconds"
        return self._too_much(folder)

    def _too_much(self, folder: Path) -> str:
        """Return what there is too much of in the folder; empty when it is within its limits."""
        size_bytes, count = measure(folder, self.limits.file_count)  # so that a look takes no longer for more
        if size_bytes > self.limits.folder_bytes:
            return f"OSError: the code wrote more than {self.limits.folder_bytes >> 20} MB of files"
        return (
            f"OSError: the code made more than {self.limits.file_count:,} files"
            if count > self.limits.file_count
            else ""
        )


def _outcome(answer: str) -> RunResult:
    """Return what a worker answered; an empty answer is that of a worker that has died."""
    try:
        return RunResult(**json.loads(answer) | {"files": ()})
    except (ValueError, TypeError):
        return RunResult(error="The sandbox crashed; it may have run out of memory.", is_lost=True)
