"""Pictures whose bytes come from somewhere: which kind they are, and an upright, small copy without a camera's notes.

A picture that a server has sent is believed to be one only when it can be drawn, whole and not too large.
"""

import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, NamedTuple

from utils.files.unreadable import Unreadable

KINDS = {"PNG": "image/png", "JPEG": "image/jpeg", "GIF": "image/gif", "WEBP": "image/webp"}
READ_KINDS = (*KINDS, "AVIF", "HEIF")
_PHOTOS = ("JPEG", "MPO", "AVIF", "HEIF")  # MPO is what some phones make of a JPEG
# A small file may unpack to gigabytes.
MAX_PIXELS = 25_000_000  # of one that is shown as it is
MAX_READ_PIXELS = 64_000_000  # of one that is made smaller; the best phones take 50 million
# Models make larger ones smaller. Source: https://docs.anthropic.com/en/docs/build-with-claude/vision
LONGEST_PX = 1568
MAX_LOSSLESS_BYTES = 1_000_000
JPEG_QUALITY = 90
_WAY_OUT = "Open it in another program, save it as PNG or JPEG, and attach that."
_SMALLER = f"Make it smaller, {MAX_READ_PIXELS // 1_000_000} million pixels at most, and attach that."


class DecodedPicture(NamedTuple):
    """A picture as it is kept and sent."""

    data: bytes
    media_type: str
    width_px: int
    height_px: int


def picture_type(data: bytes) -> str | None:
    """Return the media type of a picture that a page may show; None for anything else."""
    try:
        with _opened(data, tuple(KINDS)) as image:
            image.verify()
            width, height = image.size
    except Exception:
        # Every kind of picture has faults of its own.
        return None
    return KINDS.get(image.format or "") if width * height <= MAX_PIXELS else None


def prepared(data: bytes) -> DecodedPicture:
    """Return a picture as it is kept; of one that moves, the first frame. Raises: Unreadable."""
    from PIL import Image

    try:
        with _opened(data, READ_KINDS) as image:
            check_size(*image.size)
            return kept_picture(image, is_photo=image.format in _PHOTOS)
    except Unreadable:
        raise
    except Image.DecompressionBombError as error:
        raise Unreadable("has far too many pixels", _SMALLER) from error
    except Exception as error:
        # Again: OSError, SyntaxError, struct.error, ValueError and more.
        raise Unreadable("is damaged, or not a picture that can be read here", _WAY_OUT) from error


def no_wider(data: bytes, width_px: int) -> bytes:
    """Return a picture that is no wider than so: as it is, where that holds already."""
    with _opened(data, tuple(KINDS)) as image:
        if image.width <= width_px:
            return data
        image.thumbnail((width_px, image.height))
        return _written(image.convert("RGB"), is_photo=image.format != "PNG").data


@contextmanager
def _opened(data: bytes, kinds: tuple[str, ...]) -> Iterator[Any]:
    """Open a picture of one of these kinds; Pillow's own warnings are ours to judge."""
    # Imported here: few need it.
    from PIL import Image

    if kinds == READ_KINDS:
        Image.init()  # Pillow itself knows only the most common kinds at first
        if data[4:8] == b"ftyp":
            import pi_heif

            pi_heif.register_heif_opener(thumbnails=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(data), formats=kinds) as image:
            yield image


def check_size(width_px: int, height_px: int) -> None:
    """Refuse a picture that would take too much memory; nothing of it is unpacked yet. Raises: Unreadable."""
    if width_px * height_px > MAX_READ_PIXELS:
        raise Unreadable(f"is {width_px:,} × {height_px:,} pixels large", _SMALLER)


def kept_picture(image: Any, is_photo: bool = False) -> DecodedPicture:
    return _written(_scaled(image), is_photo)


def _scaled(image: Any) -> Any:
    """Return a picture upright, in 8 bits each of red, green and blue, on white, and no larger than so."""
    from PIL import ImageOps

    image.draft("RGB", (LONGEST_PX, LONGEST_PX))  # a JPEG is unpacked to little more than what is needed
    image.load()
    image = ImageOps.exif_transpose(image)
    image = _in_colours(image)
    if max(image.size) > LONGEST_PX:
        image.thumbnail((LONGEST_PX, LONGEST_PX))
    return image


def _in_colours(image: Any) -> Any:
    """Return a picture in red, green and blue; what is see-through becomes white, as on paper."""
    from PIL import Image

    if image.mode.startswith("I") or image.mode == "F":  # 16 bits; Pillow would cut them off, not scale them
        image = image.convert("F").point(lambda value: value / 256).convert("L")
    if not image.has_transparency_data:
        return image.convert("RGB")
    image = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")


def _written(image: Any, is_photo: bool) -> DecodedPicture:
    """Return a picture as PNG where it came without loss and stays small, else as JPEG.

    Not as WebP, for not every server knows that.
    """
    file = io.BytesIO()
    image.info = {}  # comments, profiles, places: Pillow would write them again
    if not is_photo:
        image.save(file, "PNG")
    if is_photo or file.tell() > MAX_LOSSLESS_BYTES:
        file = io.BytesIO()
        is_photo = True
        image.save(file, "JPEG", quality=JPEG_QUALITY)
    return DecodedPicture(file.getvalue(), KINDS["JPEG" if is_photo else "PNG"], *image.size)


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
        return {"image/jpeg": "jpg"}.get(self.media_type, self.media_type.partition("/")[2])


def received(data: bytes) -> Received:
    """Return a picture. Raises: ValueError when it is none, is broken, or has more points than a page should show."""
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
        raise ValueError("The server sent no picture, or a damaged one.") from error
    if media_type is None:
        raise ValueError("The server sent no picture of a known kind, or one that is too large.")
    return Received(data, media_type, width_px, height_px)


def as_png(data: bytes) -> bytes:
    """Return a picture in the form that all servers take to edit it. Raises: ValueError, as `received` does."""
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
