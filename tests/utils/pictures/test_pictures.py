"""A picture is what its bytes say."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from utils.pictures.decode import picture_type


def drawn(kind: str, size: tuple[int, int] = (4, 4)) -> bytes:
    file = io.BytesIO()
    Image.new("1", size).convert("P" if kind == "GIF" else "RGB").save(file, kind)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF", "WEBP"])
def test_pictures_for_pages_are_known(kind: str):
    assert picture_type(drawn(kind)) == f"image/{kind.lower()}"


@pytest.mark.parametrize("data", [b"", b"<svg/>", drawn("BMP"), drawn("PNG")[:40], b"GIF89a", b"\x89PNG\r\n\x1a\n"])
def test_anything_else_is_none(data: bytes):
    assert picture_type(data) is None


def test_a_picture_that_would_unpack_to_gigabytes_is_none():
    file = io.BytesIO()
    Image.new("1", (6000, 6000)).save(file, "PNG")
    assert len(file.getvalue()) < 10_000
    assert picture_type(file.getvalue()) is None


@given(st.binary(), st.sampled_from([b"", drawn("PNG")[:30], drawn("GIF")[:12], drawn("WEBP")[:20]]))
def test_no_bytes_break_it(data: bytes, begin: bytes):
    assert picture_type(begin + data) in (None, "image/png", "image/gif", "image/webp", "image/jpeg")
