"""Pictures as they stand on tool steps, and the messages that ask for them by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.chat.message import Message
from model.chat.message_parts import ToolStep
from model.pictures.commands import CHART, DRAW, EDIT, MAKE, QUALITIES, SIZES, Order, image_order, order_of
from model.pictures.picture import Picture, free_picture_name, pictures_of
from model.providers.image_models import cost_by_image, cost_by_tokens, family_of

PICTURE = Picture("a" * 64, "image-1.png", "image/png", 5, 1, 1, "a fox", cost_usd=0.04)


def answer(*rows: object) -> Message:
    step = ToolStep("1", MAKE, result="Made.", details={"pictures": list(rows)})
    return Message.from_dict(Message("assistant", "Here.", tool_steps=[step]).to_dict())


def test_a_picture_is_still_there_after_saving():
    assert list(pictures_of(answer(PICTURE.to_row()).tool_steps)) == [PICTURE]
    assert "model_name" not in PICTURE.to_row()


@pytest.mark.parametrize("row", [None, 5, [], {}, {"sha256": 1}, PICTURE.to_row() | {"width_px": "wide"}])
def test_a_row_that_is_no_picture_is_passed_over(row: object):
    assert list(pictures_of(answer(row, PICTURE.to_row()).tool_steps)) == [PICTURE]


def test_names_count_up_and_never_repeat():
    assert free_picture_name("image", "png", []) == "image-1.png"
    assert free_picture_name("chart", "svg", [PICTURE]) == "chart-2.svg"
    other = Picture("b" * 64, "image-2.jpg", "image/jpeg", 5, 1, 1)
    assert free_picture_name("image", "png", [other]) == "image-3.png"


@pytest.mark.parametrize(
    ("content", "order"),
    [
        ("/image A fox", Order(MAKE, {"prompt": "A fox"})),
        ("/image A fox --size wide --count 2", Order(MAKE, {"prompt": "A fox", "size": "wide", "count": 2})),
        ("/image A fox --context --quality low", Order(MAKE, {"prompt": "A fox", "quality": "low"}, True)),
        ("/edit image-1.png: Red sky", Order(EDIT, {"image": "image-1.png", "prompt": "Red sky"})),
        (
            "/edit image-1.png: Red sky --count 2",
            Order(EDIT, {"image": "image-1.png", "prompt": "Red sky", "count": 2}),
        ),
        ("/edit my photo.jpg: Red: all of it", Order(EDIT, {"image": "my photo.jpg", "prompt": "Red: all of it"})),
        ("/chart pie a 1, b 2", Order(CHART, {"kind": "pie"}, text="a 1, b 2")),
        ("/chart a 1\nb 2", Order(CHART, {"kind": "bar"}, text="a 1\nb 2")),
        ("<svg><g/></svg>", Order(DRAW, {"svg": "<svg><g/></svg>"})),
        ("```svg\n<svg><g/></svg>\n```", Order(DRAW, {"svg": "<svg><g/></svg>"})),
        ("[Monday, 2026-01-05 10:00 UTC (+0000)] /image A fox", Order(MAKE, {"prompt": "A fox"})),
        ("/image", None),
        ("/imagery of Rome", None),
        ("What does /image do?", None),
        ("Explain <svg></svg> to me", None),
        ("```python\nprint(1)\n```", None),
    ],
)
def test_an_order_is_read_and_nothing_else_is(content: str, order: Order | None):
    assert order_of(content) == order


WORDS = st.from_regex(r"[A-Za-zäöü0-9,.!? \n]*[A-Za-z]", fullmatch=True)


@given(WORDS, st.sampled_from(SIZES), st.sampled_from(QUALITIES), st.integers(1, 4), st.booleans())
def test_what_a_form_writes_is_read_back(prompt: str, size: str, quality: str, count: int, uses_context: bool):
    written = image_order(prompt, uses_context=uses_context, size=size, quality=quality, count=count)
    order = order_of(written)
    assert order and order.tool == MAKE and order.uses_context == uses_context
    usual = {"size": "square", "quality": "auto", "count": 1}
    assert usual | order.arguments == {"prompt": prompt.strip(), "size": size, "quality": quality, "count": count}


@given(st.text(max_size=100))
def test_any_message_is_an_order_or_not(content: str):
    assert order_of(content) is None or order_of(f"  {content}  ") == order_of(content)


def test_costs_follow_the_tokens_that_are_told_and_are_unknown_otherwise():
    usage = {"input_tokens_details": {"text_tokens": 100, "image_tokens": 0}, "output_tokens": 4_160}
    assert cost_by_tokens("gpt-image-1", usage) == pytest.approx(0.1669)
    assert cost_by_tokens("gpt-image-9", usage) is None
    assert cost_by_tokens("gpt-image-1", {}) is None
    assert cost_by_tokens("gpt-image-1", {"input_tokens_details": 5, "output_tokens": "x"}) is None


def test_costs_of_one_image_follow_size_and_quality():
    assert cost_by_image("dall-e-3", "1792x1024", "hd") == 0.12
    assert cost_by_image("stablediffusion", "512x512", "") is None


def test_each_family_takes_its_own_sizes():
    assert family_of("dall-e-3").size_of("wide", "low") == "1792x1024"
    assert family_of("gpt-image-1").size_of("wide", "low") == "1536x1024"
    assert family_of("stablediffusion").size_of("wide", "low") == "768x512"
    assert not family_of("gpt-image-1-mini").takes_format
