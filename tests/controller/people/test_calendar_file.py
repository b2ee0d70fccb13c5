"""The calendar is a person's own: it lies beside their conversations, and goes with everything else."""

from pathlib import Path

import pytest

from controller.resources import calendar_file
from settings import Settings
from view.app import RunningApp

ANN = "ann@example.org"


@pytest.mark.parametrize(
    ("variables", "name"),
    [
        ({"CONVERSATIONS_FILE": "{0}/conversations.json"}, "calendar.ics"),
        ({"CONVERSATIONS_FILE": "{0}/work.json"}, "work.calendar.ics"),
        ({"DATABASE_URL": "sqlite:///{0}/mine.db"}, "mine.db.files/calendar.ics"),
    ],
)
def test_it_lies_beside_the_conversations(variables: dict[str, str], name: str, tmp_path: Path):
    settings = Settings.from_env({key: value.format(tmp_path) for key, value in variables.items()})
    assert calendar_file(settings) == tmp_path / name


@pytest.mark.parametrize("person", ["", ANN])
@pytest.mark.parametrize("file", ["conversations.json", "work.json"])
def test_it_is_counted_and_goes_with_everything_else(
    person: str, file: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("CONVERSATIONS_FILE", str(tmp_path / file))
    app = RunningApp()
    path = app.services_of(person).resources.calendar_file
    path.parent.mkdir(parents=True, exist_ok=True)
    before = app.services_of(person).account.holdings().size_bytes
    path.write_text("x" * 5_000)
    path.with_name(f"{path.name}.lock").touch()
    assert app.services_of(person).account.holdings().size_bytes >= before + 5_000
    app.delete_all_of(person)
    assert not path.exists() and not path.with_name(f"{path.name}.lock").exists()
