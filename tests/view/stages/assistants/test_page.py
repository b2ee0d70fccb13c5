"""Assistants on the page: picked, made, changed, deleted, taken along and taken in."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from model.assistants.assistant import Assistant
from model.assistants.file import to_text
from model.assistants.store import AssistantStore
from model.store.json_store import JsonStore
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen, wire
from utils.text.markdown import plain


@pytest.fixture
def screen(open_page: Callable[..., Screen]) -> Screen:
    return open_page("assistants")


@pytest.fixture
def assistants(tmp_path: Path) -> AssistantStore:
    return AssistantStore(tmp_path / "assistants" / "own", tmp_path / "conversations.json.allowed.json")


def press(screen: Screen, action: str, assistant_id: str) -> None:
    screen.app.button(f"bna.assistants.{action}.{assistant_id}").click().run()


def fill(screen: Screen, label: str, value: object) -> None:
    boxes = [*screen.app.text_input, *screen.app.text_area, *screen.app.multiselect, *screen.app.toggle]
    [box] = [box for box in boxes if box.label == label and ".form." in (box.key or "")]
    box.set_value(value)


def markdown(screen: Screen) -> str:
    return "\n".join(part.value for part in screen.app.markdown)


def test_three_assistants_come_with_it(screen: Screen):
    assert {"📊 Data Analyst", "🔎 Researcher", "🎓 Socratic Tutor"} <= set(screen.subheaders)
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
    assert (box := screen.app.chat_message[-1]).name == "assistant Socratic Tutor" and box.avatar == "🎓"


def test_the_conversation_opens_on_another_page_when_the_assistant_is_gone(
    screen: Screen, open_page: Callable[..., Screen], assistants: AssistantStore, server: ScriptedServer
):
    cook = assistants.save(Assistant("Cook", "You cook.", starters=("Soup?",)))
    screen.app.run()
    press(screen, "pick", cook.id)
    server.script(Reply("Broth."))
    screen.click("Soup?")
    assistants.delete(cook.id)
    elsewhere = open_page("chatbot_with_memory", screen.address)
    elsewhere.ask("More?")
    assert [content for _, content in wire(server)] == ["You cook.", "Soup?", "Broth.", "More?"]
    assert any("Cook" in expander.label for expander in elsewhere.app.expander)


def test_the_address_names_who_is_picked_and_opens_it_in_another_tab(screen: Screen, open_page: Callable[..., Screen]):
    press(screen, "pick", "researcher")
    assert screen.app.query_params["assistant"] in ("researcher", ["researcher"])
    elsewhere = open_page("assistants", assistant="researcher")
    assert "Start" not in elsewhere.buttons and "🔎 Researcher" in elsewhere.subheaders
    elsewhere.click("All assistants")
    assert "Start" in elsewhere.buttons and "assistant" not in elsewhere.app.query_params


def test_an_address_that_names_nobody_says_so(open_page: Callable[..., Screen]):
    screen = open_page("assistants", assistant="../nobody")
    assert screen.errors == ["This assistant is no longer there. Pick another one."] and "Start" in screen.buttons


def test_new_conversation_leads_back_to_all_assistants(screen: Screen):
    press(screen, "pick", "researcher")
    assert "Start" not in screen.buttons
    screen.click("New chat")
    assert "Start" in screen.buttons


def test_one_is_made_in_the_form(screen: Screen, assistants: AssistantStore):
    screen.click("New")
    fill(screen, "Name", "Cook")
    fill(screen, "Emoji", "🍲")
    fill(screen, "Instructions", "You cook.")
    fill(screen, "Starters", "Soup?\n\n  Stew? ")
    fill(screen, "Tools", ["web_search"])
    screen.click("Save assistant")
    [cook] = [one for one in assistants.all()[0] if not one.is_shipped]
    assert (cook.name, cook.emoji, cook.starters, cook.tools) == ("Cook", "🍲", ("Soup?", "Stew?"), ("web_search",))
    assert not cook.asks_first
    assert "🍲 Cook" in screen.subheaders


def test_what_can_not_be_saved_is_told_and_stays_in_the_form(screen: Screen, assistants: AssistantStore):
    screen.click("New")
    fill(screen, "Instructions", "You cook.")
    screen.click("Save assistant")
    assert screen.errors == ["An assistant needs a name. Give it one."]
    assert [area.value for area in screen.app.text_area if area.label == "Instructions"] == ["You cook."]
    fill(screen, "Name", "Cook")
    fill(screen, "Emoji", "x")
    screen.click("Save assistant")
    assert "emoji" in screen.errors[0] and len(assistants.all()[0]) == 3


def test_cancel_changes_nothing(screen: Screen, assistants: AssistantStore):
    screen.click("New")
    fill(screen, "Name", "Cook")
    screen.click("Cancel")
    assert len(assistants.all()[0]) == 3 and "New" in screen.buttons


def test_an_own_one_is_changed_duplicated_and_deleted(screen: Screen, assistants: AssistantStore):
    cook = assistants.save(Assistant("Cook", "You cook.", extra={"colour": "red"}))
    screen.app.run()
    press(screen, "edit", cook.id)
    fill(screen, "Name", "Chef")
    screen.click("Save assistant")
    assert assistants.load(cook.id).name == "Chef" and assistants.load(cook.id).extra == {"colour": "red"}
    press(screen, "copy", cook.id)
    assert [one.name for one in assistants.all()[0]][:2] == ["Chef", "Chef (copy)"]
    press(screen, "delete", cook.id)
    assert [one.name for one in assistants.all()[0]][:1] == ["Chef (copy)"]


def test_one_that_comes_with_it_is_edited_as_a_copy(screen: Screen, assistants: AssistantStore):
    press(screen, "edit", "socratic-tutor")
    fill(screen, "Name", "My Tutor")
    screen.click("Save assistant")
    assert assistants.load("my-tutor").instructions == assistants.load("socratic-tutor").instructions
    assert len(assistants.all()[0]) == 4


def test_an_imported_one_asks_before_tools_run_until_the_switch_says_otherwise(
    screen: Screen, assistants: AssistantStore
):
    data = to_text(Assistant("Stranger", "Run all.", tools=("run_code",), extra={"asks_first": False})).encode()
    upload(screen, "stranger.md", data)
    assert assistants.load("stranger").asks_first
    press(screen, "pick", "stranger")
    assert asks_first(screen)
    screen.click("All assistants")
    assert not asks_first(screen)
    press(screen, "edit", "stranger")
    [toggle] = [each for each in screen.app.toggle if ".form." in (each.key or "")]
    toggle.set_value(False)
    screen.click("Save assistant")
    press(screen, "pick", "stranger")
    assert not asks_first(screen)


def asks_first(screen: Screen) -> bool:
    [toggle] = [each for each in screen.app.sidebar.toggle if each.label == "Ask before a tool runs"]
    return bool(toggle.value)


def upload(screen: Screen, name: str, data: bytes) -> None:
    [box] = [box for box in screen.app.file_uploader if box.label == "An assistant's file"]
    box.set_value((name, data, "text/markdown")).run()


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"---\nname: x", b"<script>alert(1)</script>"])
def test_a_hostile_file_gets_a_sentence(screen: Screen, assistants: AssistantStore, data: bytes):
    upload(screen, "x.md", data)
    assert len(screen.errors) == 1 and len(assistants.all()[0]) == 3


def test_markup_in_names_and_texts_is_shown_as_it_is(screen: Screen, assistants: AssistantStore):
    evil = "![x](http://evil.example/x) <img src=x> :red[hi] $x^2$"
    cook = assistants.save(Assistant(evil, evil, about=evil, starters=(evil,), tools=(evil[:20],)))
    screen.app.run()
    assert plain(evil) in markdown(screen) and f"{cook.emoji} {plain(evil)}" in screen.subheaders
    press(screen, "pick", cook.id)
    screen.click(plain(evil))
    assert [each.label for each in screen.app.expander if "evil" in each.label] == [f"💬 **{plain(evil)}**"]


def test_a_broken_file_is_told_beside_the_others(screen: Screen, assistants: AssistantStore):
    assistants.save(Assistant("Cook"))
    (assistants.folder / "broken.md").write_text("nothing")
    screen.app.run()
    assert any("broken.md" in caption for caption in screen.captions)
    assert "💬 Cook" in screen.subheaders


def test_a_model_drafts_one_that_stands_in_the_form(screen: Screen, server: ScriptedServer, assistants: AssistantStore):
    draft = {"name": "Dinner Planner", "emoji": "🍲", "about": "Plans.", "instructions": "You plan.", "tools": []}
    server.script(Reply(json.dumps(draft | {"starters": ["What shall we eat?"]})))
    screen.click("Describe one")
    [box] = [area for area in screen.app.text_area if area.label == "What should it do?"]
    box.set_value("It plans dinners.")
    screen.click("Draft it")
    assert "Name" in [box.label for box in screen.app.text_input]
    assert len(assistants.all()[0]) == 3
    screen.click("Save assistant")
    assert assistants.load("dinner-planner").starters == ("What shall we eat?",)


def test_a_draft_that_fails_says_why(screen: Screen, server: ScriptedServer):
    server.default_reply = Reply("no")
    screen.click("Describe one")
    screen.app.text_area[0].set_value("It plans dinners.")
    screen.click("Draft it")
    assert any("draft can't be used" in error for error in screen.errors)
