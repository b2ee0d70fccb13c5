"""Workbooks that openpyxl takes: as they are, or, where it refuses one, a lean copy with only what a reader needs.

openpyxl checks all that stands in a file, also what tells only how it looks: colours, fonts, filters, views. Other
programs write there what it does not know, and Excel opens such files without a word.
"""

import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

from utils.reading.office.package import STRICT, TRANSITIONAL, child, local

_NEEDED = {"xl/workbook.xml": ("workbookPr", "sheets"), "xl/styles.xml": ("numFmts", "cellXfs")}
_ATTRIBUTES = {"workbookPr": ("date1904",), "xf": ("numFmtId",)}  # what of an element may stay; of others all

# Add-ins, and what other programs write, call themselves otherwise; openpyxl finds no workbook in them.
_TYPE_OF_WORKBOOK = re.compile(
    rb'(?<=PartName="/xl/workbook\.xml" ContentType=")[^"]*|(?<=ContentType=")[^"]*(?=" PartName="/xl/workbook\.xml")'
)
_USUAL_TYPE = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"


def open_workbook(file: BinaryIO, **how: Any) -> Any:
    """Return an open workbook, whatever stands in it beside its cells."""
    import openpyxl
    from openpyxl.worksheet import _read_only

    _read_only.WorkSheetParser = _rows_only()
    try:
        return openpyxl.load_workbook(file, read_only=True, keep_links=False, **how)
    except (ValueError, TypeError, LookupError, AttributeError, OSError):
        with warnings.catch_warnings(action="ignore"):  # it misses the styles that were left out
            return openpyxl.load_workbook(_lean(file), read_only=True, keep_links=False, **how)


def usual(path: Path) -> BinaryIO:
    """Return a file that openpyxl can read: a strict one is written anew, with the names that all others use."""
    with zipfile.ZipFile(path) as archive:
        if not any(STRICT.search(archive.read(name)) for name in archive.namelist() if _is_workbook(name)):
            return path.open("rb")
        made = io.BytesIO()
        with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
            for entry in archive.infolist():
                data = archive.read(entry)
                is_xml = entry.filename.endswith((".xml", ".rels"))
                copy.writestr(entry.filename, STRICT.sub(TRANSITIONAL, data) if is_xml else data)
    made.seek(0)
    return made


def _is_workbook(name: str) -> bool:
    return name.lower() in ("xl/workbook.xml", "_rels/.rels")


def _rows_only() -> Any:
    """Return openpyxl's reader of one sheet, without what stands before and behind the cells."""
    from openpyxl.worksheet._reader import ROW_TAG, WorkSheetParser
    from openpyxl.xml.functions import iterparse

    class RowsOnly(WorkSheetParser):  # type: ignore[misc]
        """Reads cells, and takes one whose value is not of its type as a text."""

        def parse(self) -> Iterator[Any]:
            for _, element in iterparse(self.source):
                if element.tag == ROW_TAG:
                    row = self.parse_row(element)
                    element.clear()
                    yield row

        def parse_cell(self, element: Any) -> Any:
            try:
                return super().parse_cell(element)
            except (ValueError, TypeError, LookupError):
                element.set("t", "str")
                return super().parse_cell(element)

    return RowsOnly


def _lean(file: BinaryIO) -> BinaryIO:
    """Return a copy of a workbook without fonts, colours, names, views and properties."""
    made = io.BytesIO()
    with zipfile.ZipFile(file) as archive, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        for entry in archive.infolist():
            name = entry.filename.lower()
            if not name.startswith(("docprops/", "xl/theme/", "xl/pivot")):
                data = archive.read(entry)
                data = _TYPE_OF_WORKBOOK.sub(_USUAL_TYPE, data) if name == "[content_types].xml" else data
                copy.writestr(entry.filename, _thinned(data, _NEEDED[name]) if name in _NEEDED else data)
    made.seek(0)
    return made


def _thinned(data: bytes, needed: tuple[str, ...]) -> bytes:
    """Return a part with the elements that are needed, and of these only what is known."""
    from lxml import etree

    root: Any = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    kept = [part for name in needed if (part := child(root, name)) is not None]
    for part in root:
        root.remove(part)
    for part in kept:
        root.append(part)
        for one in part.iter():
            if (known := _ATTRIBUTES.get(local(one))) is not None:
                for key in set(one.attrib) - set(known):
                    del one.attrib[key]
                for inner in list(one):
                    one.remove(inner)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))
