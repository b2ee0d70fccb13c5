"""Front matter: some values on top of a text, as people write them into Markdown files.

Between two lines of `---`, each line is a key and a value in JSON. That is YAML, too, so that other programs read it,
but needs no parser of its own: a value is always whole on its line, and nothing in it is followed or run.

    ---
    name: "Tutor"
    starters: ["Explain rain.", "Quiz me."]
    ---

    The text.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

FENCE = "---"
_LINE = re.compile(r"([A-Za-z_][A-Za-z0-9_-]{0,63}):[ \t]*(.*)", re.DOTALL)
_BREAKS = re.compile(r"\r\n?")


def split(text: str) -> tuple[dict[str, Any], str]:
    """Return the values on top of a text, and the text below them without empty space around it.

    A value that is no JSON is taken as the text that it is: people leave out quotation marks.
    Raises: ValueError with a sentence.
    """
    lines = _BREAKS.sub("\n", text.removeprefix("\ufeff")).split("\n")
    if lines[0].rstrip() != FENCE:
        raise ValueError(f"The file does not begin with a line “{FENCE}”.")
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == FENCE), None)
    if end is None:
        raise ValueError(f"The second line “{FENCE}”, which ends the values, is missing.")
    values: dict[str, Any] = {}
    for number, line in enumerate(lines[1:end], 2):
        if line.strip() and not line.lstrip().startswith("#"):
            key, value = _read(line, number)
            if key in values:
                raise ValueError(f"Line {number}: “{key}” stands there twice.")
            values[key] = value
    return values, "\n".join(lines[end + 1 :]).strip()


def join(values: Mapping[str, Any], body: str) -> str:
    """Return a text with values on top; the other way round than `split`."""
    lines = [f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in values.items()]
    return "\n".join([FENCE, *lines, FENCE, "", body.strip(), ""])


def _read(line: str, number: int) -> tuple[str, Any]:
    """Return a line's key and value.

    Raises: ValueError.
    """
    found = _LINE.fullmatch(line)
    if not found:
        raise ValueError(f"Line {number} is no “key: value”.")
    key, value = found[1], found[2].strip()
    try:
        return key, json.loads(value)
    except RecursionError as error:
        raise ValueError(f"Line {number} is nested too deep.") from error
    except ValueError:
        return key, value
