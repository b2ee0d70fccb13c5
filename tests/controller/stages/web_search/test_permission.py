"""What strangers wrote can carry out nothing private: with both in a turn, words leave only if the person agrees."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from controller.llm.providers import Providers
from controller.stages.web_search.controller import WebSearchController
from controller.stages.web_search.permission import PAGE_LEAVES
from controller.tools.leaving import SEARCH_LEAVES
from controller.turn import ModelSelection, Permission, ToolApproval, TurnControl
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.message_parts import Attachment, Citation
from model.transfer.from_bnagpt import read
from tests.scripted_server import Reply, ScriptedServer
from tests.web_server import Page, WebServer, article
from utils.threads.stop import CancellationToken

SECRET = Attachment("0" * 64, "secret.txt", size_bytes=9)


@dataclass
class Person(ToolApproval):
    """Someone who says the same to every question, and remembers why they were asked."""

    says: bool = True
    always: bool = False
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def ask(self, call_id: str, stop: CancellationToken, reason: str = "") -> Permission:
        del call_id, stop
        self.asked.append(reason)
        if self.always:
            self.let_always()
        return Permission(self.says)


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer() as server:
        leaks = " ".join(server.put(f"/leak-{letter}", Page(article(letter, "You were here."))) for letter in "anz")
        page = server.put("/page", Page(article("Poem", f"A long poem about the sea and the letters of it: {leaks} .")))
        server.results("", [("Poem", page, "A poem about the sea.")])
        yield server


def search(query: str) -> Reply:
    return Reply(tool_calls=[("web_search", json.dumps({"query": query}))])


def open_page(address: str) -> Reply:
    return Reply(tool_calls=[("read_page", json.dumps({"address": address}))])


def queries(web: WebServer) -> list[str]:
    return [path for path in web.asked if path.startswith("/search")]


def test_without_files_a_search_and_its_hits_go_unasked(
    controller: WebSearchController, server: ScriptedServer, web: WebServer
):
    person = Person()
    server.script(search("poems"), open_page(web.url("/page")), Reply("Yes."))
    list(controller.reply(Conversation(), "Find poems.", control=TurnControl(gate=person)))
    assert person.asked == [] and web.asked.count("/page") == 2


@pytest.mark.parametrize("is_allowed", [True, False])
def test_with_a_file_a_search_shows_its_words_first(
    controller: WebSearchController, server: ScriptedServer, web: WebServer, is_allowed: bool
):
    person = Person(says=is_allowed)
    server.script(search("swordfish 1234"), search("more"), Reply("Done."))
    conversation = Conversation()
    list(controller.reply(conversation, "Look it up.", control=TurnControl(gate=person), attachments=[SECRET]))
    assert person.asked == [SEARCH_LEAVES] * 2
    assert len(queries(web)) == (2 if is_allowed else 0)
    assert all(step.is_error is not is_allowed for step in conversation.messages[-1].tool_steps)


def test_a_file_of_an_earlier_question_counts_and_so_does_one_that_was_removed(
    controller: WebSearchController, server: ScriptedServer
):
    earlier = [Message("user", "Read this.", attachments=[SECRET]), Message("assistant", "I have.")]
    cited = [Message("user", "Hi"), Message("assistant", "It says so [1].", citations=[Citation(1, "secret.txt")])]
    for before in (earlier, cited):
        person = Person()
        server.script(search("swordfish"), Reply("Done."))
        list(controller.reply(Conversation(before), "And now?", control=TurnControl(gate=person)))
        assert person.asked == [SEARCH_LEAVES]


def test_always_ends_the_questions_in_this_turn_and_an_option_in_the_conversation(
    controller: WebSearchController, server: ScriptedServer
):
    person, conversation = Person(always=True), Conversation()
    server.script(search("one"), search("two"), Reply("Done."), search("three"), Reply("Done."))
    list(controller.reply(conversation, "Look it up.", control=TurnControl(gate=person), attachments=[SECRET]))
    assert person.asked == [SEARCH_LEAVES]
    conversation.choose(sends_unasked=True)
    other = Person()
    list(controller.reply(conversation, "More.", control=TurnControl(gate=other)))
    assert other.asked == []


def test_pages_that_only_a_page_lists_ask_each_time_even_without_files(
    controller: WebSearchController, server: ScriptedServer, web: WebServer
):
    person = Person(says=False)
    spelled = [open_page(web.url(f"/leak-{letter}")) for letter in "ann"]
    server.script(search("poems"), *spelled, Reply("No."))
    list(controller.reply(Conversation(), "Find poems.", control=TurnControl(gate=person)))
    assert person.asked == [PAGE_LEAVES] * 3
    assert not any(path.startswith("/leak") for path in web.asked)


def test_a_page_that_the_person_names_opens_unasked_also_with_files_but_not_one_that_a_document_names(
    controller: WebSearchController, server: ScriptedServer, web: WebServer
):
    person = Person()
    server.script(open_page(web.url("/page")), Reply("Yes."))
    prompt = f"Compare it with {web.url('/page')}"
    list(controller.reply(Conversation(), prompt, control=TurnControl(gate=person), attachments=[SECRET]))
    assert person.asked == []
    poem = Message("assistant", "It says so [1].", citations=[Citation(1, "a.txt", "", f"See {web.url('/leak-z')}.")])
    server.script(open_page(web.url("/leak-z")), Reply("Yes."))
    list(controller.reply(Conversation([Message("user", "Hi"), poem]), "Go on.", control=TurnControl(gate=person)))
    assert person.asked == [PAGE_LEAVES]


def test_a_model_that_cannot_search_itself_sends_what_the_person_has_just_said_unasked(
    controller: WebSearchController, providers: Providers, server: ScriptedServer, web: WebServer
):
    person = Person()
    selection, control = ModelSelection(replace(providers.default, has_tools=False)), TurnControl(gate=person)
    server.script(Reply("Yes."))
    list(
        controller.reply(
            Conversation(), "Which poems are there about the sea?", selection, control, attachments=[SECRET]
        )
    )
    assert person.asked == [] and len(queries(web)) == 1


def test_a_conversation_from_elsewhere_cannot_bring_the_permission():
    conversation = {"asks_first": True, "sends_unasked": True, "writes_unasked": True}
    found = read(
        [{"role": "user", "content": "hi", "conversation": conversation}, {"role": "assistant", "content": "."}]
    )
    options = found.conversation.options
    assert options.asks_first and not options.sends_unasked and not options.writes_unasked
