"""Block: a piece of a file's text, and where it stands in the file."""

from typing import NamedTuple


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
    """Return where two blocks and all between them stand, in words."""
    numbers = ""
    if first.unit:
        is_one = first.number == last.number
        numbers = f"{first.unit} {first.number}" if is_one else f"{first.unit}s {first.number}–{last.number}"
    return ", ".join(part for part in (first.section, numbers) if part)


class Unreadable(ValueError):
    """A file that can't be read: `reason` goes on after its name, `way_out` is what a person can do."""

    def __init__(self, reason: str, way_out: str = "") -> None:
        super().__init__(reason, way_out)
        self.reason, self.way_out = reason, way_out


class ReaderFault(Unreadable):
    """A file that was not read because of a fault in bnaGPT or in a library it reads with, not in the file."""

    def __init__(self) -> None:
        super().__init__(
            "could not be read: bnaGPT has a bug here",
            "Its log tells where. Save the file as PDF or text, and attach that.",
        )
