"""Excel files: the rows of each sheet, then its comments, text boxes and charts, and what is printed above and below.

openpyxl reads the cells row by row, so that a large sheet does not fill the memory.
Source: ECMA-376, part 1, chapters 18 and 20.
"""

import re
from collections.abc import Iterator
from datetime import datetime, time, timedelta
from html import unescape
from pathlib import Path
from typing import Any

from utils.reading.block import Block, Read, rows_with_head
from utils.reading.office.drawings import body_text, chart_texts
from utils.reading.office.number_formats import formatted
from utils.reading.office.package import ID, Package, child, local, value
from utils.reading.office.workbooks import open_workbook, usual

_TEXT_OF_FORMULA = "str"  # so a formula was worked out, and if nothing stands there, that is what it gave
_ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")  # how a sign that XML can't hold is written, such as Excel's line ends
_PRINTED_BYTES = 1 << 16  # it stands near the end of what may be a very large part
_PRINT_CODES = re.compile(r'&(?:[LCRPNDTFAGZBIUESXYOH]|"[^"]*"|K[0-9A-F]{6}|K\d\d[+-]\d{3}|\d+)')


def read_xlsx(path: Path) -> Iterator[Read]:
    """Yield the rows of each sheet; a formula that no program has worked out yet stands as it was written.

    Raises: Unreadable.
    """
    package = Package(path)
    # Open files, not paths: an attachment's name has no ending, and openpyxl would look at that.
    with usual(path) as file, usual(path) as again:
        values, formulas = open_workbook(file, data_only=True), open_workbook(again)
        parts = _parts(package)
        for name in values.sheetnames:
            sheet, written = values[name], formulas[name]
            if hasattr(sheet, "iter_rows"):  # else it is a chart on a sheet of its own
                yield from _rows(sheet, written, f"sheet {name}")
            if name in parts and package.has(parts[name]):
                yield from (Block(text, f"sheet {name}") for text in _around(package, parts[name]) if text.strip())


def _rows(sheet: Any, written: Any, section: str) -> Iterator[Read]:
    for part in (sheet, written):
        part.reset_dimensions()  # what a file says of its size may be wrong
    rows = zip(sheet.iter_rows(), written.iter_rows(values_only=True), strict=False)
    yield from rows_with_head(_cells(rows), section)


def _cells(rows: Any) -> Iterator[list[str]]:
    for row, written in rows:
        yield [
            _text_of(formula if cell.value is None and cell.data_type != _TEXT_OF_FORMULA else cell.value, cell)
            for cell, formula in zip(row, written, strict=False)
        ]


def _text_of(value: Any, cell: Any) -> str:
    """Return a cell's value in words: a number with its unit, a date without a time of midnight."""
    if value is None:
        return ""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return formatted(value, _format_of(cell))
    if isinstance(value, datetime) and value.time() == time():
        return str(value.date())
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(abs(value).total_seconds()), 60)
        return f"{'-' if value < timedelta() else ''}{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    text = str(getattr(value, "text", value))  # a formula for a whole area is an object with a text
    return _ESCAPED.sub(lambda sign: chr(int(sign[1], 16)), text) if "_x" in text else text


def _format_of(cell: Any) -> str:
    """Return a cell's number format; the general one where the file lacks the style or the format that it names."""
    try:
        return str(cell.number_format)
    except LookupError:
        return "General"


def _parts(package: Package) -> dict[str, str]:
    part = package.main("xl/workbook.xml")
    relations, sheets = package.related(part), child(package.needed(part), "sheets")
    rows = [] if sheets is None else [(one.get("name") or "", one.get(ID) or "") for one in sheets]
    return {name: relations[one].target for name, one in rows if one in relations}


def _around(package: Package, part: str) -> Iterator[str]:
    for kind in ("comments", "threadedComment"):
        for name in package.of_kind(part, kind):
            yield from _comments(package.xml(name))
    for name in package.of_kind(part, "drawing"):
        yield from _drawing(package, name)
    yield from _printed(package, part)


def _comments(root: Any) -> Iterator[str]:
    for one in () if root is None else root.iter():
        if local(one) in ("comment", "threadedComment"):
            words = "".join(part.text or "" for part in one.iter() if local(part) in ("t", "text")).strip()
            if words and not words.startswith("[Threaded comment]"):  # Excel's stand-in for programs that are older
                yield f"Comment on {value(one, 'ref')}: {words}"


def _drawing(package: Package, part: str) -> Iterator[str]:
    root = package.xml(part)
    for one in () if root is None else root.iter():
        if local(one) == "txBody":
            yield body_text(one)
        elif local(one) == "cNvPr" and (words := (one.get("descr") or "").strip()):
            yield f"Picture: {words}"
    for name in package.of_kind(part, "chart"):
        yield from chart_texts(package.xml(name))
    for name in package.of_kind(part, "diagramData"):
        data = package.xml(name)
        yield from (body_text(child(one, "t")) for one in (() if data is None else data.iter()) if local(one) == "pt")


def _printed(package: Package, part: str) -> Iterator[str]:
    """Yield what is printed above and below a sheet, each text once."""
    end = package.end(part, _PRINTED_BYTES)
    found = re.findall(rb"<(?:\w+:)?(?:odd|even|first)(?:Header|Footer)[^>]*>([^<]*)<", end)
    for text in dict.fromkeys(one.decode("utf-8", "replace") for one in found):
        yield " ".join(_PRINT_CODES.sub(" ", unescape(text)).replace("&&", "&").split())
