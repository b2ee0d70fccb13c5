"""Titles: one small request at most, only where it is cheap, and never over a name that a person gave."""

from pathlib import Path

import pytest

from controller.chat.titles import Titles, cleaned, invents_numbers, is_sensible
from controller.chat.turns import Turns
from controller.llm.discovery import build_providers
from controller.stages.chatbot_with_memory import MemoryController
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.titles import UNTITLED, first_words, shortened
from model.store.journal import Journal
from model.store.json_store import JsonStore
from settings import Settings
from tests.saved import door
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import PATIENCE_S
from utils.files.names import numbered_name
from view.app import build_resources


class Desk:
    """One process's store, turns and titles."""

    def __init__(self, folder: Path, server: ScriptedServer, auto_titles: str) -> None:
        environ = {"LLM_PROVIDER": "openai", "OPENAI_API_KEY": "k", "OPENAI_BASE_URL": server.base_url}
        self.providers = build_providers(Settings.from_env(environ | {"AUTO_TITLES": auto_titles}))
        self.store = JsonStore(folder / "saved.json")
        self.journal = Journal(folder / "journal", self.store)
        self.titles = Titles(self.providers, self.store)

    def ask(self, conversation: Conversation, prompt: str) -> None:
        """Ask, and wait for the answer and for what comes after it."""
        assert (
            Turns(self.journal)
            .ask(MemoryController(build_resources(self.providers)), conversation, prompt)
            .wait(PATIENCE_S)
        )
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


@pytest.mark.parametrize("came", ["a third message", "a second question", "a deletion", "a deletion of all"])
def test_what_came_while_the_title_waited_does_no_harm(
    desk: Desk, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, came: str
):
    server.script(Reply("Because."), Reply("Blue Sky"))
    conversation, turns = Conversation(), Turns(desk.journal)
    assert turns.ask(MemoryController(build_resources(desk.providers)), conversation, "why is the sky blue?").wait(
        PATIENCE_S
    )
    is_due = desk.titles._is_due

    def and_then(due: Conversation) -> bool:
        """Let something come between the look at the conversation and its title."""
        is_wanted = is_due(due)
        question, answer = due.messages
        due.messages[:] = {
            "a third message": [question, answer, Message("user", "And then?")],
            "a second question": [question, answer, *due.copy().messages],
            "a deletion": [answer, Message("user", "And then?")],
            "a deletion of all": [],
        }[came]
        return is_wanted

    monkeypatch.setattr(desk.titles, "_is_due", and_then)
    desk.titles.consider(conversation)
    is_deleted = came.startswith("a deletion")
    assert len(server.requests) == (1 if is_deleted else 2)
    assert desk.store.names() == ["why is the sky blue?" if is_deleted else "Blue Sky"]


def test_a_name_that_a_person_gave_stays(desk: Desk, server: ScriptedServer):
    server.script(Reply("Because."))
    conversation = Conversation()
    events_before = len(server.requests)
    Turns(desk.journal).ask(MemoryController(build_resources(desk.providers)), conversation, "why?").wait(PATIENCE_S)
    door(desk.store).save_conversation("Mine", conversation)
    desk.titles.consider(conversation)
    desk.store.retitle(conversation.id, "A model's")
    assert desk.store.names() == ["Mine"] and len(server.requests) == events_before + 1


def test_a_title_makes_way_for_a_question_and_is_made_after_its_answer(tmp_path: Path, server: ScriptedServer):
    desk = Desk(tmp_path, server, "all")
    environ = {"LLM_PROVIDER": "ollama", "OLLAMA_BASE_URL": server.base_url, "LLM_MODEL": "x", "AUTO_TITLES": "all"}
    desk.providers = build_providers(Settings.from_env(environ))
    titles = Titles(desk.providers, desk.store)
    turns = Turns(desk.journal, titles.consider, titles.make_way)
    titles.is_busy = lambda: bool(turns.running())
    server.script(Reply("Because."), Reply("Never", delay_s=60), Reply("Yes."), Reply("Why It Rains"))
    conversation = Conversation()

    def ask(prompt: str) -> None:
        assert turns.ask(MemoryController(build_resources(desk.providers)), conversation, prompt).wait(PATIENCE_S)

    ask("why does it rain?")
    server.wait_for_request(2)
    ask("always?")
    turns.settle(30)
    assert server.wait_for_request(2, ended=True).closed_at is not None
    assert [message.content for message in desk.store.find(conversation.id).messages][-1] == "Yes."
    assert desk.store.names() == ["Why It Rains"] and not titles.is_pending(conversation.id)


