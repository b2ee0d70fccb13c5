"""What a run of code gives back: text that is cut, numbers safe for JSON, and a table that is measured anew."""

from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import Any, TypedDict

MAX_ERROR_CHARS = 4_000
MAX_CELL_CHARS = 500
MAX_ROWS = 200
MAX_COLUMNS = 50
# JSON has no integers beyond this that every reader takes alike.
EXACT_INT = 2**53


@dataclass(frozen=True)
class Limits:
    """What a sandbox may use. It is ended when nobody has used it for `idle_s`."""

    timeout_s: float = 20.0
    memory_bytes: int = 512 << 20
    output_chars: int = 20_000
    folder_bytes: int = 50 << 20
    file_count: int = 1_000
    idle_s: float = 600.0


class Table(TypedDict):
    """The first rows of a table, and how many there are in all."""

    columns: list[str]
    rows: list[list[Any]]
    row_count: int


@dataclass(frozen=True)
class Outcome:
    """What one run gave; `error` is empty when the code ran to its end.

    `hidden_count` characters of the output were counted, not kept. `files` are those that the run made or changed.
    `is_fresh` tells that nothing of an earlier run was there, `is_lost` that nothing of this one will be.
    """

    output: str = ""
    hidden_count: int = 0
    value_text: str = ""
    error: str = ""
    table: Table | None = None
    files: tuple[Path, ...] = ()
    duration_s: float = 0.0
    is_fresh: bool = False
    is_lost: bool = False


class Output:
    """Keeps the first characters of what is printed, and counts the rest."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._pieces: list[str] = []
        self._kept_count = 0
        self.hidden_count = 0

    def write(self, text: str) -> None:
        kept = text[: max(0, self._limit - self._kept_count)]
        self._pieces.append(kept)
        self._kept_count += len(kept)
        self.hidden_count += len(text) - len(kept)

    @property
    def text(self) -> str:
        return clean("".join(self._pieces))


def clean(text: str) -> str:
    """Return the text with what can't be written as UTF-8 replaced."""
    return text.encode("utf-8", "replace").decode()


def shown(value: object, limit: int) -> str:
    """Return a value as Python would write it; values exist that can't be shown at all."""
    try:
        text = repr(value)
    except (ValueError, RecursionError, MemoryError):
        text = f"<{type(value).__name__} that is too large to show>"
    return truncate(text, limit)


def truncate(text: str, limit: int) -> str:
    return clean(text if len(text) <= limit else f"{text[:limit]}…")


def checked_table(data: object) -> Table | None:
    """Return the table that the data tells, cut to what is kept; None where it tells none."""
    if not isinstance(data, dict):
        return None
    columns, rows, row_count = data.get("columns"), data.get("rows"), data.get("row_count")
    if not (isinstance(columns, list) and isinstance(rows, list) and isinstance(row_count, int)):
        return None
    names = [truncate(str(name), MAX_CELL_CHARS) for name in columns[:MAX_COLUMNS]]
    kept = [[_cell(cell) for cell in row[: len(names)]] for row in rows[:MAX_ROWS] if isinstance(row, list)]
    if not names or any(len(row) != len(names) for row in kept):
        return None
    return {"columns": names, "rows": kept, "row_count": max(row_count, len(kept))}


def _cell(value: object) -> Any:
    """Return what stands in a cell: what JSON can hold, and everything else as text."""
    if value is None or isinstance(value, bool):
        return value
    is_number = isinstance(value, int) and abs(value) < EXACT_INT or isinstance(value, float) and isfinite(value)
    if isinstance(value, str):
        return truncate(value, MAX_CELL_CHARS)
    return value if is_number else shown(value, MAX_CELL_CHARS)
