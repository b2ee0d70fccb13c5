"""Excel files, one for each place where words may stand."""

import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any

from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference
from openpyxl.comments import Comment

from tests.utils.reading.made.sample import MAIN, Part, Sample, package, zipped

TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml."
_SPACES = f'xmlns="{MAIN}spreadsheetml/2006/main" xmlns:r="{MAIN}officeDocument/2006/relationships"'
_BOX_SPACES = f'xmlns:xdr="{MAIN}drawingml/2006/spreadsheetDrawing" xmlns:a="{MAIN}drawingml/2006/main"'
_BOX_PLACE = '<xdr:pos x="0" y="0"/><xdr:ext cx="9" cy="9"/>'
_BOX_NAME = '<xdr:nvSpPr><xdr:cNvPr id="2" name="x"/><xdr:cNvSpPr/></xdr:nvSpPr><xdr:spPr/>'
_BOX_TEXT = "<xdr:txBody><a:bodyPr/><a:p><a:r><a:t>Boxed warning</a:t></a:r></a:p></xdr:txBody>"
_TEXT_BOX = (
    f"<xdr:wsDr {_BOX_SPACES}><xdr:absoluteAnchor>{_BOX_PLACE}<xdr:sp>{_BOX_NAME}{_BOX_TEXT}</xdr:sp><xdr:clientData/>"
    "</xdr:absoluteAnchor></xdr:wsDr>"
)


def book(*rows: list[Any], change: Callable[[Any], None] = lambda sheet: None) -> bytes:
    """Return a workbook of one sheet as openpyxl writes it, without times."""
    made, file = Workbook(), io.BytesIO()
    for row in rows:
        made.active.append(row)
    change(made.active)
    made.properties.created = made.properties.modified = datetime(2026, 1, 1)
    made.save(file)
    with zipfile.ZipFile(file) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["docProps/core.xml"] = re.sub(
        rb"\d{4}-\d\d-\d\dT[\d:]+Z", b"2026-01-01T00:00:00Z", parts["docProps/core.xml"]
    )
    return zipped(parts)


def plain_book(cells: str, *parts: Part, main_type: str = f"{TYPE}sheet.main+xml", is_strict: bool = False) -> bytes:
    """Return a workbook of one sheet, written by hand."""
    links = [
        f'<externalReference r:id="rId{n}"/>' for n, part in enumerate(parts, 2) if part.relation == "externalLink"
    ]
    referred = f"<externalReferences>{''.join(links)}</externalReferences>" if links else ""
    sheets = '<sheets><sheet name="Stock" sheetId="1" r:id="rId1"/></sheets>'
    listed = f"<workbook {_SPACES}>{sheets}{referred}</workbook>"
    drawing = '<drawing r:id="rId1"/>' if any(part.relation == "drawing" for part in parts) else ""
    sheet = f"<worksheet {_SPACES}><sheetData>{cells}</sheetData>{drawing}</worksheet>"
    first = Part("xl/worksheets/sheet1.xml", sheet, f"{TYPE}worksheet+xml", "worksheet")
    return package(Part("xl/workbook.xml", listed, main_type), [first, *parts], is_strict)


def row(number: int, *texts: str) -> str:
    """Return a row of texts that stand in the cells themselves."""
    places = [f"{letter}{number}" for letter in "ABCDEFG"]
    cells = "".join(
        f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>' for place, text in zip(places, texts, strict=False)
    )
    return f'<row r="{number}">{cells}</row>'


def _commented(sheet: Any) -> None:
    sheet["B2"].comment = Comment("Ask Beatrix first", "Ann")


def _merged(sheet: Any) -> None:
    sheet.merge_cells("A1:C1")


def _printed(sheet: Any) -> None:
    sheet.oddHeader.left.text, sheet.oddFooter.center.text = "Strictly internal", "Page &P of &N"


def _charted(sheet: Any) -> None:
    chart = BarChart()
    chart.title = "Yearly harvest"
    chart.add_data(Reference(sheet, min_col=2, min_row=1, max_row=2), titles_from_data=True)
    sheet.add_chart(chart, "D4")


def _second(sheet: Any) -> None:
    sheet.parent.create_sheet("Suppliers").append(["Wilhelmina", "Porto"])


_HEAD = ["Item", "Cost", "Stock"]
_CELLS = row(1, "Item", "Cost") + row(2, "Tea", "three")
_BOXED = Part(
    "xl/drawings/drawing1.xml",
    _TEXT_BOX,
    "application/vnd.openxmlformats-officedocument.drawing+xml",
    "drawing",
    "xl/worksheets/sheet1.xml",
)

_LINKED = Part(
    "xl/externalLinks/externalLink1.xml",
    f'<externalLink {_SPACES}><ddeLink ddeService="x" ddeTopic="y"/></externalLink>',
    f"{TYPE}externalLink+xml",
    "externalLink",
)

SAMPLES = [
    Sample("sheets_linked.xlsx", partial(plain_book, _CELLS, _LINKED), "Stock Item Cost Tea three"),
    Sample("sheets_plain.xlsx", partial(book, _HEAD, ["Tea", 3, 40]), "Item Cost Stock Tea 3 40"),
    Sample(
        "sheets_equal.xlsx", partial(book, _HEAD, ["Tea", 5, 5], ["Milk", None, 8]), "Item Cost Stock Tea 5 5 Milk 8"
    ),
    Sample(
        "sheets_texts.xlsx",
        partial(book, ["Part", "Version"], ["a", "2.0"], ["b", "10.0.0"], ["c", "007"]),
        "Part Version a 2.0 b 10.0.0 c 007",
    ),
    Sample(
        "sheets_dates.xlsx",
        partial(book, ["Due", "Paid"], [date(2026, 3, 1), datetime(2026, 3, 2, 14, 30)]),
        "Due Paid 2026 03 01 2026 03 02 14 30 00",
    ),
    Sample("sheets_formula.xlsx", partial(book, _HEAD, ["Tea", 3, "=B2*2"]), "Item Cost Stock Tea 3 B2 2"),
    Sample(
        "sheets_merged.xlsx",
        partial(book, ["Budget", None, None], _HEAD, ["Tea", 3, 40], change=_merged),
        "Budget Item Cost Stock Tea 3 40",
    ),
    Sample(
        "sheets_comment.xlsx",
        partial(book, _HEAD, ["Tea", 3, 40], change=_commented),
        "Item Cost Stock Tea 3 40 Ask Beatrix first",
    ),
    Sample(
        "sheets_printed.xlsx",
        partial(book, _HEAD, ["Tea", 3, 40], change=_printed),
        "Item Cost Stock Tea 3 40 Strictly internal",
    ),
    Sample(
        "sheets_chart.xlsx",
        partial(book, _HEAD, ["Tea", 3, 40], change=_charted),
        "Item Cost Stock Tea 3 40 Yearly harvest",
    ),
    Sample(
        "sheets_second.xlsx",
        partial(book, _HEAD, ["Tea", 3, 40], change=_second),
        "Item Cost Stock Tea 3 40 Suppliers Wilhelmina Porto",
    ),
    Sample("sheets_box.xlsx", partial(plain_book, _CELLS, _BOXED), "Stock Item Cost Tea three Boxed warning"),
    Sample("sheets_strict.xlsx", partial(plain_book, _CELLS, is_strict=True), "Stock Item Cost Tea three"),
    Sample(
        "sheets_macros.xlsm",
        partial(plain_book, _CELLS, main_type="application/vnd.ms-excel.sheet.macroEnabled.main+xml"),
        "Stock Item Cost Tea three",
    ),
]
