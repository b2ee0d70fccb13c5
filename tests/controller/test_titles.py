"""Titles: one small request at most, only where it is cheap, and never over a name that a person gave."""

from pathlib import Path
from threading import Thread

import pytest

from controller.memory import MemoryController
from controller.providers import Providers
from controller.titles import Titles
from controller.turn import Choice
from controller.turns import Turns
from model.conversation import Conversation
from model.journal import Journal
from model.provider import EMBEDDED
from model.store import JsonStore
from model.titles import UNTITLED, cleaned, invents_numbers, is_about, shortened
from settings import Settings
from tests.scripted_server import Reply, ScriptedServer


class Desk:
    """One process's store, turns and titles."""

    def __init__(self, folder: Path, server: ScriptedServer, auto_titles: str) -> None:
        environ = {"LLM_PROVIDER": "openai", "OPENAI_API_KEY": "k", "OPENAI_BASE_URL": server.base_url}
        self.providers = Providers(Settings.from_env(environ | {"AUTO_TITLES": auto_titles}))
        self.store = JsonStore(folder / "saved.json")
        self.journal = Journal(folder / "journal", self.store)
        self.titles = Titles(self.providers, self.store)

    def ask(self, conversation: Conversation, prompt: str) -> None:
        """Ask, and wait for the answer and for what comes after it."""
        turns, choice = Turns(self.journal), Choice()
        events = MemoryController(self.providers).reply(conversation, prompt, choice)
        assert turns.start(conversation, choice, events).wait(5)
        self.titles.consider(conversation)


@pytest.fixture
def desk(tmp_path: Path, server: ScriptedServer) -> Desk:
    return Desk(tmp_path, server, "all")


def test_the_first_answer_brings_a_title(desk: Desk, server: ScriptedServer):
    server.script(Reply("Because."), Reply('**Title:** "Why the Sky Is Blue."'))
    conversation = Conversation()
    desk.ask(conversation, "why is the sky blue?")
    assert desk.store.names() == ["Why the Sky Is Blue"]
    assert desk.store.find(conversation.id).options.is_auto_titled


def test_the_request_is_small_and_is_counted(desk: Desk, server: ScriptedServer):
    server.script(Reply("Because."), Reply("Sky"))
    conversation = Conversation()
    desk.ask(conversation, "why? " * 5000)
    body = server.requests[-1].body
    assert len(str(body["messages"])) < 2000 and body["max_completion_tokens"] <= 400
    [row] = desk.store.find(conversation.id).options.background
    assert row["kind"] == "title" and row["provider"] == "openai" and row["prompt_token_count"] is not None


def test_later_answers_ask_for_no_title(desk: Desk, server: ScriptedServer):
    conversation = Conversation()
    desk.ask(conversation, "one")
    asked_count = len(server.requests)
    desk.ask(conversation, "two")
    assert len(server.requests) == asked_count + 1


def test_a_name_that_a_person_gave_stays(desk: Desk, server: ScriptedServer):
    server.script(Reply("Because."))
    conversation = Conversation()
    events_before = len(server.requests)
    turns, choice = Turns(desk.journal), Choice()
    turns.start(conversation, choice, MemoryController(desk.providers).reply(conversation, "why?", choice)).wait(5)
    desk.journal.keep("Mine", conversation)
    desk.titles.consider(conversation)
    desk.store.retitle(conversation.id, "A model's")
    assert desk.store.names() == ["Mine"] and len(server.requests) == events_before + 1


@pytest.mark.parametrize("wish", ["embedded", "none"])
def test_no_title_is_asked_of_a_paid_model_unless_it_is_wished(tmp_path: Path, server: ScriptedServer, wish: str):
    desk = Desk(tmp_path, server, wish)
    desk.ask(Conversation(), "why?")
    assert len(server.requests) == 1 and desk.store.names() == ["why?"]


@pytest.mark.parametrize("reply", [Reply(""), Reply("x" * 500), Reply("<think>hm</think>"), Reply(status=500)])
def test_a_title_that_can_not_serve_leaves_the_first_words(desk: Desk, server: ScriptedServer, reply: Reply):
    server.script(Reply("Because."), reply)
    desk.ask(Conversation(), "why?")
    assert desk.store.names() == ["why?"]


def test_a_taken_title_gets_a_number(desk: Desk, server: ScriptedServer):
    for _ in range(2):
        server.script(Reply("Because."), Reply("Sky"))
        desk.ask(Conversation(), "why?")
    assert set(desk.store.names()) == {"Sky", "Sky (2)"}


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        ('"Blue Sky"', "Blue Sky"),
        ("Title: Blue Sky\nIt is about...", "Blue Sky"),
        ("# **Blue Sky**", "Blue Sky"),
        ("<think>The user asks</think>\n\nBlue Sky.", "Blue Sky"),
        ("<think>never ends", ""),
        ("«Ciel bleu»", "Ciel bleu"),
        ("", ""),
    ],
)
def test_the_title_is_found_in_what_a_model_says(answer: str, title: str):
    assert cleaned(answer) == title


@pytest.mark.parametrize(
    ("title", "is_invented"), [("Twelve times 13", False), ("12 * 13 = 192", True), ("Rain", False), ("1 and 2", True)]
)
def test_a_title_may_hold_no_number_that_was_not_said(title: str, is_invented: bool):
    assert invents_numbers(title, "What is 12 times 13? It is 156.") is is_invented


def test_first_words_are_cut_between_words():
    assert shortened("one two three " * 10) == "one two three one two three one two three one…"
    assert shortened("x" * 100) == "x" * 48 + "…"
    assert shortened(" \n ") == UNTITLED


class Slow:
    """A question that comes while a title waits, or is being made."""

    def __init__(self, desk: Desk, pause_s: float) -> None:
        self.titles = Titles(desk.providers, desk.store, pause_s)

    def consider(self, conversation: Conversation) -> Thread:
        worker = Thread(target=self.titles.consider, args=(conversation,))
        worker.start()
        while not self.titles.is_pending(conversation.id) and worker.is_alive():
            worker.join(0.01)
        return worker


def answered(desk: Desk, server: ScriptedServer) -> Conversation:
    """Return a conversation with one answer, which seems to be the embedded model's."""
    server.script(Reply("Because."))
    conversation, choice = Conversation(), Choice()
    turns = Turns(desk.journal)
    turns.start(conversation, choice, MemoryController(desk.providers).reply(conversation, "why is it?", choice)).wait(
        5
    )
    conversation.messages[-1].provider = EMBEDDED.name
    return conversation


def test_a_title_that_waits_for_a_pause_makes_way_for_the_next_question(desk: Desk, server: ScriptedServer):
    conversation = answered(desk, server)
    asked_count = len(server.requests)
    slow = Slow(desk, pause_s=600)
    worker = slow.consider(conversation)
    assert slow.titles.is_pending(conversation.id)
    turns = Turns(desk.journal, before=slow.titles.make_way)
    server.script(Reply("Yes."))
    other, choice = Conversation(), Choice()
    turns.start(other, choice, MemoryController(desk.providers).reply(other, "and?", choice)).wait(5)
    worker.join(30)
    assert not worker.is_alive() and not slow.titles.is_pending(conversation.id)
    assert len(server.requests) == asked_count + 1  # the question, and no title


def test_a_small_models_title_has_to_be_about_what_was_said():
    assert is_about("Baking Bread", "How do I bake bread?") and not is_about("History of Rome", "How do I bake bread?")