def test_no_title_is_begun_while_this_machine_answers_somebody(tmp_path: Path, server: ScriptedServer):
    environ = {"LLM_PROVIDER": "ollama", "OLLAMA_BASE_URL": server.base_url, "LLM_MODEL": "x"}
    desk = Desk(tmp_path, server, "all")
    desk.providers = build_providers(Settings.from_env(environ | {"AUTO_TITLES": "all"}))
    desk.titles = Titles(desk.providers, desk.store)
    desk.titles.is_busy = lambda: True
    first, second = Conversation(), Conversation()
    desk.ask(first, "why?")
    assert len(server.requests) == 1
    desk.titles.is_busy = lambda: False
    server.script(Reply("Because."), Reply("First"), Reply("Second"))
    desk.ask(second, "how?")
    assert set(desk.store.names()) == {"First", "Second"}


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


def title_of(text: str) -> str:
    return first_words(Conversation([Message("user", text)]))


@pytest.mark.parametrize(
    ("question", "title"),
    [
        (
            "```python\nfor i in range(3):\n    print(i)\n```\nWhy does this print three lines?",
            "Why does this print three lines?",
        ),
        ("```python\nfor i in range(3): print(i)\n```", "for i in range(3): print(i)"),
        ("~~~\nfor *a in __x__: pass", "for *a in __x__: pass"),
        ("## How does **rain** form?\n\n- like `this`", "How does rain form? like this"),
        ("See [the docs](https://example.com/a/very/long/address/that/says/nothing)", "See the docs"),
        ("Hello, my name is Alice. What can you do?", "Hello, my name is Alice. What can you do?"),
        (
            "Hi there! Good morning, I hope you are doing well today. How do I bake bread at home?",
            "How do I bake bread at home?",
        ),
        (
            "Dear ChatGPT, please write a letter to my landlord about the broken heating in my flat",
            "Please write a letter to my landlord about the…",
        ),
        ("How do I boil eggs? I have tried it often, and every time they crack in the water.", "How do I boil eggs?"),
        (
            "Guten Tag! Wie baue ich ein Regal aus alten Brettern, ohne zu bohren?",
            "Wie baue ich ein Regal aus alten Brettern, ohne…",
        ),
        ("Hello! Hello! Hello! Hello! Hello! Hello! Hello! Hello!", "Hello!"),
        ("", UNTITLED),
        ("```\n```", UNTITLED),
    ],
)
def test_first_words_say_what_it_is_about(question: str, title: str):
    assert title_of(question) == title


@pytest.mark.parametrize(
    ("title", "is_taken"),
    [
        ("Lighthouse Repair Plans", True),
        ("Repairing a Lighthouse", True),
        ("Lighthouse Repair Plans for When Willful…", False),
        ("Hello, my name is Alice", False),
        ("I can help. What do you need?", False),
        ("Baking Bread Without Yeast", False),
        ("A very long title that goes on and on about lighthouses", False),
    ],
)
def test_what_a_small_model_makes_up_is_no_title(title: str, is_taken: bool):
    said = "How do I plan the repair of a lighthouse? Make a list of repairs first."
    assert is_sensible(title, said) is is_taken


@pytest.mark.parametrize(
    ("name", "taken", "free"),
    [
        ("X", [], "X"),
        ("X", ["X"], "X (2)"),
        ("X (2)", ["X (2)"], "X (3)"),
        ("X (2)", ["X", "X (2)", "X (3)"], "X (4)"),
        ("X (2)", ["X"], "X (2)"),
        ("Report (2024)", ["Report (2024)"], "Report (2024) (2)"),
        ("(2)", ["(2)"], "(2) (2)"),
    ],
)
def test_a_copy_gets_the_next_number(name: str, taken: list[str], free: str):
    assert numbered_name(name, taken) == free
