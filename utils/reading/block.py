"""Block: a piece of a file's text, the headings above it, and where it stands; a row of a table is a line."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from utils.files.unreadable import Unreadable


class Block(NamedTuple):
    """A paragraph, a table's row or a line, with all that a person needs to find it again.

    `section` is a part of the file that has a name of its own: “page 3”, “slide 2”, “sheet Budget”. Within it, `unit`
    and `number` tell the line, row or paragraph; "" where nobody counts those. `heading` is what stands above it.
    """

    text: str
    section: str = ""
    unit: str = ""
    number: int = 0
    heading: str = ""


class Progress(NamedTuple):
    """How far reading is: `done` of `total` pages, sheets or slides."""

    done: int
    total: int
    what: str


class Notice(NamedTuple):
    """One sentence about the file that a person should know."""

    sentence: str


def about_inner_files(count: int) -> Iterator[Notice]:
    """Yield that files inside of one were not read, where there are any."""
    if count:
        files = "1 other file stands" if count == 1 else f"{count:,} other files stand"
        yield Notice(f"{files} inside it, which were not read: save them by themselves, and attach those.")


class Fault(NamedTuple):
    """A fault of the reader itself, with its traceback, as the process that reads tells it to the one that waits."""

    traceback: str


class Drawn(NamedTuple):
    """A picture that was taken out of a file: its name in the folder, and where in a document it stood."""

    file_name: str
    media_type: str
    width_px: int
    height_px: int
    place: str = ""


Read = Block | Progress | Notice


def place(first: Block, last: Block) -> str:
    numbers = ""
    if first.unit:
        is_one = first.number == last.number
        numbers = f"{first.unit} {first.number}" if is_one else f"{first.unit}s {first.number}–{last.number}"
    return ", ".join(part for part in (first.section, numbers) if part)


class ReaderFault(Unreadable):
    """A file that was not read because of a fault in bnaGPT or in a library it reads with, not in the file."""

    def __init__(self) -> None:
        super().__init__(
            "could not be read: bnaGPT has a bug here",
            "Its log tells where. Save the file as PDF or text, and attach that.",
        )


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


BETWEEN = " › "
MOST_CHARACTERS = 200  # what passages take of the headings above them


class Outline:
    """The headings that stand above the place that reading has come to."""

    def __init__(self) -> None:
        self._above: list[tuple[int, Block]] = []
        self._is_bare = False

    @property
    def text(self) -> str:
        """Return the headings in one line, of a very long line the end."""
        line = BETWEEN.join(block.text for _, block in self._above)
        return line if len(line) <= MOST_CHARACTERS else "…" + line[1 - MOST_CHARACTERS :]

    def enter(self, level: int, block: Block) -> Iterator[Block]:
        """Go below a heading; yield headings that would be lost: one with nothing below, and a very long one."""
        yield from self.leave(level)
        self._above = [(other, above) for other, above in self._above if other < level]
        placed = block._replace(heading=self.text)
        self._is_bare = len(placed.heading) + len(BETWEEN) + len(block.text) <= MOST_CHARACTERS
        if not self._is_bare:
            yield placed
        self._above.append((level, placed))

    def leave(self, level: int = 0) -> Iterator[Block]:
        """Yield the last heading where it has nothing below it, as a heading of a level comes, or the end."""
        if self._is_bare and level <= self._above[-1][0]:
            yield self._above[-1][1]
        self._is_bare = False

    def below(self, block: Block) -> Block:
        self._is_bare = self._is_bare and not block.text.strip()
        return block._replace(heading=self.text)
