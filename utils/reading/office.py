"""Office files: Word, PowerPoint and Excel.

It leaves out pictures, charts and comments. Read next: `utils/reading/worker.py`.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from utils.reading.block import Block, Progress, Read

_PROGRESS_ROWS = 1000
_HEAD_CHARACTERS = 200  # a longer one would fill the passages that it stands above


def read_docx(path: Path) -> Iterator[Read]:
    """Yield paragraphs, and rows of tables, in their order, each with the headings above it."""
    import docx

    headings: list[str] = []
    for number, item in enumerate(docx.Document(str(path)).iter_inner_content(), 1):
        if hasattr(item, "rows"):
            yield from _table_rows(item, number, " › ".join(headings))
            continue
        text, level = item.text.strip(), _level(item.style)
        if level and text:
            headings = [*headings[: level - 1], text]
        elif text:
            yield Block(text, "", "paragraph", number, " › ".join(headings))


def _level(style: Any) -> int:
    """Return which level of heading a style is; 0 for none."""
    name = (style.name or "") if style is not None else ""
    if name == "Title":
        return 1
    last = name.rpartition(" ")[2]
    return int(last) + 1 if name.startswith("Heading") and last.isdecimal() else 0


def _table_rows(table: Any, number: int, heading: str) -> Iterator[Block]:
    for row in table.rows:
        if text := joined([cell.text for cell in row.cells]):
            yield Block(text, "", "paragraph", number, heading)


def read_pptx(path: Path) -> Iterator[Read]:
    """Yield what each slide says, then what its notes say."""
    import pptx

    slides = pptx.Presentation(str(path)).slides
    total = len(slides)
    for number, slide in enumerate(slides, 1):
        title = slide.shapes.title.text_frame.text.strip() if slide.shapes.title else ""
        yield from (Block(text, f"slide {number}", heading=title) for text in _shape_texts(slide.shapes))
        if slide.has_notes_slide and (notes := slide.notes_slide.notes_text_frame):
            yield from (Block(text, f"slide {number}, notes", heading=title) for text in [notes.text.strip()] if text)
        yield Progress(number, total, "slides")


def _shape_texts(shapes: Any) -> Iterator[str]:
    """Yield the texts of shapes, of tables by row, and of groups."""
    for shape in shapes:
        if shape.has_text_frame:
            texts = [shape.text_frame.text.strip()]
        elif getattr(shape, "has_table", False):
            texts = [joined([cell.text for cell in row.cells]) for row in shape.table.rows]
        else:
            texts = list(_shape_texts(shape.shapes)) if hasattr(shape, "shapes") else []
        yield from filter(None, texts)


def read_xlsx(path: Path) -> Iterator[Read]:
    """Yield the rows of each sheet; a formula that no program has worked out yet stands as it was written."""
    import openpyxl

    # Open files, not paths: an attachment's name has no ending, and openpyxl would look at that.
    values = openpyxl.load_workbook(path.open("rb"), read_only=True, data_only=True)
    formulas = openpyxl.load_workbook(path.open("rb"), read_only=True)
    for name in values.sheetnames:
        sheet, written = values[name], formulas[name]
        if not hasattr(sheet, "iter_rows"):  # a chart on a sheet of its own
            continue
        for part in (sheet, written):
            part.reset_dimensions()  # what a file says of its size may be wrong
        rows = zip(sheet.iter_rows(values_only=True), written.iter_rows(values_only=True), strict=False)
        yield from rows_with_head(_cells(rows), f"sheet {name}")


def _cells(rows: Any) -> Iterator[list[str]]:
    for row, written in rows:
        padded = [*row, *[None] * (len(written) - len(row))]
        pairs = zip(padded, written, strict=False)
        yield [text_of(formula if value is None else value) for value, formula in pairs]


def rows_with_head(rows: Iterator[list[str]], section: str) -> Iterator[Read]:
    """Yield a table's rows as blocks; a first row of words only is the heading of all others."""
    head, number = "", 0
    for number, cells in enumerate(rows, 1):
        text = joined(cells)
        if number == 1 and len(text) <= _HEAD_CHARACTERS and _is_head(cells):
            head = text
        elif text:
            yield Block(text, section, "row", number, head)
        if number % _PROGRESS_ROWS == 0:
            yield Progress(number, 0, "rows")
    if head and number == 1:
        yield Block(head, section, "row", 1)


def _is_head(cells: Sequence[str]) -> bool:
    return len(cells) > 1 and all(cell and not cell[:1].isdigit() for cell in cells)


def joined(cells: Sequence[str]) -> str:
    """Return a row's cells as one line; a cell that spans several columns counts once."""
    kept = [" ".join(cell.split()) for index, cell in enumerate(cells) if index == 0 or cell != cells[index - 1]]
    return " | ".join(kept).strip(" |") and " | ".join(kept)


def text_of(value: Any) -> str:
    """Return a cell's value in words: a date without a time of midnight, a whole number without a decimal point."""
    if value is None:
        return ""
    text = str(value)
    return text.removesuffix(" 00:00:00").removesuffix(".0")
