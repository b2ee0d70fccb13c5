"""Tables: a value as rows, rows as CSV that no spreadsheet runs, and one column out of a CSV file.

It leaves out what the columns mean. Source of the defusing: https://owasp.org/www-community/attacks/CSV_Injection
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import regex as re  # the standard library's knows no categories

from utils.reading.encodings import decoded
from utils.reading.text import table_rows

Row = dict[str, Any]
# A spreadsheet takes a cell that begins so for a formula.
_FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# What a spreadsheet may pass over before it looks at a cell: spaces of all kinds, and what nobody sees.
_PASSED_OVER = re.compile(r"[\p{Z}\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}\u2800]*+")
MAX_CELL_CHARS = 1 << 20
MOST_DEPTH = 3


def flat_rows(value: Any) -> list[Row]:
    """Return a value as rows: a list of objects, the list in an object that has only one, or one row."""
    if isinstance(value, dict):
        lists = [each for each in value.values() if isinstance(each, list)]
        only = lists[0] if len(value) == 1 and lists else None
        return [_flat(value)] if only is None else flat_rows(only)
    if isinstance(value, list):
        return [_flat(each) for each in value]
    return [_flat(value)]


def _flat(value: Any, name: str = "", depth: int = 0) -> Row:
    """Return a row whose columns are named as places: address.city; lists, and what is deeper, stay JSON."""
    if isinstance(value, dict) and value and depth < MOST_DEPTH:
        row: Row = {}
        for key, each in value.items():
            row |= _flat(each, f"{name}.{key}" if name else str(key), depth + 1)
        return row
    is_plain = value is None or isinstance(value, str | int | float)
    return {name or "value": value if is_plain else json.dumps(value, ensure_ascii=False)}


def columns_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """Return the names of all columns, in the order in which they first come."""
    return list(dict.fromkeys(name for row in rows for name in row))


def cell_text(value: Any) -> str:
    """Return a cell as text: a column may hold values of several kinds."""
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows as CSV; what a spreadsheet would run as a formula has an apostrophe before it."""
    file = io.StringIO(newline="")
    writer = csv.writer(file, lineterminator="\r\n")
    columns = columns_of(rows)
    writer.writerow(map(_defused, columns))
    writer.writerows([_defused(row.get(name)) for name in columns] for row in rows)
    return file.getvalue()


def _defused(value: Any) -> Any:
    """Return a cell that is a number, or a text that no spreadsheet takes for a formula."""
    if value is None or isinstance(value, bool | int | float):
        return "" if value is None else str(value).lower() if isinstance(value, bool) else value
    text = str(value)
    is_formula = text.startswith(_FORMULA_BEGINS) or text.startswith(_FORMULA_BEGINS, _passed_over(text))
    return f"'{text}" if is_formula else text


def _passed_over(text: str) -> int:
    """Return where a cell begins for a spreadsheet that passes over spaces, and over what nobody sees."""
    found = _PASSED_OVER.match(text)
    return found.end() if found else 0


def read_csv(data: bytes) -> tuple[list[str], list[list[str]]]:
    """Return the names of the columns and the rows of a CSV file, whatever its encoding and its dialect.

    Raises: ValueError with a sentence.
    """
    text = decoded(data)
    if "\0" in text:
        raise ValueError("This is not a CSV file.")
    csv.field_size_limit(MAX_CELL_CHARS)
    try:
        rows = [row for row in table_rows(text) if any(row)]
    except csv.Error as error:
        raise ValueError(f"This CSV file can't be read: {error}.") from error
    if len(rows) < 2:
        raise ValueError("The file needs a first line with the names of its columns, and a line below it.")
    names = [name.strip() or f"column {number}" for number, name in enumerate(rows[0], 1)]
    if len(set(names)) < len(names):
        names = [f"{name} ({number})" for number, name in enumerate(names, 1)]
    return names, rows[1:]


def column(names: Sequence[str], rows: Iterable[Sequence[str]], name: str) -> list[str]:
    """Return one column; a row that is too short has an empty cell."""
    index = list(names).index(name)
    return [row[index] if index < len(row) else "" for row in rows]
