"""Tables that code returned are measured anew: whatever it says, a small plain table comes out, or none."""

import json
import math

from hypothesis import given
from hypothesis import strategies as st

from utils.sandbox.report import MAX_CELL_CHARS, MAX_COLUMNS, MAX_ROWS, Output, as_utf8, checked_table, shown_value
from utils.sandbox.tables import as_table

cells = st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary() | st.lists(st.integers())
names = st.text() | st.integers() | st.none()
values = st.recursive(
    cells, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner), max_leaves=20
)


@given(st.lists(st.dictionaries(names, cells)) | st.dictionaries(names, st.lists(cells)) | values)
def test_any_value_is_a_table_that_can_be_saved_or_none(value: object):
    table = checked_table(as_table(value))
    if table:
        assert json.loads(json.dumps(table, allow_nan=False).encode("utf-8")) == table
        assert all(len(row) == len(table["columns"]) for row in table["rows"])


@given(st.fixed_dictionaries({}, optional={"columns": values, "rows": values, "row_count": values}) | values)
def test_no_forged_report_gets_through(data: object):
    table = checked_table(data)
    assert table is None or all(len(row) == len(table["columns"]) for row in table["rows"])


def test_a_table_is_cut_in_every_direction():
    table = checked_table(as_table([{f"c{n}": "x" * 1000 for n in range(100)}] * 1000))
    assert table
    assert (len(table["columns"]), len(table["rows"]), table["row_count"]) == (MAX_COLUMNS, MAX_ROWS, 1000)
    assert len(table["rows"][0][0]) == MAX_CELL_CHARS + 1


def test_numbers_that_json_can_not_hold_become_text():
    table = checked_table(as_table([{"n": math.nan, "i": -math.inf, "big": 2**64}]))
    assert table and table["rows"] == [["nan", "-inf", str(2**64)]]


def test_lists_of_different_lengths_are_no_table():
    assert as_table({"a": [1], "b": [1, 2]}) is None
    assert as_table({"a": []}) is None
    assert as_table([]) is None


def test_a_value_that_can_not_be_shown_is_named():
    nested: list[object] = []
    for _ in range(100_000):
        nested = [nested]
    assert shown_value(nested, 100) == "<list that is too large to show>"
    assert shown_value(10**10_000, 100) == "<int that is too large to show>"


@given(st.lists(st.text()), st.integers(0, 50))
def test_output_keeps_the_beginning_and_counts_the_rest(pieces: list[str], limit: int):
    output, whole = Output(limit), "".join(pieces)
    for piece in pieces:
        output.write(piece)
    assert output.text == as_utf8(whole[:limit])
    assert output.hidden_count == max(0, len(whole) - limit)
