"""A part of a picture, given in percent: seen as the bright part of it, or cut out as a mask.

A mask is a PNG of the picture's size whose transparent points may change.
Source: https://platform.openai.com/docs/api-reference/images/createEdit. Read next: `utils/received_picture.py`.
"""

import io
from typing import NamedTuple

from utils.received_picture import received

VEIL, VEIL_COLOUR = 0.65, "#888888"  # over what stays
SEEN_PX = 720  # twice what a page shows, for fine screens


class Area(NamedTuple):
    """Where a part begins and ends, in percent of the picture's width and height."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def is_empty(self) -> bool:
        """Tell whether nothing is in it."""
        return self.left >= self.right or self.top >= self.bottom

    def box_px(self, width_px: int, height_px: int) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom in pixels: all that the part touches."""
        right_px, bottom_px = -(-self.right * width_px // 100), -(-self.bottom * height_px // 100)
        return self.left * width_px // 100, self.top * height_px // 100, right_px, bottom_px


def mask_of(picture: bytes, area: Area) -> bytes:
    """Return the mask that lets a part of a picture change.

    Raises: ValueError when it is no picture.
    """
    from PIL import Image

    came, out = received(picture), io.BytesIO()
    mask = Image.new("RGBA", (came.width_px, came.height_px), "black")
    mask.paste((0, 0, 0, 0), area.box_px(*mask.size))
    mask.save(out, "PNG")
    return out.getvalue()


def marked(picture: bytes, area: Area) -> bytes:
    """Return a picture as a page shows it, with all but a part dimmed.

    Raises: ValueError when it is no picture.
    """
    from PIL import Image

    received(picture)
    with Image.open(io.BytesIO(picture)) as image:
        image.thumbnail((SEEN_PX, SEEN_PX))
        clear, out = image.convert("RGB"), io.BytesIO()
    dimmed = Image.blend(clear, Image.new("RGB", clear.size, VEIL_COLOUR), VEIL)
    box = area.box_px(*clear.size)
    dimmed.paste(clear.crop(box), box[:2])
    dimmed.save(out, "JPEG", quality=88)
    return out.getvalue()
