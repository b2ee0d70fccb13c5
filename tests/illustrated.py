"""A conversation with a picture of each kind: attached, made, drawn as a chart, plotted by code."""

from dataclasses import replace

from PIL import Image

from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, Message
from model.chat.message_parts import Attachment, ToolStep
from model.pictures.picture import SVG, Picture
from model.store.protocol import AttachedFiles
from tests.drawn import saved
from utils.pictures.svg_chart import chart

NAMES = ["sea.png", "image-1.png", "chart-2.svg", "plot.png"]
RASTERS = 3  # of them are made of pixels; the chart is shapes


def coloured(colour: str, size: tuple[int, int] = (300, 200)) -> bytes:
    return saved(Image.new("RGB", size, colour))


def illustrated(files: AttachedFiles, drawing: str = "") -> Conversation:
    """Return a conversation whose pictures are kept with these files; `drawing` is the chart's SVG."""
    attached = replace(files.put("sea.png", coloured("blue")), width_px=300, height_px=200)
    question = Message("user", "What is this?", attachments=[attached])
    svg = drawing or chart("bar", "Drinks", [("tea", 12), ("coffee", 30)])
    made, drawn = files.put("image-1.png", coloured("red")), files.put("chart-2.svg", svg.encode())
    rows = [
        Picture(made.sha256, made.name, "image/png", made.size_bytes, 300, 200, "a red sea").to_row(),
        Picture(drawn.sha256, drawn.name, SVG, drawn.size_bytes, 720, 420, "drinks").to_row(),
    ]
    plot, table = files.put("plot.png", coloured("green")), files.put("data.csv", b"a,b\n1,2\n")
    steps = [
        ToolStep("1", "make_image", result="Made.", details={"pictures": rows}),
        ToolStep("2", "run_code", result="Ran.", details={"files": [row(plot), row(table)]}),
    ]
    answer = Message("assistant", "A sea, drawn three times.", status=COMPLETE, tool_steps=steps)
    return Conversation([question, answer])


def row(file: Attachment) -> dict[str, str]:
    """Return what run_code leaves of a file."""
    return {"sha256": file.sha256, "name": file.name, "media_type": file.media_type}
