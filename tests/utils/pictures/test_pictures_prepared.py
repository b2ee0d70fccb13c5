"""What is kept of a picture: upright, small enough, without what a camera notes."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tests import drawn
from utils.files.unreadable import Unreadable
from utils.pictures.decode import LONGEST_PX, MAX_LOSSLESS_BYTES, no_wider, prepared

HEIC_HEAD = b"\0\0\0\x18ftypheic"


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def colour_at(data: bytes, place: tuple[int, int]) -> tuple[int, ...]:
    found = opened(data).getpixel(place)
    assert isinstance(found, tuple)
    return found


def test_a_large_photo_is_scaled_to_what_models_use():
    picture = prepared(drawn.photo((4000, 3000)))
    assert (picture.width_px, picture.height_px) == opened(picture.data).size == (LONGEST_PX, 1176)
    assert picture.media_type == "image/jpeg"


def test_a_small_screenshot_keeps_its_size_and_every_pixel():
    data = drawn.words("Hello")
    picture = prepared(data)
    assert picture.media_type == "image/png"
    assert opened(picture.data).tobytes() == opened(data).tobytes()


def test_a_turned_photo_is_upright():
    picture = prepared(drawn.photo((400, 200), turned=True))
    image = opened(picture.data)
    assert image.size == (picture.width_px, picture.height_px) == (200, 400)
    red, _, blue = colour_at(picture.data, (100, 20))  # what was on the left is on top
    assert red > 200 and blue < 50


def test_nothing_that_a_camera_notes_is_kept():
    data = drawn.photo()
    assert b"Secret Camera" in data
    picture = prepared(data)
    assert b"Secret" not in picture.data and not opened(picture.data).getexif()


def test_comments_and_profiles_of_a_png_are_not_kept():
    from PIL.PngImagePlugin import PngInfo

    notes = PngInfo()
    notes.add_text("Author", "Secret Person")
    data = drawn.saved(Image.new("RGB", (9, 9)), pnginfo=notes, icc_profile=b"Secret profile")
    assert set(opened(prepared(data).data).info) == set()


@pytest.mark.parametrize(
    ("mode", "colour", "seen"),
    [
        ("1", 1, (255, 255, 255)),
        ("L", 128, (128, 128, 128)),
        ("LA", (0, 0), (255, 255, 255)),
        ("RGBA", (9, 9, 9, 0), (255, 255, 255)),
        ("RGBA", (200, 0, 0, 255), (200, 0, 0)),
        ("I;16", 0x8000, (128, 128, 128)),
    ],
)
def test_every_kind_of_pixel_becomes_the_colour_that_people_see(mode: str, colour: Any, seen: tuple[int, ...]):
    picture = prepared(drawn.saved(Image.new(mode, (8, 8), colour)))
    assert opened(picture.data).mode == "RGB"
    assert colour_at(picture.data, (4, 4)) == seen


def test_printers_colours_are_read():
    data = drawn.saved(Image.new("CMYK", (64, 64), (0, 255, 255, 0)), "JPEG")
    red, green, blue = colour_at(prepared(data).data, (5, 5))
    assert red > 200 and green < 60 and blue < 60


def test_a_palette_with_a_hole_is_white_there():
    image = Image.new("P", (8, 8), 0)
    image.putpalette([0, 0, 0, 255, 0, 0])
    assert colour_at(prepared(drawn.saved(image, transparency=0)).data, (1, 1)) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["GIF", "WEBP"])
def test_of_a_picture_that_moves_the_first_frame_is_kept(kind: str):
    frames = [Image.new("RGB", (40, 40), colour) for colour in ("red", "blue")]
    data = drawn.saved(frames[0], kind, save_all=True, append_images=frames[1:])
    picture = prepared(data)
    assert picture.media_type == "image/png"
    red, _, blue = colour_at(picture.data, (5, 5))
    assert red > 200 and blue < 50


def test_a_picture_that_stays_large_without_loss_becomes_a_jpeg():
    noise = Image.effect_noise((1500, 1500), 90).convert("RGB")
    picture = prepared(drawn.saved(noise))
    assert picture.media_type == "image/jpeg" and len(picture.data) < 2 * MAX_LOSSLESS_BYTES


def test_a_picture_for_the_page_is_no_wider_and_a_narrow_one_stays_as_it_is():
    wide, narrow = prepared(drawn.photo((4000, 1000))).data, drawn.words("x")
    assert opened(no_wider(wide, 1460)).size == (1460, 365)
    assert no_wider(narrow, 1460) is narrow


def test_avif_is_read():
    assert prepared(drawn.saved(Image.new("RGB", (64, 64), "red"), "AVIF")).media_type == "image/jpeg"


def test_what_iphones_take_is_read():
    picture = prepared(drawn.heic())
    assert (picture.media_type, picture.width_px, picture.height_px) == ("image/jpeg", 64, 32)
    red, _, blue = colour_at(picture.data, (30, 15))
    assert red > 200 and blue < 60


@pytest.mark.parametrize(
    "data",
    [b"", b"<svg/>", b"text", drawn.photo()[:3000], drawn.words("x")[:300], b"\x89PNG\r\n\x1a\n", HEIC_HEAD],
    ids=["empty", "svg", "text", "cut jpeg", "cut png", "only a head", "only a heic's head"],
)
def test_what_is_no_whole_picture_gets_its_sentence(data: bytes):
    with pytest.raises(Unreadable, match="is damaged, or not a picture") as caught:
        prepared(data)
    assert caught.value.way_out.endswith(".")


def test_a_picture_that_would_fill_the_memory_is_not_unpacked():
    with pytest.raises(Unreadable, match="far too many pixels"):
        prepared(drawn.bomb())
    with pytest.raises(Unreadable, match="9,000 × 9,000 pixels"):
        prepared(drawn.bomb(9000, 9000))


@given(st.binary(), st.sampled_from([b"", drawn.words("x")[:60], drawn.photo((9, 9))[:99], HEIC_HEAD]))
def test_no_bytes_break_it(data: bytes, begin: bytes):
    try:
        assert prepared(begin + data).width_px
    except Unreadable as error:
        assert error.reason
