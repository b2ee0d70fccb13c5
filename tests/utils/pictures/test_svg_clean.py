"""Drawings of strangers: what is left of them is shapes, text and colours."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from tests.utils.hostile_drawings import CLEANED, REFUSED, svg
from utils.pictures.svg_clean import ATTRIBUTES, ELEMENTS, MAX_BYTES, clean_svg

_BAD = re.compile(r"script|evil|javascript|alert|on\w+=|href|file:|data:|@|import|foreign|<!|<\?|url\((?!#)|&#", re.I)


def assert_harmless(cleaned: str) -> None:
    """Refuse a drawing with anything on no list."""
    root = etree.fromstring(cleaned)
    assert not _BAD.search(cleaned.replace("http://www.w3.org/2000/svg", ""))
    for element in root.iter():
        assert str(element.tag).removeprefix("{http://www.w3.org/2000/svg}") in ELEMENTS
        assert set(element.attrib) <= ATTRIBUTES


@pytest.mark.parametrize("name", CLEANED)
def test_what_is_hostile_is_left_out_and_told(name: str):
    drawing = clean_svg(CLEANED[name])
    assert_harmless(drawing.svg)
    is_silent = ("comment" in name and "fill" not in name) or "instruction" in name or name == "onload at the root"
    assert is_silent or drawing.left_out


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_not_be_cleaned_is_refused_in_one_sentence(name: str):
    with pytest.raises(ValueError, match=r"^[A-Z][^\n]*\.$"):
        clean_svg(REFUSED[name])


def test_there_are_enough_hostile_drawings():
    assert len(CLEANED) >= 40 and len(REFUSED) >= 15


def test_a_good_drawing_stays_as_it_is():
    inside = (
        '<defs><linearGradient id="sky"><stop offset="0" stop-color="#87ceeb"/></linearGradient>'
        '<marker id="tip"><path d="M0 0L9 4"/></marker></defs>'
        '<g transform="rotate(30 5 5)"><path d="M0,0 C1e1-2 3.5.5 9 9z" fill="url(#sky)" marker-end="url(#tip)"/>'
        '<text x="1" font-family="Georgia, serif">Größe <tspan fill="red">5 &lt; 6</tspan> &amp; mehr</text></g>'
    )
    drawing = clean_svg(svg(inside))
    assert drawing.left_out == []
    assert inside in drawing.svg


def test_a_style_becomes_attributes():
    drawing = clean_svg(svg('<circle r="3" fill="red" style="fill: #00f; stroke-width:2px; cursor: crosshair"/>'))
    assert '<circle r="3" fill="#00f" stroke-width="2px"/>' in drawing.svg
    assert drawing.left_out == ["cursor"]


def test_cleaning_twice_changes_nothing():
    once = clean_svg(svg('<g style="fill:red"><circle r="3"/></g>')).svg
    assert clean_svg(once).svg == once


@pytest.mark.parametrize(
    ("said", "size_px"),
    [
        ('viewBox="0 0 40 20"', (40, 20)),
        ('width="100" height="50"', (100, 50)),
        ('width="100px" viewBox="0 0 40 20"', (100, 50)),
        ('height="100" viewBox="0,0,40,20"', (200, 100)),
        ("", (300, 150)),
        ('width="100%" height="100%" viewBox="0 0 40 20"', (40, 20)),
        ('width="9000" height="4500"', (4000, 2000)),
    ],
)
def test_the_size_follows_what_the_drawing_says(said: str, size_px: tuple[int, int]):
    drawing = clean_svg(f"<svg {said}><circle r='3'/></svg>")
    assert (drawing.width_px, drawing.height_px) == size_px


def test_it_is_quick_for_the_largest_drawing():
    inside = "<g><path d='M0 0L1 1'/></g>" * 1_900
    assert len(clean_svg(svg(inside)).svg) < MAX_BYTES


_NAMES = st.sampled_from([*sorted(ELEMENTS), "script", "use", "image", "a", "style", "foreignObject", "animate"])
_SAID = st.sampled_from(["fill", "style", "onclick", "href", "id", "d", "clip-path", "font-family", "stroke-dasharray"])
_VALUES = st.one_of(
    st.text(max_size=30),
    st.sampled_from(["url(#a)", "url(https://evil.example)", "javascript:alert(1)", "fill:url(data:x)", "1 2", "red"]),
)


def _element(children: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    def build(name: str, attributes: dict[str, str], inside: list[str]) -> str:
        said = "".join(f' {key}="{_escaped(value)}"' for key, value in attributes.items())
        return f"<{name}{said}>{''.join(inside)}</{name}>"

    return st.builds(build, _NAMES, st.dictionaries(_SAID, _VALUES, max_size=3), st.lists(children, max_size=3))


def _escaped(text: str) -> str:
    letters = (letter for letter in text if letter.isprintable())
    return "".join({"&": "&amp;", "<": "&lt;", '"': "&quot;"}.get(letter, letter) for letter in letters)


@settings(max_examples=150, deadline=None)
@given(st.recursive(st.sampled_from(["", "words", "<circle r='1'/>"]), _element, max_leaves=12))
def test_whatever_is_nested_in_whatever_only_the_good_is_left(inside: str):
    root = etree.fromstring(clean_svg(svg(inside)).svg)
    for element in root.iter():
        assert str(element.tag).removeprefix("{http://www.w3.org/2000/svg}") in ELEMENTS
        for name, value in element.attrib.items():
            assert name in ATTRIBUTES
            assert "url" not in value.lower() or re.search(r"url\(\s*['\"]?#", value) or name == "font-family"
            assert ":" not in value


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=200), st.binary(max_size=200).map(lambda data: "<svg " + data.decode("latin-1"))))
def test_any_text_is_a_drawing_or_refused(text: str):
    try:
        cleaned = clean_svg(text).svg
    except ValueError as error:
        assert str(error).endswith(".")
    else:
        assert cleaned.startswith("<svg ")


def test_a_letter_carries_no_thousands_of_marks():
    marks = "\u0301" * 60_000
    assert clean_svg(f'<svg xmlns="http://www.w3.org/2000/svg"><text>a{marks}</text></svg>').svg.count("\u0301") == 8
