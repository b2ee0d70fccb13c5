"""The styles of a Word file, as far as they tell which paragraphs are headings, and which are numbered."""

import re
from collections.abc import Iterator
from typing import Any

from utils.reading.office.package import Package, child, local, value

_BODY_TEXT = 9  # an outline level that is none
_MOST_PARENTS = 20  # a style may be said to rest on itself
_HEADING = re.compile(r"heading ([1-9])", re.IGNORECASE)


class Styles:
    """The paragraph styles of one file."""

    def __init__(self, package: Package, part: str) -> None:
        roots = [package.xml(name) for name in package.of_kind(part, "styles")]
        self._styles = {
            value(style, "styleId") or "": style
            for root in roots
            if root is not None
            for style in root
            if local(style) == "style"
        }

    def level(self, paragraph: Any) -> int | None:
        """Return a heading's level, 0 for a title; None for what is no heading."""
        options = child(paragraph, "pPr")
        if options is None:
            return None
        said = _outline(options)
        if said is not None:
            return said if said <= _BODY_TEXT else None
        for style in self._with_parents(options):
            if (level := _level_of(style)) is not None:
                return level if level <= _BODY_TEXT else None
        return None

    def numbered(self, paragraph: Any) -> tuple[str, int | None, str]:
        """Return the number of a paragraph's list, its level there or None, and the style that says so.

        The number is "" where it is in no list.
        """
        options = child(paragraph, "pPr")
        if options is None:
            return "", None, ""
        places = [("", child(options, "numPr"))]
        places += [(value(one, "styleId") or "", child(one, "pPr", "numPr")) for one in self._with_parents(options)]
        level = None
        for style, place in places:
            said = value(child(place, "ilvl"))
            level = int(said) if level is None and said and said.isdecimal() else level
            if number := value(child(place, "numId")):
                return number, level, style
        return "", None, ""

    def _with_parents(self, options: Any) -> Iterator[Any]:
        """Yield the style of a paragraph, and those that it rests on."""
        style = self._styles.get(value(child(options, "pStyle")) or "")
        for _ in range(_MOST_PARENTS):
            if style is None:
                return
            yield style
            style = self._styles.get(value(child(style, "basedOn")) or "")


def _level_of(style: Any) -> int | None:
    """Return the level that a style itself gives; more than nine where it says that it is no heading."""
    name = value(child(style, "name")) or ""
    if name.lower() == "title":
        return 0
    said = _outline(child(style, "pPr"))
    if said is None and (match := _HEADING.fullmatch(name)):
        return int(match[1])
    return said


def _outline(options: Any) -> int | None:
    """Return an outline level counted from one, as headings are; None where none is said."""
    said = value(child(options, "outlineLvl")) if options is not None else None
    return int(said) + 1 if said and said.isdecimal() else None
