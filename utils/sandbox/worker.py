"""The process that a sandbox's code runs in: it takes code as lines of JSON, and answers with lines of JSON.

    python -m utils.sandbox.worker ENGINE FOLDER LIMITS

It limits itself before it loads an interpreter. It ends, with everything that it has started and its folder, when its
input ends (whoever started it is gone) or when nothing has come for a while.
"""

import json
import os
import queue
import signal
import sys
import threading
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from utils.sandbox.files import remove_folder
from utils.sandbox.monty import MontyEngine
from utils.sandbox.report import Limits, RunResult
from utils.sandbox.wasi import WasiEngine

ENGINES: dict[str, type[MontyEngine] | type[WasiEngine]] = {"monty": MontyEngine, "wasi": WasiEngine}
# Room for the interpreter beside what the code may use: threads and libraries take addresses that they never fill.
# WebAssembly reserves more of them than any limit allows, and keeps to a limit of its own.
OVERHEAD_BYTES = 2 << 30
MAX_OPEN_FILES = 256


def main() -> None:
    name, folder, limits = sys.argv[1], Path(sys.argv[2]), Limits(**json.loads(sys.argv[3]))
    answers = _own_output()
    requests: queue.Queue[str] = queue.Queue()
    threading.Thread(target=_read, args=(requests, folder), daemon=True).start()
    limit_process(CORE=0)
    if name == "monty" and sys.platform == "linux":
        limit_process(AS=limits.memory_bytes + OVERHEAD_BYTES)
    engine = ENGINES[name](folder / "files", limits)
    limit_process(FSIZE=limits.folder_bytes, NOFILE=MAX_OPEN_FILES)
    _answer(answers, RunResult())
    while True:
        try:
            request = json.loads(requests.get(timeout=limits.idle_s))
        except queue.Empty:
            _end(folder)
        else:
            _answer(answers, engine.run(request["code"], request["free_bytes"]))


def limit_process(**most: int) -> None:
    """Limit what this process and what it starts may take, where the system can; names are those of setrlimit."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    for name, wanted in most.items():
        kind = getattr(resource, f"RLIMIT_{name}")
        _, hard = resource.getrlimit(kind)
        wanted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(kind, (wanted, wanted))


def _end(folder: Path) -> None:
    """End this process and all that it has started, and leave nothing behind."""
    remove_folder(folder)
    if hasattr(os, "killpg") and os.getpgrp() == os.getpid():
        os.killpg(os.getpid(), signal.SIGKILL)
    os._exit(0)


def _own_output() -> TextIO:
    """Take the output for answers alone: what libraries print must not come between them."""
    answers = os.fdopen(os.dup(1), "w", encoding="ascii")
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    return answers


def _read(requests: queue.Queue[str], folder: Path) -> None:
    """Hand on each line; at the end of the input, end everything."""
    for line in sys.stdin:
        requests.put(line)
    _end(folder)


def _answer(answers: TextIO, outcome: RunResult) -> None:
    answers.write(json.dumps(asdict(outcome)) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
