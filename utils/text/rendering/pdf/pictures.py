"""A picture on paper: as large as it is meant to be seen, and never larger than the page."""

import io
from typing import Any

from utils.text.rendering.pdf.paper import Paper

PX_PER_INCH = 150.0  # of the largest print: more is not seen
SEEN_PX_PER_INCH = 96.0  # as browsers show it
HIGHEST = 0.7  # of the page's height
_FONTS = ("font-family", "font-style", "font-weight")


def draw_on_paper(paper: Paper, data: bytes, alt: str) -> None:
    """Draw a picture of any kind that Pillow reads. Raises: ValueError when it can't be drawn."""
    from PIL import Image  # here: few need it

    try:
        with Image.open(io.BytesIO(data)) as image:
            width_mm, height_mm = _size_mm(paper, *image.size)
            wanted_px = round(width_mm / 25.4 * PX_PER_INCH), round(height_mm / 25.4 * PX_PER_INCH)
            image.draft("RGB", wanted_px)  # a JPEG is unpacked to little more than what is needed
            drawn = _printed(image, wanted_px)
    except Exception as error:  # every kind of picture has faults of its own
        raise ValueError("It can't be drawn.") from error
    _place(paper, drawn, width_mm, height_mm, alt)


def draw_drawing(paper: Paper, svg: str, alt: str) -> None:
    """Draw a cleaned SVG, whose texts are written in the fonts of this document.

    Raises: ValueError when it can't be drawn.
    """
    from lxml import etree  # here: few need it

    root = etree.fromstring(svg.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    try:
        width_mm, height_mm = _size_mm(paper, float(root.get("width")), float(root.get("height")))
        _use_own_fonts(paper, root)
        _place(paper, bytes(etree.tostring(root)), width_mm, height_mm, alt)
    except Exception as error:  # fpdf2 reads the most of SVG, and raises all kinds at the rest
        raise ValueError("It can't be drawn here.") from error


def _size_mm(paper: Paper, width_px: float, height_px: float) -> tuple[float, float]:
    """Return how large a picture is on the page."""
    width_mm, height_mm = (side / SEEN_PX_PER_INCH * 25.4 for side in (width_px, height_px))
    free_mm = paper.w - paper.l_margin - paper.r_margin - 2 * paper.c_margin
    scale = min(1.0, free_mm / width_mm, paper.h * HIGHEST / height_mm)
    return width_mm * scale, height_mm * scale


def _printed(image: Any, wanted_px: tuple[int, int]) -> bytes:
    """Return a picture with no more pixels than are printed: a photo as JPEG, what has few colours as PNG."""
    from PIL import Image

    is_photo = image.format in ("JPEG", "MPO", "WEBP")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
    image = image.convert("RGB")
    image.thumbnail(wanted_px)
    file = io.BytesIO()
    if is_photo or image.getcolors(4_096) is None:
        image.save(file, "JPEG", quality=88)
    else:
        image.save(file, "PNG")
    return file.getvalue()


def _place(paper: Paper, data: bytes, width_mm: float, height_mm: float, alt: str) -> None:
    """Put a picture on this page, or on the next where there is no room for it; text goes on below."""
    if paper.will_page_break(height_mm + 2):
        paper.add_page()
    top_mm = paper.y + 1
    paper.image(io.BytesIO(data), paper.l_margin + paper.c_margin, top_mm, width_mm, height_mm, alt_text=alt)
    paper.set_xy(paper.l_margin, top_mm + height_mm + 1)


def _use_own_fonts(paper: Paper, root: Any) -> None:
    """Let the texts of a drawing name a font that is there, and have no letter that it lacks."""
    paper.write_in("text", 10, style="B")
    paper.write_in("text", 10)
    for element in list(root.iter()):
        kind = str(element.tag).rpartition("}")[2]
        if kind in ("title", "desc"):
            element.getparent().remove(element)
            continue
        is_bold = element.get("font-weight", "") in ("bold", "bolder", "600", "700", "800", "900")
        for name in _FONTS:
            element.attrib.pop(name, None)
        if kind in ("text", "tspan"):
            element.set("font-family", "text")
            element.attrib.update({"font-weight": "bold"} if is_bold else {})
            element.text = paper.drawable(element.text or "", fallback=False)
            element.tail = paper.drawable(element.tail or "", fallback=False)
