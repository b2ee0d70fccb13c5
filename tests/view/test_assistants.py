"""Assistants on the page: picked, made, changed, deleted, taken along and taken in."""

from collections.abc import Callable
from pathlib import Path

import pytest

from model.assistant_store import AssistantStore
from model.store import JsonStore
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen, wire


@pytest.fixture
def screen(open_page: Callable[..., Screen]) -> Screen:
    return open_page("assistants")


@pytest.fixture
def assistants(tmp_path: Path) -> AssistantStore:
    return AssistantStore(tmp_path / "assistants" / "own")


def press(screen: Screen, action: str, assistant_id: str) -> None:
    screen.app.button(f"bna.assistants.{action}.{assistant_id}").click().run()


def fill(screen: Screen, label: str, value: object) -> None:
    boxes = [*screen.app.text_input, *screen.app.text_area, *screen.app.multiselect, *screen.app.toggle]
    [box] = [box for box in boxes if box.label == label and ".form." in (box.key or "")]
    box.set_value(value)


def markdown(screen: Screen) -> str:
    return "\n".join(part.value for part in screen.app.markdown)


def test_three_assistants_come_with_it(screen: Screen):
    shown = markdown(screen)
    assert all(name in shown for name in ("Data Analyst", "Researcher", "Socratic Tutor"))
    assert not screen.errors


def test_a_picked_assistant_opens_the_conversation_with_its_instructions(
    screen: Screen, server: ScriptedServer, store: JsonStore
):
    press(screen, "pick", "socratic-tutor")
    assert "Quiz me on the planets." in screen.buttons
    server.script(Reply("What do you know already?"))
    screen.click("Quiz me on the planets.")
    assert wire(server)[0][0] == "system" and "patient tutor" in wire(server)[0][1]
    assert wire(server)[-1] == ("user", "Quiz me on the planets.")
    saved = store.load(store.names()[0])
    assert saved.messages[0].role == "system"
    assert saved.messages[0].assistant == {"id": "socratic-tutor", "name": "Socratic Tutor", "emoji": "🎓"}
    assert saved.options.temperature == 0.4
    assert [expander.label for expander in screen.app.expander if "Tutor" in expander.label] == [
        "🎓 **Socratic Tutor**"
    ]
