"""Charts as drawings: bars, a line or a pie, made of a few shapes that anyone can read in the file.

    chart("bar", "Drinks", [("tea", 12), ("coffee", 30)])    # returns SVG

It leaves out everything that a plotting library has: several series, legends beside the chart, dates. Altair would
need vl-convert (84 MB, half a second for the first chart) to make a file of one, for the gallery and for exports.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from html import escape

Pairs = Sequence[tuple[str, float]]

WIDTH_PX, HEIGHT_PX = 720, 420
LEFT, RIGHT, TOP, BOTTOM = 70, 700, 60, 350  # the sides of the chart itself
COLOURS = ("#6d32cd", "#0f8b8d", "#ec9a29", "#a8201a", "#143642", "#5fad56", "#e26d9c", "#7d8597")
TEXT = 'font-family="sans-serif" font-size="14" fill="#333333"'
MOST_LABEL_CHARS = 14


def chart(kind: str, title: str, pairs: Pairs) -> str:
    """Return a chart. Raises: ValueError, with one sentence, for numbers that this kind of chart can't show."""
    if len(pairs) < 2:
        raise ValueError("A chart needs at least two numbers with a label each.")
    if not all(math.isfinite(value) and abs(value) < 1e15 for _, value in pairs):
        raise ValueError("Numbers as large as these can't be drawn.")
    shapes = "\n".join(_KINDS.get(kind, _bars)(pairs))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH_PX}" height="{HEIGHT_PX}"'
        f' viewBox="0 0 {WIDTH_PX} {HEIGHT_PX}">\n<title>{escape(title or "Chart")}</title>\n'
        f'<text x="{WIDTH_PX / 2:g}" y="32" text-anchor="middle" font-family="sans-serif" font-size="20"'
        f' fill="#1a1a1a">{escape(title[:70])}</text>\n{shapes}\n</svg>'
    )


def ticks(low: float, high: float) -> list[float]:
    """Return round numbers from at or below the lowest to at or above the highest, about five."""
    low, high = min(0.0, low), max(0.0, high)
    rough = (high - low) / 5 or 0.2
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough)
    first, last = math.floor(low / step), math.ceil(high / step)
    return [number * step for number in range(first, max(last, first + 1) + 1)]


def number_label(value: float) -> str:
    return f"{value:,.0f}" if value == round(value) else f"{value:,.4g}"


def _bars(pairs: Pairs, is_line: bool = False) -> Iterator[str]:
    """Yield a bar for each number, or a line through all of them, over lines to measure by."""
    marks = ticks(min(value for _, value in pairs), max(value for _, value in pairs))
    yield from _grid(marks)
    slot, points = (RIGHT - LEFT) / len(pairs), []
    for place, (label, value) in enumerate(pairs):
        x, y = LEFT + slot * (place + 0.5), _height(value, marks)
        top, foot = sorted((y, _height(0.0, marks)))
        if is_line:
            points.append(f"{x:.1f},{y:.1f}")
            yield f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{COLOURS[0]}"/>'
        else:
            size = f'width="{slot * 0.7:.1f}" height="{foot - top:.1f}"'
            yield f'<rect x="{x - slot * 0.35:.1f}" y="{top:.1f}" {size} fill="{COLOURS[0]}"/>'
        yield _text(x, y - 10 if is_line else top - 6, number_label(value), slot)
        yield _text(x, BOTTOM + 22, label, slot)
    if is_line:
        yield f'<polyline points="{" ".join(points)}" fill="none" stroke="{COLOURS[0]}" stroke-width="3"/>'


def _pie(pairs: Pairs) -> Iterator[str]:
    """Yield a slice for each number, and what it stands for beside it.

    Raises: ValueError where a number is below zero, or all are zero.
    """
    total = sum(value for _, value in pairs)
    if min(value for _, value in pairs) < 0 or total <= 0:
        raise ValueError("A pie can't show numbers below zero, nor nothing but zeros. A bar chart can.")
    angle, line_px = -math.pi / 2, min(26.0, 340 / len(pairs))
    for place, (label, value) in enumerate(pairs):
        colour, end = COLOURS[place % len(COLOURS)], angle + 2 * math.pi * value / total
        yield _slice(angle, end, colour)
        y = 70 + line_px * place
        yield f'<rect x="400" y="{y:.1f}" width="12" height="12" fill="{colour}"/>'
        said = f"{label[:28]}: {number_label(value)} ({value / total:.0%})"
        yield f'<text x="422" y="{y + 11:.1f}" {TEXT}>{escape(said)}</text>'
        angle = end


def _slice(begin: float, end: float, colour: str) -> str:
    """Return a slice of the pie between two angles, in radians."""
    middle_x, middle_y, radius = 200, 220, 150
    if end - begin > 2 * math.pi - 1e-6:  # an arc that ends where it begins is no arc
        return f'<circle cx="{middle_x}" cy="{middle_y}" r="{radius}" fill="{colour}"/>'
    x1, y1, x2, y2 = (
        middle + radius * turn(angle)
        for angle in (begin, end)
        for middle, turn in ((middle_x, math.cos), (middle_y, math.sin))
    )
    is_large = int(end - begin > math.pi)
    path = f"M{middle_x} {middle_y} L{x1:.2f} {y1:.2f} A{radius} {radius} 0 {is_large} 1 {x2:.2f} {y2:.2f} Z"
    return f'<path d="{path}" fill="{colour}" stroke="#ffffff" stroke-width="2"/>'


def _grid(marks: Sequence[float]) -> Iterator[str]:
    for mark in marks:
        y = _height(mark, marks)
        colour = "#888888" if mark == 0 else "#dddddd"
        yield f'<line x1="{LEFT}" y1="{y:.1f}" x2="{RIGHT}" y2="{y:.1f}" stroke="{colour}"/>'
        yield f'<text x="{LEFT - 8}" y="{y + 5:.1f}" text-anchor="end" {TEXT}>{number_label(mark)}</text>'


def _height(value: float, marks: Sequence[float]) -> float:
    """Return where a number stands between the lowest mark and the highest."""
    return BOTTOM - (value - marks[0]) / (marks[-1] - marks[0]) * (BOTTOM - TOP)


def _text(x: float, y: float, text: str, room_px: float) -> str:
    """Return a text around a place, as much of it as there is room for."""
    most = max(1, min(MOST_LABEL_CHARS, int(room_px / 8)))
    text = text if len(text) <= most else f"{text[: most - 1]}…"
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="middle" {TEXT}>{escape(text)}</text>'


_KINDS: dict[str, Callable[[Pairs], Iterator[str]]] = {"bar": _bars, "line": partial(_bars, is_line=True), "pie": _pie}
KINDS = tuple(_KINDS)
