"""Monty (https://github.com/pydantic/monty): a small Python, written in Rust, that reaches only what it is handed.

It lacks much of Python; `MISSING` says what. What it returns is made into Python objects in the process that calls it:
that is why both belong to a worker.
"""

import re
from pathlib import Path
from typing import Any

from utils.sandbox.report import MAX_ERROR_CHARS, Limits, Outcome, Output, Table, checked_table, clean, shown
from utils.sandbox.tables import as_table

NAME = "monty"
FOLDER = "/files"
MODULES = (
    "math, json, re, datetime, collections, itertools, functools, random, csv, decimal, bisect, copy, hashlib, base64,"
    " asyncio, typing, dataclasses, time, os, pathlib, sys, unicodedata"
)
MISSING = (
    "class inheritance, property and other decorators of methods, generators (yield), del, input(), statistics, string,"
    " fractions, enum, heapq, uuid, and every installed package such as numpy, pandas and matplotlib"
)
# Files opened and names not found, over the whole life of an interpreter, which is of no use afterwards.
MAX_CALLS = 1_000_000
# Its own time limit comes first; this ends an interpreter that no longer looks at the clock.
GRACE_S = 1.0


class MontyEngine:
    """One interpreter, whose variables live as long as it does."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        # Imported here: the program that starts this worker needs nothing of it.
        from pydantic_monty import Monty, ResourceLimits

        self._folder, self._limits = folder, limits
        pool = Monty(max_processes=1, request_timeout=limits.timeout_s + 2 * GRACE_S)
        within = ResourceLimits(
            max_feed_duration_secs=limits.timeout_s,
            max_memory=limits.memory_bytes,
            max_suspensions=MAX_CALLS,
        )
        # Nothing is worth waiting for in there, and sleep would not count as time of the run.
        self._session = pool.__enter__().checkout(limits=within, os_policy={"sleep": "zero"}).__enter__()

    def run(self, code: str, free_bytes: int) -> Outcome:
        """Run code that may write so many bytes into its folder."""
        from pydantic_monty import MontyError, MountDir

        output = Output(self._limits.output_chars)
        folder = MountDir(host_path=self._folder, virtual_path=FOLDER, mode="read-write", write_bytes_limit=free_bytes)
        with folder:
            try:
                value = self._session.feed_run(
                    code, print_callback=lambda _, text: output.write(text), mount=folder, cwd=FOLDER
                )
            except MontyError as error:
                return self._failed(error, output)
        text = "" if value is None else shown(value, self._limits.output_chars)
        return Outcome(output.text, output.hidden_count, text, table=_table(value))

    def _failed(self, error: Any, output: Output) -> Outcome:
        """Return what came before an error, and the error with its line.

        An interpreter that ran out of time was stopped at any place: what its variables hold then is anyone's guess.
        """
        text = error.display() if hasattr(error, "display") else str(error)
        is_lost = isinstance(error.exception(), TimeoutError) or not self._responds()
        return Outcome(output.text, output.hidden_count, error=explain_error(text), is_lost=is_lost)

    def _responds(self) -> bool:
        """Return whether the interpreter is still there; it may have been ended for its memory, or have crashed."""
        from pydantic_monty import MontyError

        try:
            return bool(self._session.feed_run("0") == 0)
        except (MontyError, RuntimeError):
            return False


def _table(value: Any) -> Table | None:
    """Return the table that a value is; none where a name in it is a number too long to be written."""
    if not isinstance(value, list | tuple | dict):
        return None
    try:
        return checked_table(as_table(value))
    except ValueError:
        return None


def explain_error(error_text: str) -> str:
    """Return an error as it is told: its end, with the code under one name."""
    return clean(re.sub(r'File "<(?:python-input-|turn )\d+>"', 'File "<code>"', error_text.strip())[-MAX_ERROR_CHARS:])
