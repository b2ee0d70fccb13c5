"""The words on a picture, read off by RapidOCR. It reads, and does not see: what a picture shows it can't tell."""

from functools import cache
from typing import Any


def words_on(pixels: Any) -> str:
    """Return the lines that stand on a picture, given as an array of its pixels; "" where there are none."""
    found = _engine()(pixels)
    return "\n".join(found.txts or ())


@cache
def _engine() -> Any:
    """Return the OCR; loading it takes a second, once in a process."""
    from rapidocr import RapidOCR

    return RapidOCR(params={"Global.log_level": "error"})
