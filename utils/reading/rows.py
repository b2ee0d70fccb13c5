"""Tables as lines: each row is one, and each cell keeps its column."""

from collections.abc import Iterator, Sequence

from utils.reading.block import Block, Progress, Read

_PROGRESS_ROWS = 1000
_HEAD_CHARACTERS = 200  # a longer one would fill the passages that it stands above


def joined(cells: Sequence[str]) -> str:
    """Return a row's cells as one line, empty ones too, but for those at its end: what counts is the column."""
    return " | ".join(" ".join(cell.split()) for cell in cells).rstrip(" |") if any(map(str.strip, cells)) else ""


def rows_with_head(rows: Iterator[list[str]], section: str) -> Iterator[Read]:
    """Yield a table's rows as blocks; a first row of words only is the heading of all others."""
    head, is_told = "", False
    for number, cells in enumerate(rows, 1):
        text = joined(cells)
        if number == 1 and len(text) <= _HEAD_CHARACTERS and _is_head(cells):
            head = text
        elif text:
            is_told = True
            yield Block(text, section, "row", number, head)
        if number % _PROGRESS_ROWS == 0:
            yield Progress(number, 0, "rows")
    if head and not is_told:  # empty rows may follow
        yield Block(head, section, "row", 1)


def _is_head(cells: Sequence[str]) -> bool:
    return len(cells) > 1 and all(cell and not cell[:1].isdigit() for cell in cells)
