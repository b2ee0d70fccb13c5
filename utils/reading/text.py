"""Text files: plain text, source code, Markdown and CSV, whatever their encoding."""

import csv
import re
from collections.abc import Iterator
from pathlib import Path

from utils.reading.block import Block, Notice, Read, Unreadable
from utils.reading.delimiters import table_rows
from utils.reading.encodings import BAD, decoded
from utils.reading.outline import Outline
from utils.reading.rows import rows_with_head

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
    """Yield the rows of a CSV or TSV file.

    Raises: Unreadable.
    """
    text = decoded(path.read_bytes()).replace("\0", " ")
    csv.field_size_limit(1 << 24)
    try:
        yield from rows_with_head(table_rows(text), "")
        yield from about_bad(text)
    except csv.Error as error:
        raise Unreadable("is a broken table", "Open it in a spreadsheet, save it again, and attach that.") from error
