"""`.env`: one variable is changed, all else stays as it was, and what is read again is what was written."""

import stat
from io import StringIO
from pathlib import Path

import pytest
from dotenv import dotenv_values
from hypothesis import given
from hypothesis import strategies as st

from utils.files.env_file import env_stamp
from utils.files.env_writing import changed_env, write_env

FILE = """# My keys
GROQ_API_KEY=old   # from work

export OPENAI_API_KEY='a b'
GROQ_API_KEY = "older"
this is no line
LLM_MODEL="two
lines"
"""


def read(text: str) -> dict[str, str | None]:
    return dict(dotenv_values(stream=StringIO(text)))


def test_a_new_variable_comes_last_and_all_else_stays():
    assert changed_env(FILE, {"MISTRAL_API_KEY": "k"}) == f"{FILE}MISTRAL_API_KEY=k\n"
    assert changed_env("A=1", {"B": "2"}) == "A=1\nB=2\n"
    assert changed_env("", {"B": "2"}) == "B=2\n"


def test_a_known_one_is_changed_once_with_the_comments_and_lines_around_it():
    changed = changed_env(FILE, {"GROQ_API_KEY": "new"})
    assert changed == FILE.replace("GROQ_API_KEY=old   # from work\n", "").replace(
        'GROQ_API_KEY = "older"', "GROQ_API_KEY=new"
    )
    assert "old" not in changed


def test_a_comment_behind_the_value_stays():
    assert changed_env("A=1  # one\nB=2\n", {"A": "3"}) == "A=3  # one\nB=2\n"
    assert changed_env("A='# no comment'\n", {"A": "3"}) == "A=3\n"
    assert changed_env("A=\n", {"A": "3"}) == "A=3\n"


def test_windows_lines_stay_windows_lines():
    assert changed_env("A=1\r\nB=2\r\n", {"A": "3", "C": "4"}) == "A=3\r\nB=2\r\nC=4\r\n"


KEYS = [
    "",
    "sk-abc_123",
    "a#b",
    "#a",
    "a'b",
    'a"b',
    "'a'",
    "a\\",
    "\\'",
    "a$b",
    "$HOME",
    "a b",
    "ä🔑",
    "a=b",
    "x" * 10_000,
]


@pytest.mark.parametrize("value", KEYS)
@pytest.mark.parametrize("before", ["", FILE, "A=it's\nB='b'\n"])
def test_what_is_read_again_is_what_was_written(value: str, before: str):
    assert read(changed_env(before, {"A": value})) == read(before) | {"A": value}


@pytest.mark.parametrize("value", ["${HOME}", "a${B}c"])
def test_what_would_be_read_otherwise_is_refused(value: str):
    with pytest.raises(ValueError, match="A can't be written") as caught:
        changed_env("B=2\n", {"A": value})
    assert value not in str(caught.value)


VALUES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@given(before=st.text(st.sampled_from("AB='\"#\\ \n\r\t$"), max_size=20), value=VALUES)
def test_no_value_changes_another_variable(before: str, value: str):
    try:
        changed = changed_env(before, {"NEW": value})
    except ValueError:
        return
    assert read(changed) == read(before) | {"NEW": value}


def test_the_file_is_its_owners_alone(tmp_path: Path):
    file = tmp_path / ".env"
    file.write_text("A=1\n")
    file.chmod(0o644)
    before = env_stamp(file)
    write_env(file, {"B": "2"})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600 and file.read_text() == "A=1\nB=2\n"
    assert env_stamp(file) not in (before, None)


def test_a_file_that_can_not_be_read_is_not_written_over(tmp_path: Path):
    (tmp_path / ".env").mkdir()
    with pytest.raises(OSError):
        write_env(tmp_path / ".env", {"A": "1"})


def test_an_old_encoding_becomes_utf_8(tmp_path: Path):
    file = tmp_path / ".env"
    file.write_bytes("# Schlüssel\nA=1\n".encode("utf-16"))
    write_env(file, {"A": "2"})
    assert file.read_text(encoding="utf-8") == "# Schlüssel\nA=2\n"
