"""Tables: which values of a program are tables, and what stands in them.

This file is also read as text and run inside a sandbox, so it imports nothing of this project.
"""

from typing import Any

MAX_ROWS = 200
MAX_COLUMNS = 50


def as_table(value: Any) -> dict[str, Any] | None:
    """Return columns, the first rows and the number of all rows; None where the value is no table.

    Tables are pandas' frames and series, lists of dicts, and dicts of lists that are equally long.
    """
    if hasattr(value, "to_frame") and hasattr(value, "index") and not hasattr(value, "columns"):
        value = value.to_frame()
    if hasattr(value, "iloc") and hasattr(value, "columns"):
        return _of_frame(value)
    if isinstance(value, list | tuple) and value and all(isinstance(row, dict) for row in value):
        return _of_records(value)
    if isinstance(value, dict) and value and all(isinstance(column, list | tuple) for column in value.values()):
        return _of_columns(value)
    return None


def _of_frame(frame: Any) -> dict[str, Any]:
    """Return a frame's table; an index that only counts says nothing and is left out."""
    head = frame.iloc[:MAX_ROWS]
    if type(frame.index).__name__ != "RangeIndex":
        head = head.reset_index(allow_duplicates=True)
    head = head.iloc[:, :MAX_COLUMNS].astype(object)
    rows = head.where(head.notna(), None).values.tolist()
    return {"columns": [str(name) for name in head.columns], "rows": rows, "row_count": len(frame)}


def _of_records(records: Any) -> dict[str, Any]:
    """Return the table of a list of dicts; a dict without a key has an empty cell there."""
    first = records[:MAX_ROWS]
    names = list(dict.fromkeys(name for record in first for name in record))[:MAX_COLUMNS]
    rows = [[record.get(name) for name in names] for record in first]
    return {"columns": [str(name) for name in names], "rows": rows, "row_count": len(records)}


def _of_columns(columns: Any) -> dict[str, Any] | None:
    """Return the table of a dict of lists, unless they differ in length."""
    lengths = {len(column) for column in columns.values()}
    if len(lengths) != 1 or lengths == {0}:
        return None
    names = list(columns)[:MAX_COLUMNS]
    rows = [list(row) for row in zip(*(columns[name][:MAX_ROWS] for name in names), strict=True)]
    return {"columns": [str(name) for name in names], "rows": rows, "row_count": lengths.pop()}
