"""Keys of people, as `make key` makes them."""

import pytest
import typer
from typer.testing import CliRunner, Result

from controller.people.identity import person_keys
from settings import Settings
from view.terminal.key import main


def run(*arguments: str) -> Result:
    application = typer.Typer()
    application.command()(main)
    return CliRunner().invoke(application, arguments)


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"SIGN_IN": "cloudflare", "CF_ACCESS_TEAM": "team", "CF_ACCESS_AUD": "audience"}.items():
        monkeypatch.setenv(name, value)


def test_a_key_is_shown_once_and_opens_until_it_is_taken_back(people: None):
    key = run("Ann@Example.org").output.strip()
    keys = person_keys(Settings.load())
    assert keys.person(key) == "ann@example.org" and key not in keys.file.read_text()
    assert run("--revoke", "ann@example.org").output.strip() == "1 revoked."
    assert keys.person(key) == ""


def test_keys_are_refused_for_what_is_no_address_and_where_nobody_signs_in(people: None, monkeypatch):
    assert run("ann").exit_code == 2
    monkeypatch.setenv("SIGN_IN", "")
    assert "API_KEYS" in run("ann@example.org").output


def test_a_file_of_keys_that_holds_something_else_is_not_written_over(people: None):
    keys = person_keys(Settings.load())
    keys.file.parent.mkdir()
    keys.file.write_text("[1, 2")
    assert run("ann@example.org").exit_code == 1
    assert keys.file.read_text() == "[1, 2" and keys.person("x") == ""
