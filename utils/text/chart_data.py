"""Numbers with their labels, as people list them: side by side, one a line, or in a table.

>>> labelled("Drinks: tea 12, coffee 1,300 and 7.5% juice").pairs
[('tea', 12.0), ('coffee', 1300.0), ('juice', 7.5)]
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MAX_PAIRS = 40
MAX_LABEL_CHARS = 40
MAX_TEXT_CHARS = 20_000

_NUMBER = re.compile(r"(?<![\w.])[-+−]?[$€£]?\d{1,15}(?:\.\d{1,9})?(?![\d.]*\w)\s?[%€$£]?", re.A)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_BETWEEN = re.compile(r"[,;|\t\n]|\s(?:and|und|et|y)\s")
_BINDING = re.compile(r"^[\s:=–—-]+|[\s:=–—?!.-]+$")  # what stands between a label and its number


@dataclass(frozen=True)
class Labelled:
    """Pairs of label and number, in the order in which they stand, and what they are about, where that is said."""

    title: str
    pairs: list[tuple[str, float]]


def labelled(text: str) -> Labelled:
    text = _THOUSANDS.sub("", text[:MAX_TEXT_CHARS])
    head, colon, tail = text.partition(":")
    if colon and "\n" not in head.strip() and not _NUMBER.search(head) and _is_list(tail):
        return Labelled(_label(head), _pairs(tail))
    return Labelled("", _pairs(text))


def _is_list(tail: str) -> bool:
    """Return whether what stands behind a colon is all that is meant, not the number of what stands before it."""
    first_part = next((part for part in _BETWEEN.split(tail) if part.strip()), "")
    return bool(_label(_NUMBER.sub(" ", first_part))) and len(_pairs(tail)) > 1


def _pairs(text: str) -> list[tuple[str, float]]:
    """Return labels with their numbers, each label once."""
    found: dict[str, float] = {}
    for line in text.splitlines():
        for label, number in _pairs_of(line):
            found.setdefault(label, number)
    return list(found.items())[:MAX_PAIRS]


def _pairs_of(line: str) -> Iterator[tuple[str, float]]:
    """Yield a line's labels with their numbers; a label may stand in the cell before its number."""
    waiting = ""
    for part in _BETWEEN.split(line):
        number, label = _number(part), _label(_NUMBER.sub(" ", part))
        if number is None:
            waiting = label or waiting
        elif label or waiting:
            yield label or waiting, number
            waiting = ""


def _number(part: str) -> float | None:
    """Return the last number of a part, such as 1990 of “May 5 1990”."""
    numbers = _NUMBER.findall(part)
    return float(re.sub(r"[^\d.-]", "", numbers[-1].replace("−", "-"))) if numbers else None


def _label(text: str) -> str:
    """Return a label on one line, without what binds it to its number."""
    line = _BINDING.sub("", " ".join(re.sub(r"[*_`#<>&\"“”]+", " ", text).split()))
    return line[:MAX_LABEL_CHARS].strip() if re.search(r"\w", line) else ""
