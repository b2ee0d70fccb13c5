"""The tools that draw without any server: shapes that the model writes as SVG, and charts of numbers."""

from functools import partial
from typing import Any

from controller.stages.image_generation.image_tools import pictures_as_text
from controller.stages.image_generation.workspace import PictureWorkspace, show_pictures
from controller.tools.tool import Tool, ToolContext, as_tool_failures
from model.errors import ToolFailed
from model.pictures.commands import CHART, DRAW
from utils.pictures.svg_chart import KINDS, chart
from utils.pictures.svg_clean import MAX_BYTES, clean_svg

MOST_TOLD = 10  # names of what was left out
_DRAW = (
    "Draw with SVG: diagrams, icons, simple scenes. Use path, rect, circle, ellipse, line, polygon, text, tspan, g,"
    " gradients and attributes; no style sheets, scripts, use, image, filter or links: they are left out. Give it a"
    " viewBox. The paper is white."
)
_CHART = "Draw a chart of numbers."


def drawing_tools(workspace: PictureWorkspace) -> list[Tool]:
    svg = {"type": "string", "minLength": 1, "maxLength": MAX_BYTES, "description": "<svg ...>...</svg>"}
    drawn = {"properties": {"svg": svg, "title": {"type": "string", "maxLength": 200}}, "required": ["svg"]}
    charted = {
        "properties": {
            "kind": {"type": "string", "enum": list(KINDS)},
            "title": {"type": "string", "maxLength": 200},
            "labels": {"type": "array", "items": {"type": "string"}, "maxItems": 40},
            "values": {"type": "array", "items": {"type": "number", "minimum": -1e15, "maximum": 1e15}, "maxItems": 40},
        },
        "required": ["kind", "labels", "values"],
    }
    return [
        Tool(DRAW, "Draw", _DRAW, drawn, partial(_draw, workspace)),
        Tool(CHART, "Draw a chart", _CHART, charted, partial(_draw_chart, workspace)),
    ]


def _draw(workspace: PictureWorkspace, context: ToolContext, arguments: dict[str, Any]) -> str:
    """Clean a drawing, show it, and return a sentence that names it and what was left out.

    Raises: ToolFailed when it is no drawing; StoreUnwritable.
    """
    with as_tool_failures():
        drawing = clean_svg(arguments["svg"])
    picture = workspace.add_drawing(drawing, "drawing", arguments.get("title", ""))
    show_pictures(context, [picture])
    names, rest = drawing.left_out[:MOST_TOLD], len(drawing.left_out) - MOST_TOLD
    more = f" and {rest} more" if rest > 0 else ""
    left_out = f" Left out, since only shapes, text and colours are drawn: {', '.join(names)}{more}." if names else ""
    return pictures_as_text([picture], 1) + left_out


def _draw_chart(workspace: PictureWorkspace, context: ToolContext, arguments: dict[str, Any]) -> str:
    """Draw a chart, show it, and return a sentence that names it with its numbers.

    Raises: ToolFailed when there is nothing to draw; StoreUnwritable.
    """
    labels, values, title = arguments["labels"], arguments["values"], arguments.get("title", "")
    if len(labels) != len(values):
        raise ToolFailed(f"There are {len(labels)} labels for {len(values)} numbers.", "Call it again.")
    pairs = [(str(label), float(value)) for label, value in zip(labels, values, strict=True)]
    with as_tool_failures():
        drawing = clean_svg(chart(arguments["kind"], title, pairs))
    about = title or f"A {arguments['kind']} chart"
    picture = workspace.add_drawing(drawing, "chart", about)
    show_pictures(context, [picture])
    return f"{pictures_as_text([picture], 1)} It shows {', '.join(f'{label}: {value:g}' for label, value in pairs)}."
