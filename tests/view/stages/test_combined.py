"""A page with several tools shows of each what its own page shows, and nothing of those that are not chosen."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from controller.attachments.intake import take_in
from controller.stages.run_code.tool import sandboxes_of
from model.assistants.assistant import Assistant
from model.assistants.store import AssistantStore
from tests import drawn
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen
from utils.text.untrusted import unfenced
from view.shell.services import services

Open = Callable[..., Screen]


@pytest.fixture
def picked(open_page: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return what opens the page with an assistant that has these tools."""
    monkeypatch.setenv("CODE_SANDBOX", "monty")

    def pick(*tools: str) -> Screen:
        one = AssistantStore(tmp_path / "assistants" / "own", tmp_path / "conversations.json.allowed.json").save(
            Assistant("One", tools=tools, asks_first=False)
        )
        screen = open_page("assistants")
        screen.app.button(f"bna.assistants.pick.{one.id}").click().run()
        return screen

    yield pick
    sandboxes_of(services().resources).end()


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
    assert "Value:\n42" in [unfenced(block.value) for block in screen.answer.code]


def test_what_is_not_chosen_is_not_there(picked: Open):
    screen = picked("web_search")
    assert "Write code" not in screen.buttons
    assert not screen.app.file_uploader


def test_documents_have_their_place_in_the_sidebar(picked: Open):
    screen = picked("documents")
    assert any(box.label.startswith("All files of a folder") for box in screen.app.file_uploader)


def test_one_that_looks_at_images_takes_pictures_and_sends_them(picked: Open, server: ScriptedServer):
    screen = picked("images")
    box = screen.app.chat_input[0].proto
    assert not box.file_type and box.accept_file and not box.accept_audio
    [toggle] = [each for each in screen.app.toggle if each.label == "scripted can see pictures"]
    toggle.set_value(True).run()
    resources = services().resources
    screen.app.session_state["bna.assistants"].attachments = list(
        take_in(resources.attachments, "a.png", drawn.words("a"))
    )
    screen.ask("What is it?")
    assert [part["type"] for part in server.requests[-1].body["messages"][-1]["content"]] == ["text", "image_url"]


def test_its_box_takes_only_what_something_reads(picked: Open):
    assert not picked("web_search").app.chat_input[0].proto.accept_file
    voice = picked("voice").app.chat_input[0].proto
    assert voice.accept_audio and list(voice.file_type) and ".png" not in voice.file_type
    assert not picked("documents", "images").app.chat_input[0].proto.file_type  # which is all


def test_pictures_and_speech_stay_an_assistants_when_tools_are_switched(open_page: Open, server: ScriptedServer):
    screen = open_page("all_together")
    conversation = screen.app.session_state["bna.all_together"].conversation
    conversation.choose(tools=["run_code", "images"])
    screen.app.run()
    pills = screen.app.pills[0]
    assert pills.value == ["run_code"]
    pills.set_value(["web_search"]).run()
    assert conversation.options.tools == ["web_search", "images"]
    pills.set_value([]).run()
    assert conversation.options.tools == ["images"] and screen.app.pills[0].value == []
