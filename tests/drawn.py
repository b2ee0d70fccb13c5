"""Pictures for the tests, drawn on the spot: plain, odd, broken and made to do harm."""

import base64
import io
import struct
import zlib
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from settings import ROOT


def saved(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """Return a picture as a file's bytes."""
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def words(text: str, size: tuple[int, int] = (900, 300), kind: str = "PNG") -> bytes:
    """Return a picture of some words."""
    image = Image.new("RGB", size, "white")
    font = ImageFont.truetype(str(ROOT / "utils/text/rendering/pdf/fonts/DejaVuSans.ttf"), 40)
    ImageDraw.Draw(image).text((40, 40), text, font=font, fill="black")
    return saved(image, kind)


def photo(size: tuple[int, int] = (4000, 3000), turned: bool = False) -> bytes:
    """Return a JPEG as a camera makes it: red on the left, with the place noted; `turned` says to show it upright."""
    image = Image.new("RGB", size, "blue")
    image.paste("red", (0, 0, size[0] // 2, size[1]))
    exif = Image.Exif()
    exif[0x0112] = 6 if turned else 1  # orientation: a quarter to the right
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 30.0)  # GPS latitude
    exif[0x010F] = "Secret Camera"
    return saved(image, "JPEG", exif=exif)


def bomb(width: int = 50_000, height: int = 50_000) -> bytes:
    """Return a PNG of a few bytes that says it is huge."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(b"\0" * 1000)), (b"IEND", b""))
    chunks = [struct.pack(">I", len(d)) + n + d + struct.pack(">I", zlib.crc32(n + d)) for n, d in parts]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def heic() -> bytes:
    """Return a red HEIC of 64 x 32 pixels; nothing that is installed can make one."""
    return base64.b64decode(
        "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAX1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAAAAAAACJpbG9jAA"
        "AAAERAAAEAAQAAAAABoQABAAAAAAAAABsAAAAjaWluZgAAAAAAAQAAABVpbmZlAgAAAAABAABodmMxAAAAAA5waXRtAAAAAAABAAAA/WlwcnAA"
        "AADdaXBjbwAAAHZodmNDAQNwAAAAkAAAAAAAHvAA/P34+AAADwNgAAEAGEABDAH//wNwAAADAJAAAAMAAAMAHroCQGEAAQAqQgEBA3AAAAMAkA"
        "AAAwAAAwAeoCCBBZbq5Ka5uAhoMCAAAAMDIAAAAwAhYgABAAZEAcFzwIkAAAATY29scm5jbHgAAQANAAaAAAAAFGlzcGUAAAAAAAAAQAAAAEAA"
        "AAAoY2xhcAAAAEAAAAABAAAAIAAAAAEAAAAAAAAAAv///+AAAAACAAAAEHBpeGkAAAAAAwgICAAAABhpcG1hAAAAAAAAAAEAAQWBAgMFhAAAAC"
        "NtZGF0AAAAFygBrxmA70mlv//ihh/5rWv+v61pj5uA"
    )
