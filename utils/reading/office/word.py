"""Word files: all that stands in one, in the order of its XML.

Text boxes, footnotes and comments come behind the paragraph that they belong to. What was struck out in tracked changes
is left out, and so are pictures, but for the words that describe them.
Source: ECMA-376, part 1, chapter 17.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from utils.reading.block import Block, Outline, Read, about_inner_files, joined
from utils.reading.office.numbering import Numbering
from utils.reading.office.package import ID, Package, child, local, value
from utils.reading.office.word_lines import LEFT_OUT, Line, Lines, opened_up
from utils.reading.office.word_styles import Styles

_INNER_FILES = ("oleObject", "package", "aFChunk", "subDocument")
_INLINE = ("r", "hyperlink", "fldSimple", "t", "smartTag", "oMath", "oMathPara")


def read_docx(path: Path) -> Iterator[Read]:
    """Yield headers, then paragraphs and rows of tables, each with the headings above it, then footers.

    Raises: Unreadable.
    """
    package = Package(path)
    part = package.main("word/document.xml")
    root = package.needed(part)
    lines = Lines(package, part, _notes(package, part))
    yield from _margins(package, part, root, "header")
    yield from _Story(lines, Styles(package, part), Numbering(package, part)).read(child(root, "body"))
    yield from _margins(package, part, root, "footer")
    for text in lines.untold():
        yield Block(text, "comments")
    kinds = [relation.kind for relation in package.related(part).values()]
    yield from about_inner_files(sum(kind in _INNER_FILES for kind in kinds))


def _notes(package: Package, part: str) -> dict[tuple[str, str], str]:
    """Return the texts of footnotes, endnotes and comments, by kind and id."""
    notes: dict[tuple[str, str], str] = {}
    for kind in ("footnote", "endnote", "comment"):
        for name in package.of_kind(part, f"{kind}s"):
            root = package.xml(name)
            story = _Story(Lines(package, name, {}), None)
            for note in () if root is None else root:
                if local(note) == kind and value(note, "type") in (None, "normal"):
                    text = " ".join(block.text for block in story.read(note))
                    author = f" by {value(note, 'author')}" if value(note, "author") else ""
                    notes[kind, value(note, "id") or ""] = f"{kind.title()}{author}: {text}" if text else ""
    return notes


def _margins(package: Package, part: str, root: Any, kind: str) -> Iterator[Block]:
    """Yield what stands in the headers or footers, each text once: sections repeat them."""
    relations, seen = package.related(part), set()
    ids = [one.get(ID) or "" for one in root.iter() if local(one) == f"{kind}Reference"]
    for name in dict.fromkeys(relations[one].target for one in ids if one in relations):
        below = package.xml(name)
        for block in () if below is None else _Story(Lines(package, name, {}), None).read(below):
            if block.text not in seen:
                seen.add(block.text)
                yield block._replace(section=kind, unit="", number=0)


class _Story:
    """One run of paragraphs and tables, such as the body of a document or one of its headers."""

    def __init__(self, lines: Lines, styles: Styles | None, numbering: Numbering | None = None) -> None:
        self._lines, self._styles, self._numbering = lines, styles, numbering
        self._outline, self._number = Outline(), 0

    def read(self, container: Any) -> Iterator[Block]:
        for item in () if container is None else _items(container):
            self._number += 1
            yield from self._item(item)
        yield from self._outline.leave()

    def _item(self, item: Any) -> Iterator[Block]:
        yield from self._table(item) if local(item) == "tbl" else self._paragraph(item)

    def _block(self, text: str) -> Block:
        return self._outline.below(Block(text, "", "paragraph", self._number))

    def _line(self, paragraph: Any) -> Line:
        """Read a paragraph, with the number that Word puts before it."""
        line = self._lines.read(paragraph)
        is_gone = not line.text and child(paragraph, "pPr", "rPr", "del") is not None
        if self._styles and self._numbering and not is_gone:
            number, level, style = self._styles.numbered(paragraph)
            if (label := self._numbering.next(number, level, style)) and line.text:
                line.pieces.insert(0, f"{label} ")
        return line

    def _paragraph(self, paragraph: Any) -> Iterator[Block]:
        line = self._line(paragraph)
        level = self._styles.level(paragraph) if self._styles else None
        if line.text and level is not None:
            yield from self._outline.enter(level, Block(line.text, "", "paragraph", self._number))
        elif line.text:
            yield self._block(line.text)
        yield from self._beside(line)

    def _beside(self, line: Line) -> Iterator[Block]:
        """Yield the text boxes and notes of a paragraph."""
        for box in line.boxes:
            for item in _items(box):
                yield from self._item(item)
        yield from map(self._block, filter(None, line.notes))

    def _table(self, table: Any) -> Iterator[Block]:
        for row in _under(table, "tr"):
            if child(row, "trPr", "del") is None:
                yield from self._row(row)

    def _row(self, row: Any) -> Iterator[Block]:
        """Yield a row as one line, then the tables and boxes in its cells; a cell alone is no row, but a frame."""
        cells = list(_under(row, "tc"))
        if len(cells) == 1:
            for item in _items(cells[0]):
                yield from self._item(item)
            return
        texts = [""] * _span(child(row, "trPr", "gridBefore"), least=0)
        after: list[Any] = []
        for cell in cells:
            texts.append(self._cell(cell, after))
            texts += [""] * (_span(child(cell, "tcPr", "gridSpan")) - 1)
        if text := joined(texts):
            yield self._block(text)
        for one in after:
            yield from self._beside(one) if isinstance(one, Line) else self._table(one)

    def _cell(self, cell: Any, after: list[Any]) -> str:
        """Return the words of a cell; one that is merged into another has none. What is no line goes to `after`."""
        options = child(cell, "tcPr")
        merges = [child(options, name) for name in ("vMerge", "hMerge")] if options is not None else []
        if any(merge is not None and value(merge) != "restart" for merge in merges):
            return ""
        if options is not None and child(options, "cellDel") is not None:
            return ""
        texts = []
        for item in _items(cell):
            if local(item) == "tbl":
                after.append(item)
                continue
            line = self._line(item)
            texts.append(line.text)
            after.append(line)
        return " ".join(texts)


def _items(container: Any) -> Iterator[Any]:
    """Yield paragraphs and tables, whatever they are wrapped in."""
    for one in opened_up(container):
        name = local(one)
        if name in ("p", "tbl") or name in _INLINE:
            yield one
        elif name not in LEFT_OUT:
            yield from _items(one)


def _under(element: Any, wanted: str) -> Iterator[Any]:
    """Yield rows or cells, whatever they are wrapped in; not those of tables in them."""
    for one in opened_up(element):
        if local(one) == wanted:
            yield one
        elif local(one) not in LEFT_OUT and local(one) not in ("p", "tbl"):
            yield from _under(one, wanted)


def _span(element: Any, least: int = 1) -> int:
    """Return over how many columns something goes."""
    said = value(element) or ""
    return min(63, max(least, int(said))) if said.isdecimal() else least  # Word has no more columns than 63
