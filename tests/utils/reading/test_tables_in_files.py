"""Tables as other programs write them: each cell under its column, no row lost, whatever stands around the cells."""

import io
import re
import zipfile
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.utils.reading.made.sample import zipped
from tests.utils.reading.made.sheets import book
from utils.reading.block import Block, Notice, Progress
from utils.reading.office.number_formats import formatted
from utils.reading.worker import read_file

SHEET, STYLES = "xl/worksheets/sheet1.xml", "xl/styles.xml"


def rows(data: bytes, folder: Path, name: str) -> list[str]:
    """Return each row with the head above it; nothing else may be told."""
    (folder / name).write_bytes(data)
    parts = list(read_file(folder / name, name))
    assert all(isinstance(part, Block | Progress | Notice) for part in parts), parts[-1]
    blocks = [part for part in parts if isinstance(part, Block)]
    return [" # ".join(filter(None, (block.heading, block.text))) for block in blocks]


PLAIN = "Name,Note,N\n" + "Ann,plain,5\n" * 9000
TABLES = {
    "decimals with commas": ("1,50;2,50\n3,10;4,20\n", ["1,50 | 2,50", "3,10 | 4,20"]),
    "and a head with commas": ("Preis, EUR;Menge, kg\n1,50;2,50\n", ["Preis, EUR | Menge, kg # 1,50 | 2,50"]),
    "semicolons in the text": ("id,text\n1,a;b\n2,d;e\n", ["id | text # 1 | a;b", "id | text # 2 | d;e"]),
    "apostrophes": (
        "Name,Note,N\nAnn,'t is,5\nBob,it's,3\nCy,\"O', P\",4\n",
        [f"Name | Note | N # {row}" for row in ("Ann | 't is | 5", "Bob | it's | 3", "Cy | O', P | 4")],
    ),
    "both quotation marks": (
        "Team,Note,N\nRed,'quoted',5\nBlue,\"a,b\",3\n",
        ["Team | Note | N # Red | 'quoted' | 5", "Team | Note | N # Blue | a,b | 3"],
    ),
    "quoted by apostrophes": ("a,b\n'1, 2','3'\n'4','5, 6'\n", ["a | b # 1, 2 | 3", "a | b # 4 | 5, 6"]),
    "escaped quotation marks": (
        'a,b\n"x \\"y, z\\"",1\n"p \\"q, r\\"",2\n', ['a | b # x "y, z" | 1', 'a | b # p "q, r" | 2']
    ),
    "Windows' paths": ('a,b\nC:\\temp,1\n', ["a | b # C:\\temp | 1"]),
    "what Excel says first": ("sep=;\r\nName;Town\r\nAnn;Oslo, N\r\n", ["Name | Town # Ann | Oslo, N"]),
    "spaces behind commas": ('a, b\nAnn, "x, y"\n', ["a | b # Ann | x, y"]),
    "pipes": ("a|b\nx, y|3\nz, w|6\n", ["a | b # x, y | 3", "a | b # z, w | 6"]),
    "one column": ("Word\nHello\nBye\n", ["Word", "Hello", "Bye"]),
    "a head alone": ("Name,Town\n", ["Name | Town"]),
    "a head and empty lines": ("Name,Town\n\n,\n", ["Name | Town"]),
}  # fmt: skip


@pytest.mark.parametrize(("text", "right"), TABLES.values(), ids=TABLES.keys())
def test_a_cell_of_a_text_keeps_its_column(text: str, right: list[str], tmp_path: Path):
    assert rows(text.encode(), tmp_path, "a.csv") == right


def test_a_quotation_mark_far_behind_the_beginning_counts(tmp_path: Path):
    text = PLAIN + 'Bob,"said ""a, b"", c",7\n'
    assert rows(text.encode(), tmp_path, "a.csv")[-1] == 'Name | Note | N # Bob | said "a, b", c | 7'


def changed(part: str, pattern: bytes, by: bytes) -> bytes:
    """Return a workbook in which a part is not as openpyxl writes it."""
    data = book(["Part", "Cost", "Day"], ["a", 2, datetime(2026, 5, 6)], ["b", 3.5, datetime(2026, 5, 7)])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts[part], count = re.subn(pattern, by, parts[part], flags=re.DOTALL)
    assert count
    return zipped(parts)


@pytest.mark.parametrize(
    ("part", "pattern", "by"),
    [
        (STYLES, rb'<family val="\d+"\s*/>', b'<family val="255"/>'),
        (STYLES, rb"<fill><patternFill.*?</fill>", b"<fill/>"),
        (STYLES, rb'<color theme="1"\s*/>', b'<color rgb="red"/>'),
        (STYLES, rb'<xf numFmtId="0"', b'<xf future="1" numFmtId="0"'),
        ("docProps/core.xml", rb"(<dcterms:created[^>]*>)[^<]*", rb"\1yesterday"),
        ("xl/workbook.xml", rb'visibility="visible"', b'visibility="odd"'),
        ("[Content_Types].xml", rb"[\w./-]+sheet\.main\+xml", b"application/vnd.ms-excel.addin.macroEnabled.main+xml"),
        (SHEET, rb"<sheetViews>.*?</sheetViews>", b'<sheetViews><sheetView workbookViewId="x"/></sheetViews>'),
        (SHEET, rb"</sheetData>", b'</sheetData><autoFilter ref="nowhere" future="1"/>'),
        (SHEET, rb"</sheetData>", b'</sheetData><dataValidations><dataValidation type="odd"/></dataValidations>'),
    ],
)
def test_what_tells_only_how_a_workbook_looks_stops_nobody(part: str, pattern: bytes, by: bytes, tmp_path: Path):
    found = rows(changed(part, pattern, by), tmp_path, "a.xlsx")
    assert found == [f"Part | Cost | Day # {row}" for row in ("a | 2 | 2026-05-06", "b | 3.5 | 2026-05-07")]


