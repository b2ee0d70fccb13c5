"""What is kept of a Google account, and of a consent that is waited for."""

from pathlib import Path

import pytest

from model.log.google.account import AccountFile, GoogleAccount
from model.log.google.states import LASTS_S, ConsentFile


def test_the_refresh_token_is_nowhere_on_the_disk_as_it_is(tmp_path: Path):
    file = AccountFile(tmp_path / "account")
    file.change(lambda kept: kept.with_token("1//refresh-token", "secret"))
    assert b"refresh-token" not in file.path.read_bytes() and file.path.stat().st_mode & 0o077 == 0
    assert file.read().token("secret") == "1//refresh-token"
    assert "refresh-token" not in repr(file.read())


def test_a_token_that_was_sealed_with_another_secret_is_none(tmp_path: Path):
    account = GoogleAccount().with_token("token", "secret")
    assert account.token("another") == "" and account.token("") == ""
    assert account.with_token("token", "secret").sealed_token != account.sealed_token


@pytest.mark.parametrize("text", ["", "[]", "{", '{"sealed_token": 5}', '{"salt": "zz", "sealed_token": "x"}', "null"])
def test_a_damaged_file_is_as_if_nothing_were_connected(tmp_path: Path, text: str):
    file = AccountFile(tmp_path / "account")
    file.path.write_text(text)
    assert file.read().token("secret") == ""


def test_a_state_is_good_once(tmp_path: Path):
    consents = ConsentFile(tmp_path / "consents")
    state, begun = consents.begin("drive", "http://127.0.0.1:8501/Google")
    assert state not in consents.path.read_text() and len(state) >= 43
    taken = consents.take(state)
    assert taken and (taken.purpose, taken.verifier) == ("drive", begun.verifier)
    assert consents.take(state) is None


def test_a_state_is_good_for_ten_minutes(tmp_path: Path):
    now = [1000.0]
    consents = ConsentFile(tmp_path / "consents", lambda: now[0])
    early, _ = consents.begin("drive", "http://127.0.0.1/Google")
    now[0] += LASTS_S - 1
    late, _ = consents.begin("drive", "http://127.0.0.1/Google")
    now[0] += 1
    assert consents.take(early) is None and consents.take(late) is not None


def test_a_state_of_somebody_else_is_none(tmp_path: Path):
    state, _ = ConsentFile(tmp_path / "ann").begin("drive", "http://127.0.0.1/Google")
    assert ConsentFile(tmp_path / "bob").take(state) is None


def test_only_the_newest_are_waited_for(tmp_path: Path):
    consents = ConsentFile(tmp_path / "consents")
    first, _ = consents.begin("drive", "http://127.0.0.1/Google")
    for _ in range(20):
        last, _ = consents.begin("drive", "http://127.0.0.1/Google")
    assert consents.take(first) is None and consents.take(last) is not None
