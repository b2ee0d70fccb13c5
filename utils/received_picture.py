"""A picture that a server has sent: believed to be one only when it can be drawn, whole and not too large."""

import io
import warnings
from dataclasses import dataclass

from utils.pictures import picture_type

MAX_BYTES = 25_000_000
MAX_SIDE_PX = 2_048  # of a picture that is sent to be edited
PREVIEW_PX = 1_024  # of one that is seen on a page


@dataclass(frozen=True)
class Received:
    """A picture that was drawn once, so it can be drawn again."""

    data: bytes
    media_type: str
    width_px: int
    height_px: int

    @property
    def ending(self) -> str:
        """Return the ending of its file's name."""
        return {"image/jpeg": "jpg"}.get(self.media_type, self.media_type.partition("/")[2])


def received(data: bytes) -> Received:
    """Return a picture.

    Raises: ValueError when it is none, is broken, or has more points than a page should show.
    """
    from PIL import Image

    media_type = picture_type(data) if len(data) <= MAX_BYTES else None
    try:
        with warnings.catch_warnings(), Image.open(io.BytesIO(data)) as image:
            warnings.simplefilter("error")
            if media_type:
                image.load()
            width_px, height_px = image.size
    except Exception as error:
        # Every kind of picture has faults of its own.
        raise ValueError("What came is no picture, or a broken one.") from error
    if media_type is None:
        raise ValueError("What came is no picture of a known kind, or is too large.")
    return Received(data, media_type, width_px, height_px)


def as_png(data: bytes) -> bytes:
    """Return a picture in the form that all servers take to edit it.

    Raises: ValueError, as `received` does.
    """
    from PIL import Image

    received(data)
    with Image.open(io.BytesIO(data)) as image:
        image.thumbnail((MAX_SIDE_PX, MAX_SIDE_PX))
        out = io.BytesIO()
        image.convert("RGBA").save(out, "PNG")
    return out.getvalue()


def preview(data: bytes) -> bytes:
    """Return a picture as a page shows it, small and as JPEG unless one can see through it.

    Raises: ValueError, as `received` does.
    """
    from PIL import Image

    received(data)
    with Image.open(io.BytesIO(data)) as image:
        if image.format == "GIF":
            return data  # it may move
        image.thumbnail((PREVIEW_PX, PREVIEW_PX))
        out = io.BytesIO()
        if image.has_transparency_data:
            image.convert("RGBA").save(out, "PNG")
        else:
            image.convert("RGB").save(out, "JPEG", quality=88)
    return out.getvalue()