def test_a_value_that_is_not_of_its_type_stands_as_it_is(tmp_path: Path):
    assert rows(changed(SHEET, b"<v>2</v>", b"<v>N/A</v>"), tmp_path, "a.xlsx")[0].endswith("# a | N/A | 2026-05-06")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        (b'<c r="B2" t="str"><f>IF(A2="","",1)</f><v></v></c>', "a |  | 2026-05-06"),
        (b'<c r="B2" t="str"><f>A2</f><v>a</v></c>', "a | a | 2026-05-06"),
        (b'<c r="B2"><f>1+1</f><v></v></c>', "a | =1+1 | 2026-05-06"),
        (b'<c r="B2" t="inlineStr"><is><t>x_x000D_\ny</t></is></c>', "a | x y | 2026-05-06"),
    ],
    ids=["gives nothing", "gives a text", "not worked out", "an escaped sign"],
)
def test_a_formula_that_gave_nothing_stands_empty(cell: bytes, said: str, tmp_path: Path):
    found = rows(changed(SHEET, rb'<c r="B2"[^>]*><v>2</v></c>', cell), tmp_path, "a.xlsx")
    assert found[0] == f"Part | Cost | Day # {said}"


def test_a_head_above_empty_rows_is_kept(tmp_path: Path):
    data = book(["Name", "Town"], change=lambda sheet: setattr(sheet["A5"], "number_format", "0.00"))
    assert rows(data, tmp_path, "a.xlsx") == ["Name | Town"]


NUMBERS: dict[str, tuple[float | timedelta, str, str]] = {
    "a percent sign": (0.25, "0%", "25%"),
    "digits that are rounded away": (0.12345, "0%", "12.345%"),
    "a percent sign that is only written": (45, "0\\%", "45%"),
    "a currency behind": (1234.5, '_-* #,##0.00\\ "€"_-;\\-* #,##0.00\\ "€"_-;_-* "-"??\\ "€"_-', "1234.50 €"),
    "a currency of a country": (5, "[$£-809]#,##0", "£5"),
    "a loss in brackets": (-1234.5, '"$"#,##0.00_);[Red]\\("$"#,##0.00\\)', "-$1234.50"),
    "a loss in red": (-5, "0;[Red]0", "-5"),
    "a unit": (12, '0" km"', "12 km"),
    "thousands": (1234567, '#,##0,"k"', "1234.567k"),
    "leading zeros": (1234, "00000", "01234"),
    "a telephone number": (5551234567, "(000) 000-0000", "(555) 123-4567"),
    "conditions": (5, '[>=100]"high" 0;[<100]"low" 0', "low 5"),
    "separators alone": (1234567.5, "#,##0.00", "1234567.5"),
    "a fraction": (0.5, "# ?/?", "0.5"),
    "a power": (12345678, "0.00E+00", "12345678"),
    "hidden": (5, ";;;", "5"),
    "a text of nothing between digits": (5, '0""0', "05"),
    "and before a sign": (1234, '00""-00', "12-34"),
    "a language between digits": (5.5, "0[$-409]0", "5.5"),
    "more thousands than a number holds": (5.5, "0" + "," * 200, "5.5"),
    "a format of more than Excel takes": (5, "0" * 300, "5"),
    "hours of more than a day": (timedelta(hours=26, minutes=30), "[h]:mm", "26:30:00"),
}


@pytest.mark.parametrize(("number", "number_format", "right"), NUMBERS.values(), ids=NUMBERS.keys())
def test_a_number_keeps_what_its_format_says_of_it(
    number: float | timedelta, number_format: str, right: str, tmp_path: Path
):
    def format_it(sheet: Any) -> None:
        sheet["B1"].number_format = number_format

    assert rows(book(["Share", number], change=format_it), tmp_path, "a.xlsx") == [f"Share | {right}"]


@pytest.mark.parametrize("style", [b'numFmtId="170"', b'numFmtId="999999"'])
def test_a_number_whose_format_is_missing_stands_as_it_is(style: bytes, tmp_path: Path):
    data = changed(STYLES, rb'(?<=<cellXfs count="2"><xf )numFmtId="0"', style)
    assert rows(data, tmp_path, "a.xlsx")[0] == "Part | Cost | Day # a | 2 | 2026-05-06"


def test_a_number_whose_style_is_missing_stands_as_it_is(tmp_path: Path):
    data = changed(SHEET, rb'<c r="B2"', b'<c r="B2" s="99"')
    assert rows(data, tmp_path, "a.xlsx")[0] == "Part | Cost | Day # a | 2 | 2026-05-06"


_FORMATS = st.text() | st.lists(
    st.sampled_from([*'0#?.,%-();"E/_*@ a', '""', "\\", "[$-409]", "[$€]", "[>1]", "[<>-5.5]", "[Red]", "General"]),
    max_size=40,
).map("".join)
_VALUES = st.floats() | st.integers(-(10**400), 10**400)


@given(_VALUES, _FORMATS)
def test_no_format_and_no_number_stop_a_workbook(number: float, number_format: str):
    assert formatted(number, number_format)
