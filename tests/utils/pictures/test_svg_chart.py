"""Charts of a few lines: each number is where it should be, whatever it is."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from utils.pictures.svg_chart import BOTTOM, KINDS, LEFT, RIGHT, TOP, chart, number_label, ticks
from utils.pictures.svg_clean import clean_svg

DRINKS = [("tea", 10.0), ("coffee", 30.0), ("juice", 20.0)]
PAIRS = st.lists(st.tuples(st.text(max_size=20), st.floats(-1e12, 1e12, allow_nan=False)), min_size=2, max_size=12)


def shapes(svg: str, name: str) -> list[dict[str, str]]:
    return [dict(element.attrib) for element in etree.fromstring(svg).iter(f"{{*}}{name}")]


def test_bars_are_as_high_as_their_numbers():
    heights = [float(bar["height"]) for bar in shapes(chart("bar", "Drinks", DRINKS), "rect")]
    assert heights == pytest.approx([(BOTTOM - TOP) / 3, BOTTOM - TOP, (BOTTOM - TOP) * 2 / 3], abs=0.1)


def test_bars_below_zero_hang_down():
    down, up = shapes(chart("bar", "", [("loss", -10.0), ("gain", 10.0)]), "rect")
    assert float(down["y"]) == pytest.approx(float(up["y"]) + float(up["height"]), abs=0.1)


def test_a_line_goes_through_all_numbers():
    [line] = shapes(chart("line", "", DRINKS), "polyline")
    assert len(line["points"].split()) == 3
    assert f",{TOP:.1f}" in line["points"]


def test_a_pie_has_a_slice_and_a_line_for_each_number():
    svg = chart("pie", "", DRINKS)
    assert len(shapes(svg, "path")) == 3
    assert "coffee: 30 (50%)" in svg


def test_a_pie_of_one_part_is_a_circle():
    assert len(shapes(chart("pie", "", [("all", 5.0), ("nothing", 0.0)]), "circle")) == 1


@pytest.mark.parametrize("pairs", [[("a", -1.0), ("b", 2.0)], [("a", 0.0), ("b", 0.0)]])
def test_a_pie_refuses_what_it_can_not_show(pairs: list[tuple[str, float]]):
    with pytest.raises(ValueError, match="A bar chart can"):
        chart("pie", "", pairs)


@pytest.mark.parametrize("pairs", [[], [("a", 1.0)], [("a", 1.0), ("b", float("inf"))], [("a", 1.0), ("b", 1e300)]])
def test_what_is_no_chart_is_refused(pairs: list[tuple[str, float]]):
    with pytest.raises(ValueError, match=r"\.$"):
        chart("bar", "", pairs)


def test_words_can_not_become_shapes():
    svg = chart("bar", "<script>", [("<g onload='x'>", 1.0), ('"&', 2.0)])
    assert clean_svg(svg).left_out == []
    assert "<script" not in svg and "<g" not in svg


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(KINDS), st.text(max_size=40), PAIRS)
def test_every_chart_is_clean_and_stays_on_its_paper(kind: str, title: str, pairs: list[tuple[str, float]]):
    try:
        svg = chart(kind, title, pairs)
    except ValueError:
        assert kind == "pie"
        return
    printable = "".join(letter for letter in svg if letter.isprintable() or letter == "\n")
    assert clean_svg(printable).left_out == []
    for bar in shapes(printable, "rect"):
        assert float(bar["y"]) >= TOP - 0.1 and float(bar["y"]) + float(bar["height"]) <= BOTTOM + 0.1 or kind == "pie"
        assert LEFT <= float(bar["x"]) <= RIGHT


@given(st.floats(-1e12, 1e12), st.floats(-1e12, 1e12))
def test_marks_are_few_and_hold_all_numbers(one: float, other: float):
    low, high = sorted((one, other))
    marks = ticks(low, high)
    assert 2 <= len(marks) <= 9
    assert marks[0] <= min(0, low) + 1e-3 and marks[-1] >= max(0, high) - max(abs(high) * 1e-9, 1e-300)
    assert 0 in [round(mark, 9) for mark in marks]


def test_the_smallest_number_there_is_has_marks():
    assert ticks(0.0, 5e-324) == [0.0, 0.2]


def test_numbers_are_written_short():
    assert [number_label(value) for value in (1234567.0, 0.5, 12.345678, -3.0)] == ["1,234,567", "0.5", "12.35", "-3"]
    assert not re.search("e", number_label(1e14))
