"""Text files: plain text, source code, Markdown and CSV, whatever their encoding.

Of all dialects of a table the one is taken in which most rows have the same number of columns; `csv.Sniffer` takes the
comma of a decimal for an end.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from utils.files.unreadable import Unreadable
from utils.reading.block import Block, Notice, Outline, Read, rows_with_head
from utils.reading.encodings import BAD, decoded

_SAMPLE_CHARACTERS = 100_000
_SAID = re.compile(r"sep=([^\r\n\"\\])\r?\n", re.IGNORECASE)  # what Excel takes from a first line, and does not show
# Where two part all rows alike, the comma is the likeliest to stand in numbers, or in words.
_DELIMITERS = "\t;|,"


class _Dialect(NamedTuple):
    """How a table is written."""

    delimiter: str = ","
    quote: str = '"'
    escape: str | None = None

    def rows(self, text: str) -> Iterator[list[str]]:
        """Return the rows of a text. Raises: csv.Error, when they are read."""
        return csv.reader(
            io.StringIO(text, newline=""),
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.escape,
            skipinitialspace=self.delimiter != "\t",
        )


def table_rows(text: str) -> Iterator[list[str]]:
    """Return the rows of a table, without a first line that tells only its dialect.

    Raises: csv.Error, when they are read.
    """
    if said := _SAID.match(text):
        return _Dialect(said[1]).rows(text[said.end() :])
    return dialect_of(text).rows(text)


def dialect_of(text: str) -> _Dialect:
    """Return the dialect of a table; one that seldom occurs only where it fits better."""
    sample = text[:_SAMPLE_CHARACTERS]
    if len(sample) < len(text):
        sample = sample[: max(sample.rfind("\n"), sample.rfind("\r")) + 1] or sample
    quotes, escapes = ['"'] + ["'"] * ("'" in sample), [None] + ["\\"] * ('\\"' in sample)
    dialects = [
        _Dialect(delimiter, quote, escape)
        for escape in escapes
        for quote in quotes
        for delimiter in _DELIMITERS
        if delimiter in sample
    ]
    return max(dialects, key=lambda dialect: _agreement(dialect, sample), default=_Dialect())


def _agreement(dialect: _Dialect, sample: str) -> float:
    """Return the share of rows that have as many columns as most; none where most have only one."""
    try:
        widths = Counter(len(row) for row in dialect.rows(sample) if any(row))
    except csv.Error:
        return 0.0
    width, count = max(widths.items(), key=lambda item: item[1], default=(0, 0))
    return count / widths.total() if width > 1 else 0.0


_HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*$")


def read_text(path: Path) -> Iterator[Read]:
    """Yield what stands between empty lines, with the numbers of the lines."""
    text = decoded(path.read_bytes())
    yield from _paragraphs(text, is_markdown=False)
    yield from about_bad(text)


def read_markdown(path: Path) -> Iterator[Read]:
    """Yield what stands between empty lines, with its headings."""
    text = decoded(path.read_bytes())
    yield from markdown_blocks(text)
    yield from about_bad(text)


def about_bad(text: str) -> Iterator[Notice]:
    """Yield how many signs of a text could not be read, where there are any."""
    if count := text.count(BAD):
        signs = "1 character of it could not be read, and stands" if count == 1 else (
            f"{count:,} characters of it could not be read, and stand")  # fmt: skip
        yield Notice(f"{signs} as “{BAD}”: it is damaged, or of several encodings.")


def markdown_blocks(text: str) -> Iterator[Read]:
    """Yield what stands between empty lines of a Markdown text, with its headings."""
    yield from _paragraphs(text, is_markdown=True)


def _paragraphs(text: str, is_markdown: bool) -> Iterator[Read]:
    """Yield lines; a heading stands above what follows, and is a line of its own only where nothing follows."""
    outline, is_code = Outline(), False
    for number, line in enumerate(text.replace("\0", " ").splitlines(), 1):
        is_code ^= is_markdown and line.lstrip().startswith("```")
        if title := _HEADING.match(line) if is_markdown and not is_code else None:
            yield from outline.enter(len(title[1]), Block(title[2], "", "line", number))
        else:
            yield outline.below(Block(line.rstrip(), "", "line", number))  # an empty one too: a passage may end there
    yield from outline.leave()


def read_table(path: Path) -> Iterator[Read]:
    """Yield the rows of a CSV or TSV file. Raises: Unreadable."""
    text = decoded(path.read_bytes()).replace("\0", " ")
    csv.field_size_limit(1 << 24)
    try:
        yield from rows_with_head(table_rows(text), "")
        yield from about_bad(text)
    except csv.Error as error:
        raise Unreadable("is a broken table", "Open it in a spreadsheet, save it again, and attach that.") from error
