"""Pictures that are asked for in plain words, for models that can't call tools themselves.

Only words at the beginning count: a question about pictures is a question. Read next: `model/picture_order.py`.
"""

import re

from model.picture_order import CHART, MAKE, Order

_CHART = re.compile(r"\b(bar|line|pie)?\s*(chart|graph|plot|diagram)\b", re.I)
_KINDS = r"(image|picture|photo|illustration|logo|icon|painting|drawing|poster|sketch)"
_IMAGE = re.compile(
    r"\W*(please |can you |could you )*"
    r"((draw|paint|sketch|illustrate)\b"
    rf"|(make|create|generate|design)\b.{{0,40}}\b{_KINDS}\b"
    rf"|an? .{{0,20}}\b{_KINDS} of\b)",
    re.I,
)


def chart_by_words(content: str) -> Order | None:
    """Return the chart that a text speaks of; whether it has numbers is seen later."""
    found = _CHART.search(content)
    return Order(CHART, {"kind": (found[1] or "bar").lower()}, text=content) if found else None


def image_by_words(content: str) -> Order | None:
    """Return the image that a text asks for."""
    return Order(MAKE, {"prompt": content}) if _IMAGE.match(content) else None
