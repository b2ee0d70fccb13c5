"""The numbers that Word puts before paragraphs and headings by itself, such as 1.2.3 or (a), which stand in no text.

It leaves out bullets. Source: ECMA-376, part 1, chapter 17.9.
"""

import re
from typing import Any

from utils.reading.office.package import Package, child, is_on, local, value

_LEVELS = 9
_PLACE = re.compile(r"%([1-9])")
_ROMAN = ((1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"), (50, "l"), (40, "xl"), (10, "x"))
_ROMAN_ENDS = ("", "i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix")
_MOST_ROMAN = 5000


class Numbering:
    """Counts the numbered paragraphs of one story, in their order."""

    def __init__(self, package: Package, part: str) -> None:
        roots = [package.xml(name) for name in package.of_kind(part, "numbering")]
        found = [one for root in roots if root is not None for one in root]
        self._lists = {value(one, "abstractNumId") or "": one for one in found if local(one) == "abstractNum"}
        self._numbers = {value(one, "numId") or "": one for one in found if local(one) == "num"}
        self._by_style = {
            value(style): one for one in self._lists.values() if (style := child(one, "styleLink")) is not None
        }
        self._counts: dict[str, list[int | None]] = {}
        self._begun: set[tuple[str, int]] = set()
        self._levels: dict[str, dict[int, Any]] = {}

    def next(self, number_id: str, level: int | None, style: str = "") -> str:
        """Count a paragraph, and return what stands before it; "" for a bullet, or where there is no such list.

        Without a level it is the one that belongs to the style.
        """
        number = self._numbers.get(number_id)
        key, outline = self._list(number)
        if number is None or outline is None:
            return ""
        if number_id not in self._levels:
            self._levels[number_id] = _levels(outline) | _levels(number)
        levels = self._levels[number_id]
        if level is None:
            level = next((at for at, one in levels.items() if value(child(one, "pStyle")) == style), 0)
        level = min(level, _LEVELS - 1)
        self._count(key, number_id, level, levels, number)
        return self._shown(key, level, levels)

    def _list(self, number: Any) -> tuple[str, Any]:
        """Return the list that a number belongs to: where a list only names a style, the one of that style."""
        key = value(child(number, "abstractNumId")) or ""
        outline = self._lists.get(key)
        if outline is not None and (link := child(outline, "numStyleLink")) is not None:
            outline = self._by_style.get(value(link), outline)
            key = value(outline, "abstractNumId") or key
        return key, outline

    def _count(self, key: str, number_id: str, level: int, levels: dict[int, Any], number: Any) -> None:
        counts = self._counts.setdefault(key, [None] * _LEVELS)
        begins = {
            at: begin for at, one in _overrides(number).items() if (begin := child(one, "startOverride")) is not None
        }
        if level in begins and (number_id, level) not in self._begun:
            counts[level] = None
        self._begun.add((number_id, level))
        first = _number(value(begins.get(level)) or value(child(levels.get(level), "start")), 1)
        counts[level] = first if (last := counts[level]) is None else last + 1
        for below in range(level + 1, _LEVELS):
            after = _number(value(child(levels.get(below), "lvlRestart")), below)
            if after and level < after:
                counts[below] = None

    def _shown(self, key: str, level: int, levels: dict[int, Any]) -> str:
        if (own := levels.get(level)) is None or _kind(own) in ("bullet", "none"):
            return ""
        is_legal = (legal := child(own, "isLgl")) is not None and is_on(legal)

        def filled(place: re.Match[str]) -> str:
            at = int(place[1]) - 1
            one, kind = levels.get(at), _kind(levels.get(at))
            if (count := self._counts[key][at]) is None:  # a level above that has not been used counts as begun
                count = _number(value(child(one, "start")), 1)
            return written(count, "decimal" if is_legal and kind != "decimalZero" else kind)

        return _PLACE.sub(filled, value(child(own, "lvlText")) or "").strip()


def _levels(element: Any) -> dict[int, Any]:
    """Return the levels of a list, or those that a number puts in their place."""
    places = [*element, *(inner for one in _overrides(element).values() for inner in one)]
    return {_number(value(one, "ilvl"), 0): one for one in places if local(one) == "lvl"}


def _overrides(number: Any) -> dict[int, Any]:
    return {_number(value(one, "ilvl"), 0): one for one in number if local(one) == "lvlOverride"}


def _kind(level: Any) -> str:
    return value(child(level, "numFmt")) or "decimal"


def _number(said: str | None, usual: int) -> int:
    return int(said) if said and said.isdecimal() and len(said) < 9 else usual


def written(count: int, kind: str) -> str:
    """Return a count as letters, Roman numbers, an ordinal, or digits."""
    if kind in ("lowerLetter", "upperLetter"):
        letters = chr(ord("a") + (count - 1) % 26) * ((count - 1) // 26 + 1) if 0 < count < 26 * 50 else str(count)
        return letters.upper() if kind == "upperLetter" else letters
    if kind in ("lowerRoman", "upperRoman"):
        return _roman(count).upper() if kind == "upperRoman" else _roman(count)
    if kind == "ordinal":
        ending = "th" if 10 < count % 100 < 20 else {1: "st", 2: "nd", 3: "rd"}.get(count % 10, "th")
        return f"{count}{ending}"
    if kind == "none":
        return ""
    return f"{count:02}" if kind == "decimalZero" else str(count)


def _roman(count: int) -> str:
    if not 0 < count < _MOST_ROMAN:
        return str(count)
    made = ""
    for worth, letters in _ROMAN:
        made += letters * (count // worth)
        count %= worth
    return made + _ROMAN_ENDS[count]
