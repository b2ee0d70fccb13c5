"""What reaches a terminal can only be read, not obeyed."""

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.text.terminal import clipboard_order, printable, safe_line


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2Jgone", "[2Jgone"),
        ("\x1b]52;c;aGk=\x07", "]52;c;aGk="),
        ("\x9b31mred", "31mred"),
        ("a\rb\r\nc", "a\nb\nc"),
        ("safe\u202egpj.exe", "safegpj.exe"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("é 日本 👩\u200d🚀", "é 日本 👩\u200d🚀"),
    ],
)
def test_orders_to_the_terminal_are_taken_out(text, shown):
    assert printable(text) == shown


@given(st.text())
def test_no_control_character_is_left_but_lines_and_tabs(text):
    left = printable(text)
    assert all(character in "\n\t" or not (character < " " or "\x7f" <= character <= "\x9f") for character in left)
    assert printable(left) == left


@given(st.text(), st.integers(min_value=1, max_value=50))
def test_one_line_is_one_line_and_no_longer_than_its_limit(text, limit):
    line = safe_line(text, limit)
    assert "\n" not in line
    assert len(line) <= limit


def test_the_clipboard_gets_the_very_text():
    order = clipboard_order("é\x07\x1b")
    assert base64.b64decode(order.removeprefix("\x1b]52;c;").removesuffix("\x07")).decode() == "é\x07\x1b"
