"""How large a drawing is, and which part of the plane it shows: one half of `utils/svg_clean.py`."""

from collections.abc import Mapping

from utils.svg_rules import number

SIDE_PX = 4, 4_000  # the least and the most
DEFAULT_PX = 300.0, 150.0  # what browsers take where a drawing says nothing


def frame(root: Mapping[str, str]) -> tuple[float, float, str]:
    """Return a drawing's width and height in pixels, and the part of the plane that it shows.

    Raises: ValueError.
    """
    box = [number(part) for part in root["viewBox"].replace(",", " ").split()]
    left, top, across, down = box if len(box) == 4 else (0.0, 0.0, None, None)
    width_px, height_px = number(root["width"]), number(root["height"])
    across, down = across or width_px or DEFAULT_PX[0], down or height_px or DEFAULT_PX[1]
    width_px = width_px or (height_px * across / down if height_px else across)
    height_px = height_px or width_px * down / across
    scale = min(1.0, SIDE_PX[1] / max(width_px, height_px))
    width_px, height_px = width_px * scale, height_px * scale
    if min(width_px, height_px) < SIDE_PX[0] or min(across, down) <= 0:
        raise ValueError("The drawing is too narrow or too flat to be seen.")
    return width_px, height_px, f"{left or 0:g} {top or 0:g} {across:g} {down:g}"


def paper_of(box: str) -> dict[str, str]:
    """Return the attributes of a white sheet under all of a drawing, which may be looked at in the dark."""
    left, top, *_ = box.split()
    return {"x": left, "y": top, "width": "100%", "height": "100%", "fill": "#ffffff"}
