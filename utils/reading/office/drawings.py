"""What stands in the drawings of Office files: charts with their figures, and SmartArt."""

from collections.abc import Iterator
from typing import Any

from utils.reading.office.formulas import formula
from utils.reading.office.numbering import written
from utils.reading.office.package import ID, Package, best_branch, child, local, value

_MOST_POINTS = 200  # of one line or column of a chart


def drawn_texts(package: Package, part: str, element: Any) -> Iterator[str]:
    """Yield the lines of a chart or a SmartArt that an element of a part refers to."""
    relations = package.related(part)
    if local(element) == "chart" and (relation := relations.get(element.get(ID) or "")):
        yield from chart_texts(package.xml(relation.target))
    elif local(element) == "relIds" and (relation := relations.get(value(element, "dm") or "")):
        yield from _diagram_texts(package.xml(relation.target))


def paragraph_text(paragraph: Any) -> str:
    """Return the words of an a:p, with its line breaks, fields and formulas."""
    pieces = []
    for one in paragraph:
        name = local(one)
        if name == "br":
            pieces.append("\n")
        elif name == "AlternateContent" and (branch := best_branch(one)) is not None:
            pieces.append(paragraph_text(branch))
        elif name in ("r", "fld"):
            pieces.append("".join(part.text or "" for part in one if local(part) == "t"))
        elif name == "m":  # what formulas are wrapped in
            pieces += map(formula, one)
        elif name not in ("pPr", "endParaRPr"):
            pieces.append(formula(one))
    return "".join(pieces)


def body_text(body: Any) -> str:
    """Return the paragraphs of a text body, with the numbers that PowerPoint puts before some by itself."""
    lines: list[str] = []
    counts: dict[tuple[str, str], int] = {}  # by level and kind
    for one in () if body is None else body:
        if local(one) != "p" or not (text := paragraph_text(one).strip()):
            continue
        options = child(one, "pPr")
        level, number = value(options, "lvl") or "0", child(options, "buAutoNum")
        key = (level, value(number, "type") or "")
        counts = {other: count for other, count in counts.items() if other[0] < level or other == key}
        if number is not None:
            counts[key] = counts.get(key, _begin(number) - 1) + 1
            text = f"{_label(counts[key], key[1])} {text}"
        lines.append(text)
    return "\n".join(lines)


def _begin(number: Any) -> int:
    said = value(number, "startAt") or ""
    return int(said) if said.isdecimal() and len(said) < 9 else 1


def _label(count: int, kind: str) -> str:
    """Return what stands before a numbered paragraph, by the name of its kind such as alphaLcParenBoth."""
    letters = {"alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman", "romanUc": "upperRoman"}
    shown = written(count, next((name for begin, name in letters.items() if kind.startswith(begin)), "decimal"))
    if kind.endswith("ParenBoth"):
        return f"({shown})"
    return shown + (")" if kind.endswith("ParenR") else "." if kind.endswith("Period") else "")


def chart_texts(root: Any) -> Iterator[str]:
    """Yield a chart's titles, then each of its series: its name, and its figures with what each is of."""
    if root is None:
        return
    for title in (one for one in root.iter() if local(one) == "title"):
        if words := " ".join(filter(None, (body_text(one) for one in title.iter() if local(one) == "rich"))):
            yield f"Chart: {words}"
        else:
            yield from (f"Chart: {text}" for text in _points(title))
    for series in (one for one in root.iter() if local(one) == "ser"):
        name = " ".join(_points(child(series, "tx")))
        names = _points(child(series, "cat")) or _points(child(series, "xVal"))
        figures = _points(child(series, "val")) or _points(child(series, "yVal"))
        rows = [f"{names[at]}: {one}" if at < len(names) else one for at, one in enumerate(figures)]
        yield " – ".join(part for part in (name, "; ".join(rows or names)) if part)


def _points(element: Any) -> list[str]:
    """Return the values that stand below an element of a chart, as the program saw them last."""
    if element is None:
        return []
    found = [one.text.strip() for one in element.iter() if local(one) == "v" and one.text and one.text.strip()]
    return found[:_MOST_POINTS]


def _diagram_texts(root: Any) -> Iterator[str]:
    if root is not None:
        for point in (one for one in root.iter() if local(one) == "pt" and value(one, "type") != "pres"):
            if text := body_text(child(point, "t")):
                yield text
