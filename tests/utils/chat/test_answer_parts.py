"""Numbers of sources become links, and nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.text.markdown import for_display
from view.chat.answer_parts import with_links

TARGETS = {1: "#one", 12: "#twelve"}


@pytest.mark.parametrize(
    ("text", "drawn"),
    [
        ("It is blue [1].", r"It is blue [\[1\]](#one)."),
        ("[1][12]", r"[\[1\]](#one)[\[12\]](#twelve)"),
        ("[1], [12]", r"[\[1\]](#one), [\[12\]](#twelve)"),
        ("- a [1]\n- b [2]", "- a [\\[1\\]](#one)\n- b [2]"),
        ("`a[1]` and [1]", r"`a[1]` and [\[1\]](#one)"),
        ("```\na[1]\n```\n[1]", "```\na[1]\n```\n[\\[1\\]](#one)"),
        ("[see [1]](https://x) [1](https://x)", r"[see [\[1\]](#one)](https://x) [1](https://x)"),
        ("[1]: https://x", "[1]: https://x"),
    ],
)
def test_known_numbers_outside_code_and_links_are_linked(text: str, drawn: str):
    assert with_links(text, TARGETS) == drawn


def test_the_links_survive_the_drawing():
    assert for_display(with_links("It is [1].", TARGETS)) == r"It is [\[1\]](#one)."


@given(st.text("ab[]()`12 \n#*", max_size=60))
def test_a_text_without_sources_stays_as_it_is(text: str):
    assert with_links(text, {}) == text
    assert with_links(text, {99: "#x"}).replace("\r", "") == with_links(text, {}) or "[99]" in text
