"""An answer does not need the page that asked for it: nothing a person does in the middle loses a word."""

import re
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from tests.browser.journey import Chat
from tests.scripted_server import Reply, ScriptedServer

# About three seconds long.
WORDS = [f"word{number}" for number in range(90)]
LONG = Reply(" ".join(WORDS), tokens_per_s=30)
WHOLE = re.compile(r"word0 word1 .*word88 word89")


@pytest.fixture
def asked(chat: Chat, server: ScriptedServer) -> Chat:
    """Return a page in the middle of an answer."""
    server.script(LONG)
    chat.ask("Count")
    chat.answer("word5")
    return chat


def whole_and_saved(chat: Chat) -> None:
    """Wait for the whole answer, on the page and then on disk, with nothing twice."""
    chat.answer(WHOLE)
    chat.ended()
    expect(chat.questions).to_have_count(1)
    expect(chat.answers).to_have_count(1)
    [name] = chat.app.store.names()
    question, answer = chat.app.store.load(name).messages
    assert (question.content, answer.content, answer.status) == ("Count", LONG.text, "complete")


def test_it_streams(chat: Chat, server: ScriptedServer):
    server.script(replace(LONG, stall_after=10))
    chat.ask("Count")
    chat.answer("word9")
    assert not server.requests[0].ended


def test_a_reload_in_mid_answer(asked: Chat, server: ScriptedServer):
    asked.page.reload()
    expect(asked.questions).to_contain_text(["Count"])
    whole_and_saved(asked)
    assert len(server.requests) == 1 and server.requests[0].finished


def test_another_page_in_mid_answer_and_back(asked: Chat, server: ScriptedServer):
    asked.sidebar.get_by_role("link", name="bnaGPT").click()
    expect(asked.page.get_by_role("heading", name="bnaGPT")).to_be_visible()
    asked.page.get_by_role("link", name="2. Chatbot With Memory").click()
    whole_and_saved(asked)
    assert len(server.requests) == 1


def test_a_click_elsewhere_in_mid_answer(asked: Chat, server: ScriptedServer):
    asked.page.get_by_role("button", name="scripted").click()
    asked.button("Refresh models").click()
    asked.open_title()
    asked.button("Save").click()
    expect(asked.button("Confirm Save")).to_be_visible()
    whole_and_saved(asked)
    assert len(server.requests) == 1


def test_a_name_given_in_mid_answer(asked: Chat):
    asked.save_as("In the middle")
    asked.answer(WHOLE)
    asked.ended()
    messages = asked.app.store.load("In the middle").messages
    assert [message.content for message in messages] == ["Count", LONG.text]
    assert asked.app.store.names() == ["In the middle"]


def test_another_conversation_in_mid_answer_and_back(asked: Chat, server: ScriptedServer):
    asked.save_as("Counting")
    asked.button("New chat").click()
    expect(asked.questions).to_have_count(0)
    asked.ask("Something else")
    asked.answer(server.default_reply.text)
    asked.load("Counting")
    expect(asked.questions).to_contain_text(["Count"])
    asked.answer(WHOLE)


def test_a_conversation_that_is_not_yet_saved_can_be_left_and_found_again(asked: Chat):
    asked.button("New chat").click()
    expect(asked.questions).to_have_count(0)
    asked.sidebar.get_by_role("button", name="Count").click()
    whole_and_saved(asked)


def test_a_closed_tab_in_mid_answer(asked: Chat, server: ScriptedServer, new_context):
    address = asked.address
    asked.page.close()
    server.wait_for_request(1, ended=True)
    whole_and_saved(Chat(new_context().new_page(), asked.app).open(address))


def test_another_person_sees_it_grow_and_end(chat: Chat, server: ScriptedServer, new_context):
    server.script(Reply(" ".join(f"word{number}" for number in range(20_000)), tokens_per_s=30))
    chat.ask("Count")
    other = Chat(new_context().new_page(), chat.app).open(chat.address)
    expect(other.questions).to_contain_text(["Count"])
    other.answer("word5")
    newest = server.requests[0].tokens_sent
    other.answer(f"word{newest + 10}")
    chat.stop.click()
    expect(other.page.get_by_text("Stopped. The text so far is kept.")).to_be_visible()
    other.ended()


def test_two_tabs_that_both_ask_lose_nothing(chat: Chat, server: ScriptedServer):
    chat.ask("One")
    chat.answer(server.default_reply.text)
    chat.ended()
    chat.save_as("Shared")
    other = Chat(chat.page.context.new_page(), chat.app).open(chat.address)
    expect(other.questions).to_have_count(1)
    server.script(Reply("two " * 200, tokens_per_s=20), Reply("Three it is"))
    chat.ask("Two")
    chat.answer("two two")
    other.box.fill("Three")
    other.box.press("Enter")
    expect(other.errors).to_contain_text("An answer is still being written.")
    expect(other.questions).to_contain_text(["One", "Two"])
    chat.ended()
    other.ended()
    expect(other.box).to_have_value("Three")
    other.box.press("Enter")
    other.answer("Three it is")
    other.ended()
    saved = [message.content for message in chat.app.store.load("Shared").messages]
    assert saved[::2] == ["One", "Two", "Three"]
    assert [message["content"] for message in server.requests[-1].body["messages"]][::2] == saved[::2]


def test_what_another_tab_said_is_shown_at_the_next_click_and_sent(chat: Chat, server: ScriptedServer):
    chat.ask("One")
    chat.answer(server.default_reply.text)
    chat.ended()
    other = Chat(chat.page.context.new_page(), chat.app).open(chat.address)
    expect(other.questions).to_have_count(1)
    chat.ask("Two")
    expect(chat.answers).to_have_count(2)
    chat.ended()
    other.ask("Three")
    other.ended()
    expect(other.questions).to_have_count(3)
    assert [message["content"] for message in server.requests[-1].body["messages"]][::2] == ["One", "Two", "Three"]
