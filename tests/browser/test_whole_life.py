"""A conversation's whole life in the browser: found, changed, branched, deleted and undone, temporary, gone on with."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

from model.chat.conversation import Conversation
from model.chat.message import INTERRUPTED, Message
from tests.browser.journey import App, Chat
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import wait_until


@pytest.fixture
def talked(chat: Chat, server: ScriptedServer) -> Chat:
    """Return a page with two turns."""
    for number in (1, 2):
        server.script(Reply(f"Answer {number}"))
        chat.ask(f"Question {number}")
        chat.answer(f"Answer {number}")
        chat.ended()
    return chat


def saved(chat: Chat, name: str) -> list[str]:
    """Return what is on disk under a name, on the branch that is shown."""
    return [message.content for message in chat.app.store.load(name).messages]


def gone_from_disk(app: App, text: str) -> None:
    """Wait until nothing beside the conversations and in them holds a text, in whatever case."""
    files = [path for path in app.file.parent.rglob("*") if path.is_file()]

    def holds(path: Path) -> bool:
        return path.exists() and text.lower().encode() in path.read_bytes().lower()

    wait_until(lambda: not any(holds(path) for path in files), "it is still on disk")


def test_it_is_saved_by_itself_and_renamed_pinned_and_duplicated(talked: Chat):
    expect(talked.entry("Question 1")).to_be_visible()
    talked.pick("Question 1", "Rename")
    talked.page.get_by_label("New name").fill("Mine")
    talked.button("Rename").click()
    talked.pick("Mine", "Pin")
    expect(talked.sidebar.get_by_text("Pinned")).to_be_visible()
    talked.pick("Mine", "Duplicate")
    expect(talked.entry("Mine (2)")).to_be_visible()
    talked.ask("Only in the copy")
    talked.ended()
    assert len(saved(talked, "Mine")) == 4 and len(saved(talked, "Mine (2)")) == 6


def test_an_edited_question_keeps_the_old_branch(talked: Chat, server: ScriptedServer):
    server.script(Reply("Another answer"))
    talked.act(talked.questions.first, "Edit")
    talked.page.get_by_label("Your message").fill("Question one, in other words")
    talked.button("Send").click()
    talked.answer("Another answer")
    talked.ended()
    expect(talked.questions).to_have_count(1)
    expect(talked.questions.first).to_contain_text("2/2")
    talked.button("Previous version").click()
    expect(talked.questions).to_have_count(2)
    expect(talked.questions.first).to_contain_text("1/2")
    talked.answer("Answer 2")
    talked.page.reload()
    expect(talked.questions).to_have_count(2)
    assert saved(talked, "Question 1") == ["Question 1", "Answer 1", "Question 2", "Answer 2"]


def test_another_answer_stands_beside_the_first(talked: Chat, server: ScriptedServer):
    server.script(Reply("A better answer"))
    talked.act(talked.answers.last, "Regenerate")
    talked.answer("A better answer")
    talked.ended()
    expect(talked.answers.last).to_contain_text("2/2")
    talked.button("Previous version").click()
    talked.answer("Answer 2")
    talked.ask("And now?")
    talked.ended()
    sent = [message["content"] for message in server.requests[-1].body["messages"]]
    assert sent == ["Question 1", "Answer 1", "Question 2", "Answer 2", "And now?"]


def test_a_message_is_deleted_from_disk_and_brought_back(talked: Chat):
    talked.act(talked.questions.last, "Delete message")
    expect(talked.questions).to_have_count(1)
    gone_from_disk(talked.app, "Question 2")
    talked.page.get_by_role("button", name="Undo: One message deleted.").click()
    expect(talked.questions).to_have_count(2)
    assert saved(talked, "Question 1") == ["Question 1", "Answer 1", "Question 2", "Answer 2"]


def test_a_deleted_conversation_leaves_nothing_on_disk_and_is_brought_back(talked: Chat):
    talked.pick("Question 1", "Delete")
    talked.button("Yes, delete").click()
    expect(talked.entry("Question 1")).to_have_count(0)
    expect(talked.questions).to_have_count(0)
    gone_from_disk(talked.app, "Question")
    gone_from_disk(talked.app, "Answer")
    talked.page.get_by_role("button", name="Undo: “Question 1” deleted.").click()
    expect(talked.entry("Question 1")).to_be_visible()
    expect(talked.questions).to_have_count(2)


def test_a_new_conversation_goes_on_from_an_answer(talked: Chat):
    talked.act(talked.answers.first, "Branch in new chat")
    expect(talked.questions).to_have_count(1)
    expect(talked.entry("Question 1 (2)")).to_be_visible()
    assert len(saved(talked, "Question 1")) == 4


def test_a_search_opens_at_the_hit(page, app: App):
    messages = [Message(("user", "assistant")[n % 2], f"Message {n}") for n in range(300)]
    messages[41].content = "the hidden treasure is under the oak"
    app.store.save("Long", Conversation(messages))
    app.store.save("Other", Conversation([Message("user", "nothing of the kind")]))
    chat = Chat(page, app).open()
    search = chat.sidebar.get_by_label("Search")
    search.fill("oak treasure")
    search.press("Enter")
    expect(chat.sidebar.get_by_text("1 found")).to_be_visible()
    expect(chat.sidebar.locator("strong").filter(has_text="treasure")).to_be_visible()
    chat.sidebar.locator(".bna-open:has(.bna-snippet)").first.click()
    hit = chat.answers.get_by_text("the hidden treasure is under the oak")
    expect(hit).to_be_in_viewport()
    chat.stays_still()  # Streamlit rolled on to the end
    expect(hit).to_be_in_viewport(timeout=1)


def test_a_temporary_conversation_is_never_on_disk(chat: Chat, page):
    chat.sidebar.get_by_text("Temporary").click()
    chat.ask("A secret")
    chat.ended()
    chat.ask("More of it")
    chat.ended()
    assert not any(b"secret" in path.read_bytes() for path in chat.app.file.parent.rglob("*") if path.is_file())
    assert "conversation=" not in page.url
    chat.button("New chat").click()
    expect(chat.entry("A secret")).to_have_count(0)


def test_an_interrupted_answer_is_gone_on_with(page, app: App, server: ScriptedServer):
    half = Message("assistant", "Once upon a", status=INTERRUPTED)
    app.store.save("Story", Conversation([Message("user", "Tell a story"), half]))
    server.script(Reply("time there was a king."))
    chat = Chat(page, app).open()
    chat.load("Story")
    chat.button("Continue").click()
    chat.answer("Once upon a time there was a king.")
    chat.ended()
    assert saved(chat, "Story")[1] == "Once upon a time there was a king."


def test_instructions_are_heeded_and_the_panel_shows_what_was_sent(talked: Chat, page, server: ScriptedServer):
    talked.button("Chat settings").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Custom instructions", exact=True).fill("Answer like a pirate.")
    dialog.get_by_role("button", name="Apply").click()
    expect(dialog).to_be_hidden()
    talked.ask("Ahoy")
    talked.ended()
    assert server.requests[-1].body["messages"][0] == {"role": "system", "content": "Answer like a pirate."}
    talked.act(talked.answers.last, "Show request")
    expect(dialog).to_contain_text("Exactly what was sent.")
    expect(dialog).to_contain_text("Answer like a pirate.")
    expect(dialog).to_contain_text("Question 2")


def test_what_is_typed_into_the_settings_outlasts_the_end_of_an_answer(talked: Chat, page, server: ScriptedServer):
    server.script(Reply(f"{'word ' * 100}ended", tokens_per_s=15))
    talked.ask("Slowly")
    talked.button("Chat settings").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Custom instructions", exact=True).fill("Answer like a pirate.")
    expect(talked.answers.last).to_contain_text("ended")
    talked.stays_still()
    expect(dialog.get_by_label("Custom instructions", exact=True)).to_have_value("Answer like a pirate.")
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()


def test_copying_ratings_and_a_voice_for_screen_readers(app: App, new_context, server: ScriptedServer):
    context = new_context(permissions=["clipboard-read", "clipboard-write"])
    chat = Chat(context.new_page(), app).open()
    server.script(Reply("It is **bold**."))
    chat.ask("How is it?")
    chat.ended()
    expect(chat.page.get_by_role("status").filter(has_text="The answer is finished: It is")).to_have_count(1)
    chat.act(chat.answers.last, "Copy")
    expect(chat.page.get_by_text("Copied.")).to_be_visible()
    assert chat.page.evaluate("navigator.clipboard.readText()") == "It is **bold**."
    chat.act(chat.answers.last, "Good response")
    expect(chat.answers.last.get_by_role("button", name="Good response", pressed=True)).to_be_visible()
    [messages] = json.loads(app.file.read_text()).values()
    assert messages[1]["rating"] == "up"


def test_dates_are_the_readers(app: App, new_context):
    message = Message("user", "Hi", created_at="2025-03-04T12:00:00.000+00:00")
    app.store.save("Old", Conversation([message]))
    chat = Chat(new_context(locale="de-DE", timezone_id="Asia/Tokyo").new_page(), app).open()
    expect(chat.sidebar.get_by_text("Older")).to_be_visible()
    chat.load("Old")
    expect(chat.questions.first).to_contain_text("04.03.25, 21:00")


def test_two_browsers_on_one_conversation_lose_nothing(talked: Chat, new_context, server: ScriptedServer):
    other = Chat(new_context().new_page(), talked.app).open(talked.address)
    server.script(Reply("To the edit"), Reply("To the other"))
    talked.act(talked.questions.last, "Edit")
    talked.page.get_by_label("Your message").fill("Question 2, edited")
    talked.button("Send").click()
    talked.answer("To the edit")
    talked.ended()
    other.ask("From the other browser")
    other.answer("To the other")
    other.ended()
    everything = {message.content for message in talked.app.store.load("Question 1").all_messages}
    assert {"Question 2", "Answer 2", "Question 2, edited", "To the edit", "From the other browser"} <= everything


def test_what_drops_out_of_the_window_is_summarised_and_the_summary_can_be_changed(
    page, app: App, server: ScriptedServer
):
    old = [Message(("user", "assistant")[n % 2], f"Message {n}" + " word" * 300) for n in range(40)]
    app.store.save("Long", Conversation(old))
    server.script(Reply("They counted messages."), Reply("Indeed"))
    chat = Chat(page, app).open()
    chat.load("Long")
    expect(chat.answers.last).to_contain_text("Message 39")
    chat.ask("And now?")
    chat.answer("Indeed")
    chat.ended()
    summary = page.get_by_label("Chat message from system")
    expect(summary).to_contain_text("They counted messages.")
    assert "They counted messages." in server.requests[-1].body["messages"][0]["content"]
    chat.act(summary, "Edit")
    page.get_by_label("Your message").fill("They counted to 40.")
    chat.button("Send").click()
    expect(summary).to_contain_text("They counted to 40.")
    chat.ask("And then?")
    chat.ended()
    assert server.requests[-1].body["messages"][0]["content"] == "They counted to 40."
    chat.act(summary, "Delete message")
    expect(summary).to_have_count(0)
    expect(chat.questions.last).to_contain_text("And then?")


def test_usage_adds_up_what_was_asked(talked: Chat, page):
    talked.sidebar.get_by_role("link", name="Usage").click()
    expect(page.get_by_role("heading", name="Usage")).to_be_visible()
    expect(page.get_by_test_id("stMetric").first).to_contain_text("2")
