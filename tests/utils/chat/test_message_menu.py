"""A mark has no look and no sound, and tells texts apart."""

from hypothesis import given
from hypothesis import strategies as st

from view.chat.message_actions.message_menu import invisible_tag


@given(st.text())
def test_any_text_makes_a_mark_of_white_space(text: str):
    assert set(invisible_tag(text)) <= {" ", "\t"}


def test_other_texts_have_other_marks():
    assert len({invisible_tag(f"message {number}") for number in range(1000)}) == 1000
