"""What was said long ago is known today: on the page of the Log, over HTTP, and on the page Memory."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.log.facts import Fact, FactStore
from model.store.json_store import JsonStore
from settings import ROOT
from tests.api_server import ApiServer
from tests.conftest import SECRET
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import TIMEOUT_S, Screen
from utils.retrieval.embeddings import FOLDER
from view.shell.services import services

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the encoder's weights are not installed; `make install`")
SAID_AT = "2026-04-03T10:00:00+00:00"


@pytest.fixture
def teeth(store: JsonStore) -> Conversation:
    """Return a conversation of the spring, with forty messages behind the one that counts."""
    said = [Message("user", "My dentist is Dr. Kim.", created_at=SAID_AT), Message("assistant", "Noted.")]
    for number in range(40):
        said.append(Message(("user", "assistant")[number % 2], f"The garden has {number} beds of roses."))
    conversation = Conversation(said)
    store.save("Teeth", conversation)
    return conversation


@pytest.fixture
def facts(tmp_path: Path) -> FactStore:
    return FactStore(tmp_path / "conversations.json.facts")


class MemoryPage:
    """The page Memory, opened in a tab of its own."""

    def __init__(self) -> None:
        self.app = AppTest.from_file(str(ROOT / "Home.py"), default_timeout=TIMEOUT_S)
        self.app.switch_page("pages/93_Memory.py").run()
        self.check()

    def check(self) -> None:
        assert not self.app.exception, self.app.exception
        assert SECRET not in "\n".join(str(getattr(node, "proto", "")) for node in self.app._tree)

    def click(self, label: str) -> None:
        next(button for button in self.app.button if button.label.startswith(label)).click().run()
        self.check()

    @property
    def told(self) -> str:
        main = self.app.main
        return "\n".join(text.value for text in (*main.markdown, *main.caption, *main.error))


def recall(query: str) -> Reply:
    return Reply(tool_calls=[("recall", json.dumps({"query": query}))])


def test_the_embedded_model_knows_what_was_said_months_ago(
    open_page: Callable[..., Screen], teeth: Conversation, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LLM_PROVIDER", "embedded")
    screen = open_page("log")
    screen.ask("Who is my dentist?")
    assert "On 3 April 2026, in “Teeth”, you said: “My dentist is Dr. Kim.”" in screen.messages[-1][1].replace("\\", "")
    assert any("you said" in caption and "alike" in caption for caption in screen.captions)
    screen.ask("Who is my lawyer?")
    assert "Dr. Kim" not in screen.messages[-1][1]


def test_the_embedded_model_remembers_by_rule_and_tells_what_it_knows(
    open_page: Callable[..., Screen], facts: FactStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("LLM_PROVIDER", "embedded")
    screen = open_page("log")
    screen.ask("Remember that I like tea.")
    assert "I'll remember" in screen.messages[-1][1]
    [fact] = facts.all()
    assert fact.text == "I like tea." and fact.conversation_id == screen.address
    other = open_page("log")
    other.ask("What do you know about me?")
    assert "I like tea." in other.messages[-1][1]


def test_a_click_on_a_source_opens_the_conversation_at_that_message(
    open_page: Callable[..., Screen], teeth: Conversation, server: ScriptedServer
):
    server.script(recall("dentist"), Reply("Dr. Kim [1]."))
    screen = open_page("log")
    screen.ask("Who is my dentist?")
    assert not any("My dentist is Dr. Kim." in text for _, text in screen.messages)
    screen.click("Open the conversation")
    assert screen.address == teeth.id and "message" not in screen.app.query_params
    assert screen.messages[0] == ("user", "My dentist is Dr. Kim.")  # which is too far up to be drawn else
    assert screen.app.session_state["bna.log"].found_id == teeth.messages[0].id


def test_an_address_with_a_message_that_is_nowhere_opens_the_conversation(
    open_page: Callable[..., Screen], teeth: Conversation
):
    screen = open_page("log")
    screen.app.query_params["conversation"] = teeth.id or ""
    screen.app.query_params["message"] = "nowhere"
    screen.app.run()
    assert screen.address == teeth.id and screen.messages


def test_over_http_it_recalls_too_and_nothing_without_the_switch(teeth: Conversation, server: ScriptedServer):
    server.script(recall("dentist"), Reply("Dr. Kim [1]."), Reply("I don't know."))
    api = ApiServer()
    try:
        asked = api.client.post("/chat", json={"message": "Who is my dentist?", "stage": "log"})
        assert asked.json()["response"] == "Dr. Kim [1]."
        tools = [tool["function"]["name"] for tool in server.requests[0].body["tools"]]
        assert {"recall", "remember", "forget", "known_facts"} <= set(tools)
        api.client.post("/chat", json={"message": "Who is my dentist?", "stage": "all_together"})
        tools = [tool["function"]["name"] for tool in server.requests[-1].body["tools"]]
        assert "recall" not in tools
    finally:
        api.close()


def test_who_never_uses_the_memory_pays_nothing(
    open_page: Callable[..., Screen], teeth: Conversation, tmp_path: Path, server: ScriptedServer
):
    server.script(Reply("Hi."))
    screen = open_page("chatbot_with_memory")
    screen.ask("Hello")
    screen.pick("Hello", "Delete")
    assert not list(tmp_path.glob("*.memory")) and not list(tmp_path.glob("*.facts"))


def test_a_fact_is_written_changed_forgotten_and_brought_back(facts: FactStore):
    page = MemoryPage()
    assert "Nothing is remembered yet" in page.told
    page.app.text_input(key="bna.memory.new").set_value("I like *tea*.")
    page.click("Remember")
    assert [fact.text for fact in facts.all()] == ["I like *tea*."] and "written here" in page.told
    page.click("Edit")
    page.app.text_area[0].set_value("  ")
    page.click("Save")
    assert "nothing to remember" in page.told
    page.app.text_area[0].set_value("I like coffee.")
    page.click("Save")
    assert [fact.text for fact in facts.all()] == ["I like coffee."] and "changed" in page.told
    page.click("Forget")
    assert facts.all() == []
    page.click("Undo")
    assert [fact.text for fact in facts.all()] == ["I like coffee."]
    assert not any(button.label.startswith("Undo") for button in page.app.button)


def test_a_fact_leads_to_where_it_was_said_and_outlives_that(
    teeth: Conversation, facts: FactStore, open_page: Callable[..., Screen]
):
    facts.add(Fact("The dentist is Dr. Kim.", conversation_id=teeth.id or "", message_id=teeth.messages[0].id))
    facts.add(Fact("I like tea."))
    page = MemoryPage()
    [link] = [one.proto for one in page.app.main.get("page_link")]
    assert link.label == "Where it was said" and f"conversation={teeth.id}" in link.query_string
    screen = open_page("log")
    screen.pick("Teeth", "Delete")
    page = MemoryPage()
    assert "said in a chat that was deleted" in page.told and not page.app.main.get("page_link")
    page.click("Forget them, too")
    assert [fact.text for fact in facts.all()] == ["I like tea."]


def test_facts_are_found_by_their_words_and_drawn_some_at_a_time(facts: FactStore):
    for number in range(60):
        facts.add(Fact(f"My shelf has number {number}."))
    facts.add(Fact("I like tea."))
    page = MemoryPage()
    assert "My shelf has number 0." not in page.told
    page.click("Show more")
    assert "My shelf has number 0." in page.told
    page.app.text_input(key="bna.memory.find").set_value("TEA").run()
    assert "I like tea." in page.told and "My shelf" not in page.told


def test_a_damaged_file_of_facts_is_told_on_the_page(facts: FactStore):
    facts.path.write_text("{")
    assert "can't be read" in MemoryPage().told


def test_a_deleted_conversation_is_no_longer_recalled_and_leaves_no_vector(
    open_page: Callable[..., Screen], teeth: Conversation, server: ScriptedServer, tmp_path: Path
):
    server.script(recall("dentist"), Reply("Dr. Kim [1]."), recall("dentist"), Reply("I don't know."))
    screen = open_page("log")
    screen.ask("Is there a dentist?")
    file = tmp_path / "conversations.json.memory"
    assert (teeth.id or "").encode() in file.read_bytes()
    screen.pick("Teeth", "Delete")
    other = open_page("log")
    other.ask("Is there a dentist?")
    # What was recalled before stands in the day's chat, as an answer does.
    newest = [row["content"] for row in server.requests[-1].body["messages"] if row["role"] == "tool"][-1]
    assert "My dentist" not in newest
    assert (teeth.id or "").encode() not in file.read_bytes()
    assert services().resources.settings.beside("memory") == file
