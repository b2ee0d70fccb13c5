"""A page with several tools shows of each what its own page shows, and nothing of those that are not chosen."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from model.assistant import Assistant
from model.assistant_store import AssistantStore
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen
from view.services import services

Open = Callable[..., Screen]


@pytest.fixture
def picked(open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return what opens the page with an assistant that has these tools."""
    monkeypatch.setenv("CODE_SANDBOX", "monty")

    def pick(*tools: str) -> Screen:
        one = AssistantStore(tmp_path / "assistants" / "own").save(Assistant("One", tools=tools, asks_first=False))
        screen = open_page("assistants")
        screen.app.button(f"bna.assistants.pick.{one.id}").click().run()
        return screen

    yield pick
    services().toolbox.sandboxes.end()


def code(source: str) -> tuple[str, str]:
    return "run_code", json.dumps({"code": source})


def test_code_shows_its_table_and_the_way_into_the_editor(picked: Open, server: ScriptedServer):
    screen = picked("run_code", "web_search")
    server.script(Reply(tool_calls=[code("[{'n': 1}, {'n': 2}]")]), Reply("Here."))
    screen.ask("Numbers, please.")
    assert len(screen.answer.dataframe) == 1
    screen.click("Edit and run")
    assert [area.value for area in screen.app.text_area if area.label == "Python"] == ["[{'n': 1}, {'n': 2}]"]


def test_json_is_a_tree_with_its_steps(picked: Open, server: ScriptedServer):
    screen = picked("json_mode", "run_code")
    server.script(Reply("```python\n6 * 7\n```"), Reply('{"answer": 42}'))
    screen.ask("What is 6 times 7?")
    assert [json.loads(tree.value) for tree in screen.app.json] == [{"answer": 42}]
    assert "Value:\n42" in [block.value for block in screen.answer.code]


def test_what_is_not_chosen_is_not_there(picked: Open):
    screen = picked("web_search")
    assert "Write code" not in screen.buttons
    assert not screen.app.file_uploader


def test_documents_have_their_place_in_the_sidebar(picked: Open):
    screen = picked("documents")
    assert any(box.label.startswith("All files of a folder") for box in screen.app.file_uploader)
