"""Code is found where a message has it, and only there."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.text.code_blocks import fenced, first_block, is_python, only_block


@given(st.text().filter(lambda text: "\r" not in text and text == text.strip("\n")))
def test_what_is_fenced_comes_back(text: str):
    assert only_block(fenced(text, "python")) == text.strip("\n")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```python\nx = 1\n```", "x = 1"),
        ("  ```\nx = 1\n```\n", "x = 1"),
        ("~~~py\nx = 1\n~~~", "x = 1"),
        ("```Python3\nx\n\ny\n```", "x\n\ny"),
        ("````python\ns = '''\n```\n'''\n````", "s = '''\n```\n'''"),
        ("Run this:\n```python\nx = 1\n```", ""),
        ("```python\nx = 1\n```\nWhy?", ""),
        ("```python\nx\n```\n```python\ny\n```", ""),
        ("```bash\nls\n```", ""),
        ("`x`", ""),
        ("", ""),
    ],
)
def test_only_a_message_that_is_one_block_of_python_is_code(text: str, code: str):
    assert only_block(text) == code


def test_the_first_block_is_found_even_when_its_end_was_cut_off():
    assert first_block("Sure!\n```python\nprint(1)\n```\nand\n```\nprint(2)\n```") == "print(1)"
    assert first_block("```python\nprint(1)\nprint(2") == "print(1)\nprint(2"
    assert first_block("no code") == ""


@pytest.mark.parametrize("text", ["print(1)", "1 + 1", "x = 3", "for n in range(3):\n    print(n)"])
def test_programs_are_python(text: str):
    assert is_python(text)


@pytest.mark.parametrize("text", ["Hello", "Hello there.", "42", "", "It is 7.", "(" * 100_000, "\0"])
def test_words_and_numbers_are_no_programs(text: str):
    assert not is_python(text)
