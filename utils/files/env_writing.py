"""One variable changed in `.env`, and all else left as it was: comments, order, the lines of other variables."""

import re
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path

from dotenv import dotenv_values
from dotenv.parser import Binding, parse_stream

from utils.files.atomic import locked, write_private
from utils.files.env_file import env_lines

_PLAIN = re.compile(r"[\w./:@%+=,~-]*", re.ASCII)  # needs no quotes, in a shell either


def changed_env(text: str, values: Mapping[str, str]) -> str:
    """Return the text of `.env` in which these variables have these values; a new one comes last.

    Raises: ValueError for a value that such a file can't hold.
    """
    for name, value in values.items():
        text = next(filter(None, (_with_line(text, name, line) for line in _lines(name, value))), "")
        if not text:
            raise ValueError(f"{name} can't be written")
    return text


def _lines(name: str, value: str) -> list[tuple[str, str]]:
    """Return the ways to write a value, the safest first, each with what has to be read again."""
    quoted = value.replace("\\", "\\\\").replace("'", "\\'")
    written = [value] if _PLAIN.fullmatch(value) else [f"'{quoted}'", value]
    return [(f"{name}={one}", value) for one in written]


def _with_line(text: str, name: str, line: tuple[str, str]) -> str:
    """Return the text with this line in place of the variable's last one; "" where it would be read otherwise."""
    written, value = line
    rows = list(parse_stream(StringIO(text, newline="")))
    places = [place for place, row in enumerate(rows) if row.key == name and not row.error]
    end = "\r\n" if "\r\n" in text else "\n"
    pieces = [row.original.string for row in rows]
    for place in places:
        pieces[place] = _replaced(rows[place], written if place == places[-1] else "", end)
    if not places:
        last = [end] if text and not text.endswith(("\n", "\r")) else []
        pieces += [*last, written, end]
    changed = "".join(pieces)
    is_kept = _values(parse_stream(StringIO(changed, newline=""))) == _values(rows) | {name: value}
    is_read = dotenv_values(stream=StringIO(written)) == {name: value}  # which puts in other variables for ${NAME}
    return changed if is_kept and is_read else ""


def _values(rows: Iterable[Binding]) -> dict[str, str | None]:
    return {row.key: row.value for row in rows if row.key}


def _replaced(row: Binding, written: str, end: str) -> str:
    """Return a variable's line with what is to stand there, and the comment behind it; a repeated one goes."""
    original = row.original.string
    above = original[: len(original) - len(original.lstrip())]
    return f"{above}{written}{_comment_of(row)}{end}" if written else above


def _comment_of(row: Binding) -> str:
    """Return the comment that stands behind a value on its line."""
    line = row.original.string.strip()
    for found in re.finditer(r"[^\S\r\n]+#[^\r\n]*$", line):
        rest = next(parse_stream(StringIO(line[: found.start()])), None)
        if rest and rest.key == row.key and (rest.value or "") == (row.value or ""):
            return found.group()
    return ""


def write_env(env_file: Path, values: Mapping[str, str]) -> None:
    """Let variables have these values in `.env`, which only its owner can read from then on.

    Raises: OSError when it can't be read or written; TimeoutError when somebody else has it for long; ValueError.
    """
    with locked(env_file):
        text, _ = env_lines(env_file.read_bytes() if env_file.exists() else b"")
        write_private(env_file, changed_env(text, values).encode())
