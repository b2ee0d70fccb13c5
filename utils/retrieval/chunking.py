"""Passages: a file's text cut into pieces that are short enough to be found, each with its place.

A passage ends where a paragraph ends, unless one paragraph alone is too long, and never goes on over the border of a
page, sheet, slide or heading. Nothing is lost, nothing stands in two passages, and the order is kept.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, islice
from typing import NamedTuple

from utils.reading.block import Block, place
from utils.text.words import sentence_ends

Count = Callable[[list[str]], list[int]]

_MAX_TOKENS = 254  # what the encoder reads, without the marks of begin and end
_HEADING_CHARACTERS = 200
_SLICE_CHARACTERS = 2000
_CHARACTERS_A_TOKEN = 8  # a tokenizer counts an endless word as one: by this, length counts too
_COUNTED_AT_ONCE = 256


class Passage(NamedTuple):
    """A piece of a document, where it stands, and what stands above it."""

    text: str
    place: str = ""
    heading: str = ""

    @property
    def with_heading(self) -> str:
        """Return the text as it is understood best."""
        return f"{self.heading}\n{self.text}" if self.heading else self.text


class _Sized(NamedTuple):
    block: Block
    size: int


def chunk(blocks: Iterable[Block], count: Count, limit: int = _MAX_TOKENS) -> Iterator[Passage]:
    """Yield the passages of a document; `count` tells how many tokens texts have, a passage at most so many."""
    for (_, heading), group in groupby(_sized(blocks, count, limit), key=lambda sized: _border(sized.block)):
        packed: list[list[_Sized]] = []
        room = _room(heading, limit)
        for paragraph in _paragraphs(group, room):
            if packed and _total([*packed, paragraph]) > room:
                yield _passage(packed)
                packed = []
            packed.append(paragraph)
        if packed:
            yield _passage(packed)


def _room(heading: str, limit: int) -> int:
    """Return how many tokens a passage may have below a heading."""
    return max(limit // 2, limit - len(heading[:_HEADING_CHARACTERS]) // 2)


def _border(block: Block) -> tuple[str, str]:
    return block.section, block.heading[:_HEADING_CHARACTERS]


def _passage(paragraphs: list[list[_Sized]]) -> Passage:
    blocks = [sized.block for paragraph in paragraphs for sized in paragraph]
    # Lines of text have empty ones between their paragraphs; rows of a table stand one below the other.
    between = "\n\n" if blocks[0].unit in ("line", "paragraph") else "\n"
    text = between.join("\n".join(sized.block.text for sized in paragraph) for paragraph in paragraphs)
    return Passage(text, place(blocks[0], blocks[-1]), blocks[0].heading[:_HEADING_CHARACTERS])


def _paragraphs(group: Iterable[_Sized], limit: int) -> Iterator[list[_Sized]]:
    """Yield what should stand together: lines between empty lines if they are short enough, else each block."""
    run: list[_Sized] = []
    for sized in group:
        if sized.block.unit == "line" and sized.block.text.strip():
            run.append(sized)
            continue
        yield from _together(run, limit)
        run = []
        if sized.block.text.strip():
            yield [sized]
    yield from _together(run, limit)


def _together(run: list[_Sized], limit: int) -> Iterator[list[_Sized]]:
    """Yield lines as one paragraph, or as several where they are too long for that."""
    part: list[_Sized] = []
    for sized in run:
        if part and _total([part, [sized]]) > limit:
            yield part
            part = []
        part.append(sized)
    if part:
        yield part


def _total(paragraphs: list[list[_Sized]]) -> int:
    return sum(sized.size for paragraph in paragraphs for sized in paragraph)


def _sized(blocks: Iterable[Block], count: Count, limit: int) -> Iterator[_Sized]:
    """Yield blocks with their sizes, none too long for a passage; many are counted at once, which is faster."""
    pieces = (block._replace(text=text) for block in blocks for text in _slices(block.text))
    while some := list(islice(pieces, _COUNTED_AT_ONCE)):
        for block, tokens in zip(some, count([block.text for block in some]), strict=True):
            yield from _small_enough(block, tokens, count, limit)


def _small_enough(block: Block, tokens: int, count: Count, limit: int) -> Iterator[_Sized]:
    """Yield a block, halved until it is short enough for a passage."""
    size = max(tokens, len(block.text) // _CHARACTERS_A_TOKEN)
    if size <= _room(block.heading, limit) or len(block.text) < 2:
        yield _Sized(block, size)
        return
    middle = _cut_at(block.text, len(block.text) // 4, len(block.text) * 3 // 4)
    for half in (block.text[:middle].rstrip(), block.text[middle:].lstrip()):
        if half:
            yield from _small_enough(block._replace(text=half), count([half])[0], count, limit)


def _slices(text: str) -> Iterator[str]:
    """Yield a text in slices that are cheap to count; a file may be one single line."""
    begin = 0
    while len(text) - begin > _SLICE_CHARACTERS:
        end = _cut_at(text, begin + _SLICE_CHARACTERS // 2, begin + _SLICE_CHARACTERS)
        yield text[begin:end].strip()
        begin = end
    yield text[begin:].rstrip() if begin == 0 else text[begin:].strip()


def _cut_at(text: str, begin: int, end: int) -> int:
    """Return where to cut between two places: behind a sentence, else behind a word, else in the middle of one."""
    piece = text[begin:end]
    if ends := sentence_ends(piece):
        return begin + min(ends, key=lambda at: abs(at - len(piece) // 2))
    space = piece.rfind(" ", 0, len(piece) // 2 + 1)
    space = space if space >= 0 else piece.find(" ")
    return begin + space + 1 if space >= 0 else max(begin + 1, (begin + end) // 2)
