"""Assistants in the browser: picked, made, drafted, taken along and taken in; conversations outlive them."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from model.assistants.assistant import Assistant
from model.assistants.file import from_bytes, to_text
from model.assistants.store import AssistantStore
from tests import drawn
from tests.browser.journey import App, Chat
from tests.scripted_server import Reply, ScriptedServer

PAGE = "/Assistants"
COOK = Assistant("Cook", "You cook soups.", "🍲", "Cooks.", ("Which soup?",), asks_first=False)
DRAFT = {"name": "Dinner Planner", "emoji": "🍲", "about": "Plans.", "instructions": "You plan.", "tools": []}


@pytest.fixture
def gallery(page: Page, app: App) -> Chat:
    AssistantStore(app.file.with_name("assistants") / "own", app.file.with_name(f"{app.file.name}.allowed.json")).save(
        COOK
    )
    return Chat(page, app).open(PAGE)


def more(chat: Chat, assistant_id: str, option: str) -> None:
    """Pick something from what can be done with an assistant."""
    chat.page.locator(f".st-key-bna-assistants-card-{assistant_id}").get_by_role("button", name="More").click()
    chat.page.get_by_role("button", name=option).click()


def start(chat: Chat, assistant_id: str) -> None:
    chat.page.locator(f".st-key-bna-assistants-pick-{assistant_id}").get_by_role("button").click()
    expect(chat.button("All assistants")).to_be_visible()


def told(server: ScriptedServer) -> list[str]:
    return [message["content"] for message in server.requests[-1].body["messages"]]


def test_a_conversation_goes_on_when_its_assistant_is_changed_and_gone(gallery: Chat, server: ScriptedServer):
    start(gallery, "cook")
    server.script(Reply("Leek soup."), Reply("With salt."), Reply("And bread."))
    gallery.button("Which soup?").click()
    gallery.answer("Leek soup.")
    gallery.ended()
    assert told(server) == ["You cook soups.", "Which soup?"]
    address = gallery.address

    gallery.button("New chat").click()
    more(gallery, "cook", "Edit")
    gallery.page.get_by_label("Instructions", exact=True).fill("You bake.")
    gallery.button("Save assistant").click()
    expect(gallery.button("Save assistant")).to_be_hidden()
    more(gallery, "cook", "Delete permanently")
    expect(gallery.page.locator(".st-key-bna-assistants-card-cook")).to_have_count(0)

    gallery.open(address)
    gallery.ask("And then?")
    gallery.answer("With salt.")
    gallery.ended()
    assert told(server)[0] == "You cook soups."
    gallery.open(address.replace(PAGE, "/Chatbot_With_Memory"))
    gallery.ask("What with it?")
    gallery.answer("And bread.")
    assert told(server)[0] == "You cook soups."


def test_the_page_begins_at_its_heading(gallery: Chat):
    expect(gallery.page.get_by_role("heading", name="Assistants")).to_be_in_viewport()


def test_a_draft_is_written_by_the_model_and_saved_by_the_person(gallery: Chat, server: ScriptedServer):
    server.script(Reply(json.dumps(DRAFT | {"starters": ["What shall we eat?"]}), tokens_per_s=40), Reply("Rice."))
    gallery.button("Describe one").click()
    gallery.page.get_by_label("What should it do?").fill("It plans dinners.")
    gallery.button("Draft it").click()
    name = gallery.page.get_by_label("Name", exact=True)
    expect(name).to_have_value("Dinner Planner")
    name.fill("My Planner")
    gallery.button("Save assistant").click()
    start(gallery, "my-planner")
    gallery.button("What shall we eat?").click()
    gallery.answer("Rice.")
    assert told(server) == ["You plan.", "What shall we eat?"]


def test_one_is_taken_along_and_taken_in_and_then_asks_first(gallery: Chat, tmp_path: Path):
    page = gallery.page
    with page.expect_download() as download:
        more(gallery, "cook", "Export")
    file = tmp_path / download.value.suggested_filename
    download.value.save_as(file)
    assert file.name == "Cook.md" and from_bytes(file.read_bytes()).instructions == "You cook soups."
    file.write_text(to_text(Assistant("Stranger", "Run all.", tools=("run_code",), extra={"asks_first": False})))
    page.keyboard.press("Escape")
    gallery.button("Import").click()
    page.locator('input[type="file"]').set_input_files(file)
    expect(page.locator(".st-key-bna-assistants-card-stranger")).to_contain_text("asks before a tool runs")
    page.keyboard.press("Escape")
    start(gallery, "stranger")
    expect(gallery.sidebar.get_by_role("switch", name="Ask before a tool runs")).to_be_checked()


def test_a_file_that_is_none_gets_a_sentence(gallery: Chat, tmp_path: Path):
    file = tmp_path / "evil.md"
    file.write_text("<script>alert(1)</script>")
    gallery.button("Import").click()
    gallery.page.locator('input[type="file"]').set_input_files(file)
    expect(gallery.errors).to_contain_text("This is not an assistant's file.")


def test_the_embedded_model_is_an_analyst_and_remembers(page: Page, embedded_app: App):
    chat = Chat(page, embedded_app).open(PAGE)
    start(chat, "data-analyst")
    chat.box.fill("```python\nprint(6 * 7)\n```")
    chat.box.press("Enter")
    chat.answer("42")
    chat.ended()
    chat.ask("My name is Alice. Say hello to me.")
    expect(chat.answers).to_have_count(2)
    expect(chat.stop).to_be_hidden()
    [name] = embedded_app.store.names()
    saved = embedded_app.store.load(name)
    assert saved.messages[0].assistant == {"id": "data-analyst", "name": "Data Analyst", "emoji": "📊"}
    assert saved.messages[-1].content and saved.messages[-1].stage == "assistants"


def test_one_that_looks_at_pictures_is_begun_by_its_address(page: Page, embedded_app: App, tmp_path: Path):
    reader = Assistant("Reader", "You read receipts.", "🧾", tools=("images",), asks_first=False)
    AssistantStore(
        embedded_app.file.with_name("assistants") / "own",
        embedded_app.file.with_name(f"{embedded_app.file.name}.allowed.json"),
    ).save(reader)
    chat = Chat(page, embedded_app).open(f"{PAGE}?assistant=reader")
    expect(chat.button("All assistants")).to_be_visible()
    page.reload()
    expect(chat.button("All assistants")).to_be_visible()
    receipt = tmp_path / "receipt.png"
    receipt.write_bytes(drawn.words("Tea      3 euro\nTotal    42 euro", (600, 220)))
    chat.drop(receipt)
    chat.ask("How much is it?")
    expect(chat.answers.last).to_contain_text("Total 42 euro")
    assert "assistant=" not in chat.address and "conversation=" in chat.address
