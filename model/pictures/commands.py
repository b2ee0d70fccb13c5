"""Commands: messages with which a person makes a picture by hand; no model is asked to talk.

/image A lighthouse at dusk --size wide --quality high --count 2 --context
/edit image-1.png: Make the sky red
/chart pie Costs: rent 900, food 400
a message that is nothing but a drawing: <svg ...>...</svg>, or that in a block of code
"""

import re
from dataclasses import dataclass, field
from typing import Any

MAKE, EDIT, DRAW, CHART = "make_image", "edit_image", "draw", "draw_chart"  # the tools
SIZES = ("square", "wide", "tall")
QUALITIES = ("auto", "low", "medium", "high")
MAX_COUNT = 4

_OPTION = re.compile(r"\s--(?:(size|quality|count)\s+(\w+)|(context))\s*\Z")
_CHART = re.compile(r"/chart\s+(?:(bar|line|pie)\b)?\s*(.+)", re.S | re.I)
_EDIT = re.compile(r"/edit\s+([^:\n]{1,100}):\s+(.+)", re.S | re.I)
_IMAGE = re.compile(r"/image\s+(.+)", re.S | re.I)
_BLOCK = re.compile(r"(`{3,}|~{3,})(?:svg|xml|html)?[ \t]*\n(.*?)\n?\1", re.S | re.I)
_SVG = re.compile(r"(?:<\?xml[^>]*\?>\s*)?<svg[\s>].*</svg\s*>", re.S | re.I)
_TIME = re.compile(r"\A\[[^\]\n]+\] (?=/|<|```|~~~)")  # which may stand before a message


@dataclass(frozen=True)
class Order:
    """The tool that is meant, and what it is told; `text` is what a chart is to show, before its numbers are found."""

    tool: str
    arguments: dict[str, Any] = field(default_factory=dict)
    uses_context: bool = False
    text: str = ""


def order_of(content: str) -> Order | None:
    """Return the order that a message is; None for any other message."""
    content = _TIME.sub("", content).strip()
    if found := _CHART.fullmatch(content):
        return Order(CHART, {"kind": (found[1] or "bar").lower()}, text=found[2])
    if found := _IMAGE.fullmatch(content):
        return _with_options(MAKE, {}, found[1])
    if found := _EDIT.fullmatch(content):
        return _with_options(EDIT, {"image": found[1].strip()}, found[2])
    inside = _BLOCK.fullmatch(content)
    drawing = inside[2].strip() if inside else content
    return Order(DRAW, {"svg": drawing}) if _SVG.fullmatch(drawing) else None


def image_order(prompt: str, image: str = "", uses_context: bool = False, **options: Any) -> str:
    """Return the message that asks for an image, or for another form of one; what is as usual is not said."""
    usual = {"size": SIZES[0], "quality": QUALITIES[0], "count": 1}
    said = [f"--{name} {value}" for name, value in options.items() if value != usual[name]]
    head = f"/edit {image}:" if image else "/image"
    return " ".join([head, prompt.strip(), *said, *(["--context"] if uses_context else [])])


def _with_options(tool: str, arguments: dict[str, Any], rest: str) -> Order:
    uses_context = False
    while found := _OPTION.search(f" {rest}"):
        rest = rest[: max(0, found.start() - 1)]
        if found[3]:
            uses_context = True
        else:
            value = found[2].lower()
            arguments = {found[1]: int(value) if value.isdecimal() else value} | arguments
    return Order(tool, arguments | {"prompt": rest.strip()}, uses_context)
