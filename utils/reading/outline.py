"""The headings above what is read: one leaves when the next of its level comes, and none is lost."""

from collections.abc import Iterator

from utils.reading.block import Block

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
        """Return a block with the headings above it."""
        self._is_bare = self._is_bare and not block.text.strip()
        return block._replace(heading=self.text)
