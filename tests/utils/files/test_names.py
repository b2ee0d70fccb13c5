"""File names from any text."""

import zipfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from utils.files.names import free_file_name, safe_name


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Rain and snow", "Rain and snow"),
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\Windows\\x", "C--Windows-x"),
        (".hidden", "hidden"),
        ("CON", "CON-"),
        ("com1.txt", "com1.txt-"),
        ("Console", "Console"),
        ("a\nb\x00c\u202ed", "a b c d"),
        ("", "conversation"),
        ("...", "conversation"),
        ("日本語 🎉", "日本語 🎉"),
    ],
)
def test_names_stay_as_they_were_where_they_may(text: str, name: str):
    assert safe_name(text) == name


@given(st.text())
def test_any_text_gives_a_name_for_any_system(text: str):
    name = safe_name(text)
    assert 0 < len(name.encode()) <= 130
    assert not set(name) & set('<>:"/\\|?*\0\n') and name[0] not in ". " and name[-1] not in ". "
    assert zipfile.Path(zipfile.ZipFile(BytesIO(), "w"), name).name == name


def test_no_name_comes_twice_in_whatever_capitals():
    names: list[str] = []
    for text in ["Rain", "rain", "RAIN", "Rain"]:
        names.append(free_file_name(text, ".md", names))
    assert names == ["Rain.md", "rain (2).md", "RAIN (3).md", "Rain (4).md"]
