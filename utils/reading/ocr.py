"""The words on a picture, read off by RapidOCR. It reads, and does not see: what a picture shows it can't tell."""

from collections.abc import Iterable
from functools import cache
from typing import Any, NamedTuple


class Piece(NamedTuple):
    """Words that stand together, and where, in pixels from the top and the left."""

    top: float
    bottom: float
    left: float
    text: str


def words_on(pixels: Any) -> str:
    """Return the lines that stand on a picture, given as an array of its pixels; "" where there are none."""
    found = _engine()(pixels)
    if found.boxes is None or not found.txts:
        return ""
    corners = [[(float(x), float(y)) for x, y in box] for box in found.boxes]
    return "\n".join(lines_of(map(_piece, corners, found.txts)))


def lines_of(pieces: Iterable[Piece]) -> list[str]:
    """Return pieces as lines: what stands side by side, as in a table or on a bill, is one."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda piece: piece.top + piece.bottom):
        middle = (piece.top + piece.bottom) / 2
        if lines and lines[-1][0].top < middle < lines[-1][0].bottom:
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return ["  ".join(piece.text for piece in sorted(line, key=lambda piece: piece.left)) for line in lines]


def _piece(corners: list[tuple[float, float]], text: str) -> Piece:
    tops = [y for _, y in corners]
    return Piece(min(tops), max(tops), min(x for x, _ in corners), text)


@cache
def _engine() -> Any:
    """Return the OCR; loading it takes a second, once in a process."""
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "error"})
