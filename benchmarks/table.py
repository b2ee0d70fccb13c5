"""The table: one row a measure, printed as it comes and written to RESULTS.md at the end.

What is measured alone gets a table of its own behind the others, until the next whole run.
"""

import math
import os
import platform
import re
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import psutil

RESULTS = Path(__file__).with_name("RESULTS.md")
COMMAND = "python -m benchmarks.run"
HEAD = """# Benchmarks

Made by `{command}` on {date}: {cores} cores, {memory_gb:.0f} GB of memory, {system}, Python {python},
Streamlit {streamlit}.

Figures are medians, with the 90th percentile in brackets. The endpoint is scripted and on the same machine, so nothing
waits for a network or a model; it answers after 0.1 s, but where "at once" is said. *Tutorial page* is a chat as
Streamlit's tutorial writes it (`tutorial_page.py`), with the same Streamlit and config. *Raw* is the bare SDK, httpx,
`json` reading and writing the whole file, a look at every message in memory, a window that slides at every turn, pages
read one after the other with the bare libraries, documents read by markitdown, a calendar read anew by its
libraries for each list, or BM25 alone; what has several
searches in one row counts each as a round. The ratio is to the tutorial page where there is one, else to raw. On the
page means: in the page's document, in Chromium.

"""
TITLES = ("Measure", "Goal", "bnaGPT", "Tutorial page", "Raw", "Ratio", "Met", "Rounds")


class Figures(NamedTuple):
    """What was measured, a value for each round; empty where that was not."""

    ours: list[float]
    tutorial: list[float] = []
    raw: list[float] = []


@dataclass(frozen=True)
class Row:
    """One measure; `limit` is the most that is allowed.

    With `is_least` it is the least, and of a share (`is_share`) the least that the ratio must be.
    """

    measure: str
    unit: str
    limit: float | None
    figures: Figures
    is_share: bool = False
    is_least: bool = False

    @property
    def ratio(self) -> float | None:
        """Return the median beside the baseline's."""
        baseline = self.figures.tutorial or self.figures.raw
        beside = statistics.median(baseline) if baseline else 0.0
        return statistics.median(self.figures.ours) / beside if beside else None

    @property
    def is_met(self) -> bool | None:
        """Return whether the goal is met; None where there is none."""
        if self.limit is None:
            return None
        if self.is_share:
            return self.ratio is not None and self.ratio >= self.limit
        median = statistics.median(self.figures.ours)
        return median >= self.limit if self.is_least else median <= self.limit

    def cells(self) -> list[str]:
        """Return the row as the table shows it."""
        met = {None: "", True: "yes", False: "**no**"}[self.is_met]
        ratio = "" if self.ratio is None else _number(self.ratio)
        rounds = "/".join(str(len(values)) for values in self.figures if values)
        return [self.measure, self._goal(), *map(self._figure, self.figures), ratio, met, rounds]

    def _goal(self) -> str:
        if self.limit is None:
            return ""
        return (
            f"≥ {self.limit:g} of raw"
            if self.is_share
            else f"{'≥' if self.is_least else '≤'} {self.limit:,g} {self.unit}"
        )

    def _figure(self, values: Sequence[float]) -> str:
        if not values:
            return ""
        median, high = statistics.median(values), percentile_90(values)
        return _number(median) + f" {self.unit}" + (f" ({_number(high)})" if len(values) > 1 else "")


def percentile_90(values: Sequence[float]) -> float:
    """Return the smallest value that nine in ten do not pass."""
    return sorted(values)[math.ceil(0.9 * len(values)) - 1]


def write_results(rows: Sequence[Row], problems: Sequence[str]) -> None:
    """Write the table, and what could not be measured."""
    head = HEAD.format(
        command=COMMAND,
        date=date.today().isoformat(),
        cores=os.cpu_count(),
        memory_gb=psutil.virtual_memory().total / 2**30,
        system=platform.system(),
        python=platform.python_version(),
        streamlit=version("streamlit"),
    )
    RESULTS.write_text(head + _table(rows, problems), encoding="utf-8")


def write_part(word: str, rows: Sequence[Row], problems: Sequence[str]) -> None:
    """Write what was measured alone behind the table, in the place of what the same command wrote before."""
    title = f"\n## `{COMMAND} --only {word}`"
    before = re.sub(rf"{re.escape(title)}.*?(?=\n## |\Z)", "", RESULTS.read_text(encoding="utf-8"), flags=re.DOTALL)
    part = f"{title}\n\nOn {date.today().isoformat()}:\n\n{_table(rows, problems)}"
    RESULTS.write_text(before + part, encoding="utf-8")


def _table(rows: Sequence[Row], problems: Sequence[str]) -> str:
    lines = [TITLES, ("---",) * len(TITLES), *(row.cells() for row in rows)]
    table = "".join(f"| {' | '.join(cells)} |\n" for cells in lines)
    return table + "".join(f"\nNot measured: {problem}\n" for problem in problems)


def print_row(row: Row) -> None:
    """Print one row as soon as it is known."""
    measure, goal, ours, tutorial, raw, ratio, met, _ = row.cells()
    print(f"{measure:<62} {goal:>12} | {ours:>20} | {tutorial:>20} | {raw:>20} | {ratio:>5} {met}", flush=True)


def _number(value: float) -> str:
    """Return a number with three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"
