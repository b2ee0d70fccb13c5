"""Home: every stage, who answers, and a way to begin at once."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from controller.chat.turns import Turns
from controller.stages import STAGES
from model.errors import StoreUnwritable
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import wire


def popovers(app: AppTest) -> dict[str, Any]:
    """Return what opens over the page, by its label."""
    blocks: Any = app.main.get("popover")
    return {block.proto.popover.label: block for block in blocks}


def text_of(home) -> str:
    return "\n".join(part.value for part in home.app.markdown)


def test_every_stage_is_a_card_with_a_link_and_what_it_adds(open_page):
    home = open_page()
    links = {link.label: link.proto.page for link in home.app.main.get("page_link")}
    for stage in STAGES:
        assert f"**{stage.number}. {stage.title}**" in links
        assert stage.adds in home.captions


def test_provider_and_model_in_use_are_named(open_page):
    assert "**OpenAI** answers, with scripted." in text_of(open_page())


def test_with_a_provider_of_ones_own_nothing_stronger_is_advertised(open_page):
    home = open_page().app
    assert "Use a stronger model" not in popovers(home)
    assert "**Get a stronger model**" not in [link.label for link in home.main.get("page_link")]


def test_the_embedded_model_says_how_to_bring_a_stronger_one(open_page, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LLM_PROVIDER", "embedded")
    monkeypatch.setenv("LLM_MODEL", "")
    monkeypatch.setenv("OPENAI_API_KEY", "")
    home = open_page()
    assert "**Embedded** answers, with SmolLM2" in text_of(home)
    box = popovers(home.app)["Use a stronger model"]
    told = "\n".join(part.value for part in [*box.markdown, *box.code])
    assert all(way in told for way in (".env", "Ollama", "LOCAL_MODEL_PATH="))
    assert "Add a key in Settings" in [link.label for link in box.get("page_link")]
    assert "**Get a stronger model**" in [link.label for link in home.app.main.get("page_link")]


def test_a_question_asked_here_goes_on_in_stage_2(open_page, server: ScriptedServer):
    server.script(Reply("Hello Alice"), Reply("Alice"))
    home = open_page()
    home.ask("My name is Alice.")
    assert home.messages == [("user", "My name is Alice."), ("assistant", "Hello Alice")]
    home.ask("What is my name?")
    assert wire(server)[-3:] == [
        ("user", "My name is Alice."),
        ("assistant", "Hello Alice"),
        ("user", "What is my name?"),
    ]


def test_a_question_asked_here_begins_a_new_conversation(open_page, server: ScriptedServer):
    tab = open_page("chatbot_with_memory")
    tab.ask("First")
    tab.app.switch_page("Home.py").run()
    tab.ask("Second")
    assert [text for _, text in tab.messages][::2] == ["Second"]
    assert wire(server) == [("user", "Second")]


def test_a_question_that_can_not_be_asked_waits_in_the_box_of_stage_2(open_page, monkeypatch: pytest.MonkeyPatch):
    def refuse(*_: object) -> None:
        raise StoreUnwritable("The disk is full.", "Make room.")

    monkeypatch.setattr(Turns, "start", refuse)
    home = open_page()
    home.ask("A long question")
    assert home.errors == ["The disk is full. Make room."] and home.app.chat_input[0].value == "A long question"
