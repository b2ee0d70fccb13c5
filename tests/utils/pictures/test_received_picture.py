"""Pictures that a server has sent are drawn once before anybody believes in them."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.image_server import picture
from utils.pictures.decode import MAX_SIDE_PX, PREVIEW_PX, as_png, preview, received


@pytest.mark.parametrize(("kind", "ending"), [("PNG", "png"), ("JPEG", "jpg"), ("WEBP", "webp"), ("GIF", "gif")])
def test_a_picture_is_known_by_what_is_in_it(kind: str, ending: str):
    came = received(picture(size=(30, 20), kind=kind))
    assert (came.ending, came.width_px, came.height_px) == (ending, 30, 20)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        picture()[:-30],
        picture(size=(300, 300), kind="JPEG")[:300],
        picture(size=(6000, 6000)),
        picture(kind="BMP"),
        picture(kind="TIFF"),
        b"\x89PNG\r\n\x1a\n" + b"\0" * 1000,
    ],
    ids=["nothing", "html", "svg", "cut png", "cut jpeg", "huge", "bmp", "tiff", "fake"],
)
def test_what_is_no_whole_picture_is_refused(data: bytes):
    with pytest.raises(ValueError, match="The server sent no picture"):
        received(data)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 180), st.binary(min_size=1, max_size=8))
def test_a_damaged_picture_is_a_picture_or_refused(place: int, damage: bytes):
    data = bytearray(picture())
    data[place : place + len(damage)] = damage
    try:
        came = received(bytes(data))
    except ValueError:
        return
    assert came.width_px > 0


def test_a_picture_to_be_edited_is_a_png_of_bounded_size():
    from PIL import Image

    with Image.open(io.BytesIO(as_png(picture(size=(3000, 100), kind="JPEG")))) as image:
        assert (image.format, image.width) == ("PNG", MAX_SIDE_PX)


@pytest.mark.parametrize(("mode", "kind"), [("RGB", "JPEG"), ("RGBA", "PNG"), ("L", "JPEG"), ("LA", "PNG")])
def test_a_preview_is_small_and_keeps_what_one_can_see_through(mode: str, kind: str):
    from PIL import Image

    out = io.BytesIO()
    Image.new(mode, (2000, 500)).save(out, "PNG")
    with Image.open(io.BytesIO(preview(out.getvalue()))) as image:
        assert (image.format, image.width) == (kind, PREVIEW_PX)


def test_a_moving_picture_goes_on_moving():
    moving = picture(kind="GIF")
    assert preview(moving) == moving


def test_no_preview_is_made_of_what_is_no_picture():
    with pytest.raises(ValueError, match="no picture"):
        preview(b"<html>")
