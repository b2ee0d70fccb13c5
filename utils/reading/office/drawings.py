"""What stands in the drawings of Office files: charts with their figures, and SmartArt."""

from collections.abc import Iterator
from typing import Any

from utils.reading.office.formulas import formula
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
    texts = (paragraph_text(one) for one in body if local(one) == "p") if body is not None else ()
    return "\n".join(text.strip() for text in texts if text.strip())


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
