"""Front matter: values on top of a text, there and back, and a sentence for whatever is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.files.front_matter import join, split

KEYS = st.from_regex(r"[A-Za-z_][A-Za-z0-9_-]{0,63}", fullmatch=True)
TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner) | st.dictionaries(TEXTS, inner),
    max_leaves=10,
)
BODIES = TEXTS.map(lambda text: text.replace("\r", "").strip())


@given(st.dictionaries(KEYS, VALUES), BODIES)
def test_what_was_joined_is_split_into_the_same(values: dict[str, object], body: str):
    assert split(join(values, body)) == (values, body)


@given(st.text())
def test_any_text_is_split_or_refused_with_a_sentence(text: str):
    for whole in (text, f"---\n{text}", f"---\n{text}\n---\n"):
        try:
            split(whole)
        except ValueError as error:
            assert str(error).endswith(".")


def test_a_value_without_quotation_marks_is_taken_as_text():
    assert split('---\nname: My tutor: the 2nd\nnumber: 3\nlist: ["a"]\n---\nHello') == (
        {"name": "My tutor: the 2nd", "number": 3, "list": ["a"]},
        "Hello",
    )


def test_yaml_is_read_and_a_day_stays_a_text():
    head = "tools: [web_search]\nstarters:\n  - Why?\n  - 'How: so?'\nday: 2026-01-31\nabout: |\n  One.\n  Two.\n"
    assert split(f"---\n{head}---\n")[0] == {
        "tools": ["web_search"],
        "starters": ["Why?", "How: so?"],
        "day": "2026-01-31",
        "about": "One.\nTwo.\n",
    }


def test_comments_empty_lines_and_windows_line_ends_are_fine():
    assert split("\ufeff---\r\n# a note\r\n\r\nname: Ann\r\n---\r\n\r\nOne\r\nTwo\r\n") == ({"name": "Ann"}, "One\nTwo")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("Hello", "does not begin"),
        ("", "does not begin"),
        ("---\nname: Ann", "is missing"),
        ("---\nname\n---", "is not “key: value”"),
        ("---\na: 1\na: 2\n---", "“a” stands there twice"),
        ("---\na: &b [1]\nc: [*b, *b]\n---", "Line 3: aliases are not followed"),
        ("---\na: !!python/object/apply:os.getcwd []\n---", "Line 2"),
        ("---\na: " + "[" * 200_000 + "\n---", "nested too deep"),
    ],
)
def test_what_is_no_front_matter_is_refused(text: str, says: str):
    with pytest.raises(ValueError, match=says):
        split(text)
