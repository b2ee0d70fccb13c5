"""Formulas of Office files (OMML) in one line, as a person would type them: (a+b)/c, x^2, √(y).

Source: ECMA-376, part 1, chapter 22.1.
"""

from collections.abc import Callable
from typing import Any

from utils.reading.office.package import child, local, value

_LEFT_OUT = ("del", "moveFrom", "rPr", "pPr", "delText", "instrText")


def formula(element: Any) -> str:
    name = local(element)
    if name == "t":
        return element.text or ""
    if name in _LEFT_OUT or name.endswith("Pr"):
        return ""
    return _FORMS.get(name, _together)(element)


def _together(element: Any) -> str:
    return "".join(map(formula, element))


def _at(element: Any, *path: str) -> str:
    found = child(element, *path)
    return "" if found is None else formula(found)


def _grouped(text: str) -> str:
    return text if len(text) <= 1 or text.isalnum() else f"({text})"


def _fraction(element: Any) -> str:
    return f"{_grouped(_at(element, 'num'))}/{_grouped(_at(element, 'den'))}"


def _scripts(element: Any) -> str:
    low, high = _at(element, "sub"), _at(element, "sup")
    return _at(element, "e") + (f"_{_grouped(low)}" if low else "") + (f"^{_grouped(high)}" if high else "")


def _root(element: Any) -> str:
    return f"{_at(element, 'deg')}√({_at(element, 'e')})"


def _sum(element: Any) -> str:
    sign = value(child(element, "naryPr", "chr")) or "∫"
    low, high = _at(element, "sub"), _at(element, "sup")
    limits = (f"_{_grouped(low)}" if low else "") + (f"^{_grouped(high)}" if high else "")
    return f"{sign}{limits} {_at(element, 'e')}"


def _bracket(element: Any) -> str:
    options = child(element, "dPr")
    begin, middle, end = (
        (value(found) or "") if options is not None and (found := child(options, name)) is not None else usual
        for name, usual in (("begChr", "("), ("sepChr", "|"), ("endChr", ")"))
    )
    return begin + middle.join(formula(one) for one in element if local(one) == "e") + end


def _limit(element: Any) -> str:
    return f"{_at(element, 'e')}_{_grouped(_at(element, 'lim'))} "


def _function(element: Any) -> str:
    return f"{_at(element, 'fName')}({_at(element, 'e')})"


def _matrix(element: Any) -> str:
    rows = [row for row in element if local(row) in ("mr", "e")]
    return "; ".join(", ".join(formula(cell) for cell in row) if local(row) == "mr" else formula(row) for row in rows)


_FORMS: dict[str, Callable[[Any], str]] = {
    "f": _fraction,
    "sSup": _scripts,
    "sSub": _scripts,
    "sSubSup": _scripts,
    "rad": _root,
    "nary": _sum,
    "d": _bracket,
    "limLow": _limit,
    "limUpp": _limit,
    "func": _function,
    "m": _matrix,
    "eqArr": _matrix,
}
