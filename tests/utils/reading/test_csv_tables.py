"""Values become rows, rows become CSV that no spreadsheet runs, and CSV becomes a column."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.reading.csv_tables import as_csv, column, flat_rows, read_csv


def test_objects_become_rows_and_what_is_in_them_columns():
    value = {"people": [{"name": "Ann", "home": {"city": "Rome"}}, {"name": "Bob", "tags": [1]}]}
    assert flat_rows(value) == [{"name": "Ann", "home.city": "Rome"}, {"name": "Bob", "tags": "[1]"}]
    assert flat_rows({"a": 1, "b": []}) == [{"a": 1, "b": "[]"}]
    assert flat_rows("Ann") == [{"value": "Ann"}]


@given(st.dictionaries(st.text(), st.text() | st.integers() | st.none(), min_size=1))
def test_no_cell_is_a_formula(row: dict[str, object]):
    for line in csv.reader(io.StringIO(as_csv([row]), newline="")):
        for cell in line:
            assert not cell.lstrip(" ").startswith(("=", "+", "@")) or cell == str(float("inf"))
            assert not cell.startswith("-") or cell.removeprefix("-").isdigit()


PASSED_OVER = "\u00a0\u200b\ufeff\u3000\0\v\f\x85\u2028\u2029\u00ad\u202e\u2060\u180e\u3164\u034f\u2800\x1c"


@pytest.mark.parametrize(
    "cell",
    ["=cmd|' /C calc'!A0", "+1+1", "-1+1", "@SUM(1)", "\t=1", "  =1", *(f"{char}={char}1" for char in PASSED_OVER)],
)
def test_a_formula_is_defused(cell: str):
    _, [defused] = csv.reader(io.StringIO(as_csv([{"a": cell}]), newline=""))
    assert defused == f"'{cell}"


@pytest.mark.parametrize(
    "data",
    [
        b"name;age\nAnn;31\n",
        b"\xef\xbb\xbfname,age\r\nAnn,31\r\n",
        b"name\tage\nAnn\t31",
        b'name,age\n"Ann, ""A""; B",31\n',
        "name;age\nJürgen;31\n".encode("utf-16"),
        b"sep=|\nname|age\nAnn, B|31\n",
    ],
)
def test_a_column_is_read_whatever_parts_the_cells(data: bytes):
    names, rows = read_csv(data)
    assert names == ["name", "age"]
    assert column(names, rows, "age") == ["31"]


def test_short_rows_and_names_that_stand_twice_do_no_harm():
    names, rows = read_csv(b"a,a\n1\n")
    assert names == ["a (1)", "a (2)"]
    assert column(names, rows, "a (2)") == [""]


@given(st.binary())
def test_any_file_is_a_table_or_a_sentence(data: bytes):
    try:
        names, rows = read_csv(data)
    except ValueError as error:
        assert str(error).endswith(".")
    else:
        assert all(isinstance(column(names, rows, name), list) for name in names)
