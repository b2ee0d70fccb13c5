"""A part of a picture, in percent, as a mask and as it is seen."""

import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.image_server import picture
from utils.picture_area import Area, marked, mask_of
from utils.received_picture import as_png

PERCENT = st.integers(0, 100)


def points(data: bytes, *places: tuple[int, int]) -> list[Any]:
    from PIL import Image

    with Image.open(io.BytesIO(data)) as image:
        return [image.getpixel(place) for place in places]


def test_a_mask_is_of_the_pictures_size_and_open_only_in_the_part():
    from PIL import Image

    mask = mask_of(as_png(picture(size=(200, 100), kind="JPEG")), Area(50, 0, 100, 25))
    with Image.open(io.BytesIO(mask)) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (200, 100))
    assert [point[3] for point in points(mask, (100, 0), (199, 24), (99, 0), (100, 25))] == [0, 0, 255, 255]


def test_what_stays_is_dimmed_and_the_part_is_not():
    inside, outside = points(marked(picture("red", (100, 100)), Area(0, 0, 50, 100)), (20, 50), (80, 50))
    assert inside[0] > 240 and outside[0] < 190


@given(PERCENT, PERCENT, PERCENT, PERCENT, st.integers(1, 300), st.integers(1, 300))
def test_a_part_that_is_not_empty_has_a_point_and_stays_inside(
    left: int, top: int, right: int, bottom: int, width_px: int, height_px: int
):
    area = Area(left, top, right, bottom)
    left_px, top_px, right_px, bottom_px = area.box_px(width_px, height_px)
    assert area.is_empty or (0 <= left_px < right_px <= width_px and 0 <= top_px < bottom_px <= height_px)


def test_what_is_no_picture_is_refused():
    for make in (mask_of, marked):
        with pytest.raises(ValueError, match="no picture"):
            make(b"<html>", Area(0, 0, 50, 50))
