"""Versions on the page: a first message that is deleted, a clock that is set back, and dates and roles of any kind."""

import json
from collections.abc import Callable
from pathlib import Path
from threading import Event

import pytest

from controller.resources import Resources
from controller.stages.chatbot_with_memory import MemoryController
from controller.turn import Turn
from model.chat.message import Message
from model.store.json_store import JsonStore
from tests.api_server import ApiServer
from tests.conversations import contents
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen
from tests.waiting import PATIENCE_S
from view.chat.streaming import FollowedTurn
from view.shell.services import services


@pytest.mark.parametrize("way", ["Regenerate", "Edit"])
def test_a_deleted_first_message_leaves_one_conversation(
    screen: Screen, server: ScriptedServer, store, open_page, way: str
):
    server.script(Reply("A1"), Reply("A2"), Reply("A3"))
    screen.ask("U1")
    screen.ask("U2")
    screen.act(0, "Delete message")
    tab = open_page("chatbot_with_memory", screen.address)
    address = tab.address
    tab.act(2 if way == "Regenerate" else 1, way)
    if way == "Edit":
        tab.app.text_area[0].set_value("U2, edited")
        tab.click("Send")
    assert tab.address == address and len(store.names()) == 1
    assert tab.messages[-1] == ("assistant", "A3")
    assert contents(store.find(address))[-1] == "A3"


def test_a_question_that_is_reworded_while_another_tab_asks_changes_nothing_and_stays_in_the_editor(
    screen: Screen, server: ScriptedServer, store: JsonStore, monkeypatch: pytest.MonkeyPatch
):
    server.script(Reply("A1"), Reply("A2"))
    screen.ask("U1")
    screen.act(0, "Edit")
    may_end, parts, conversation = Event(), services(), store.find(screen.address)
    turn = parts.turns.ask(HeldController(parts.resources, may_end), conversation, "U2")

    follow = FollowedTurn.follow

    def follow_to_end(
        followed: FollowedTurn, draw_beside: Callable[[], None]
    ) -> None:  # the page has told its own error by now
        may_end.set()
        follow(followed, draw_beside)

    monkeypatch.setattr(FollowedTurn, "follow", follow_to_end)
    screen.app.text_area[0].set_value("U1, edited")
    screen.click("Send")
    assert turn.wait(PATIENCE_S) and [one.content for one in turn.conversation.all_messages] == ["U1", "A1", "U2", "A2"]
    assert contents(store.find(screen.address)) == ["U1", "A1", "U2", "A2"]
    assert screen.app.text_area[0].value == "U1, edited"


class HeldController(MemoryController):
    """Lets a turn begin, and go on when it may."""

    def __init__(self, resources: Resources, may_end: Event) -> None:
        super().__init__(resources)
        self._may_end = may_end

    def stream(self, turn: Turn) -> None:
        """Wait, then answer."""
        assert self._may_end.wait(PATIENCE_S)
        super().stream(turn)


@pytest.mark.parametrize("way", ["another tab", "a client", "another program"])
def test_who_has_the_old_first_message_still_writes_into_the_same_conversation(
    screen: Screen, server: ScriptedServer, store, open_page, api: ApiServer, tmp_path: Path, way: str
):
    server.script(Reply("A1"), Reply("A2"), Reply("A3"))
    screen.ask("U1")
    screen.ask("U2")
    address = screen.address
    tab = open_page("chatbot_with_memory", address)
    if way == "another program":
        first = store.find(address).messages[0].id
        JsonStore(store.path).change(address, [], [first])
    else:
        screen.act(0, "Delete message")
    if way == "a client":
        api.client.post("/chat", json={"message": "U3", "conversation_id": address})
    else:
        tab.ask("U3")
        if tab.errors:  # what the tab showed was deleted in this program: it is told first
            tab.ask("U3")
        assert tab.address == address
    assert len(store.names()) == 1 and contents(store.find(address)) == ["A1", "U2", "A2", "U3", "A3"]
    assert [row["conversation_id"] for row in api.client.get("/conversations").json()] == [address]
    screen.app.run()
    assert screen.address == address and screen.messages[-1] == ("assistant", "A3")


def test_a_deleted_first_message_comes_back_and_a_copy_has_an_id_of_its_own(
    screen: Screen, server: ScriptedServer, store, open_page
):
    server.script(Reply("A1"), Reply("A2"), Reply("A3"))
    screen.ask("U1")
    screen.ask("U2")
    address = screen.address
    screen.act(0, "Delete message")
    open_page("chatbot_with_memory", address).ask("U3")
    screen.act(1, "Branch in new chat")
    assert screen.address != address and contents(store.find(screen.address)) == ["A1", "U2"]
    assert contents(store.find(address)) == ["A1", "U2", "A2", "U3", "A3"]


@pytest.mark.parametrize("way", ["Regenerate", "Edit"])
def test_a_new_version_is_shown_when_the_clock_was_set_back(
    screen: Screen, server: ScriptedServer, store, open_page, way: str
):
    times = {"created_at": "2199-01-01T00:00:00+00:00", "shown_at": "2199-01-02T00:00:00+00:00"}
    server.script(Reply("old"), Reply("new"), Reply("next"))
    screen.ask("U1")
    saved = store.find(screen.address)
    store.write(saved.id, [Message(**{**vars(message), **times}) for message in saved.messages])
    tab = open_page("chatbot_with_memory", screen.address)
    tab.act(1 if way == "Regenerate" else 0, way)
    if way == "Edit":
        tab.app.text_area[0].set_value("U1, edited")
        tab.click("Send")
    again = open_page("chatbot_with_memory", tab.address)
    assert again.messages[-1] == ("assistant", "new")
    again.ask("And then?")
    assert contents(store.find(tab.address))[-3:] == ["new", "And then?", "next"]


ODD = [
    ("created_at", "9999-12-31T23:59:59-01:00"),
    ("created_at", "0001-01-01T00:00:00+14:00"),
    ("created_at", "-1"),
    ("token_count", 10**300),
    ("window_token_count", 10**300),
    ("context_window", 0),
    ("context_window", -1),
    ("first_token_s", 1e300),
    ("duration_s", -5.0),
    ("prompt_token_count", 10**40),
    ("parent", "nobody"),
    ("view_begins_at", "nobody"),
    ("status", "odd"),
    ("rating", "sideways"),
    ("stage", "no_such_stage"),
    ("provider", "nobody"),
    ("assistant", {"name": 5}),
    ("tool_steps", [{"id": "1", "name": "x", "at": -7, "round": -3, "result": "r"}]),
    ("tool_steps", [{"id": "1", "name": "x", "at": 10**30, "token_count": 10**300}]),
    ("tool_steps", [{"id": "1", "name": "x", "details": {"table": {"rows": [[1], 5, []], "columns": 5}}}]),
    ("tool_steps", [{"id": "1", "name": "x", "details": {"table": {"rows": [[[1]], [{}]], "columns": ["a"]}}}]),
    ("tool_steps", [{"id": "1", "name": "x", "details": {"picture": {"media_type": "image/png", "sha256": 5}}}]),
    ("citations", [{"number": number, "title": "t", "address": "javascript:x"} for number in (1, 1, -1, 10**18)]),
    ("conversation", {"temperature": 10**400, "max_tokens": -3, "tools": [1], "background": [5]}),
    ("conversation", {"temperature": -1e300, "model_name": "m", "provider": "p", "sees_pictures": {"m": "x"}}),
    ("conversation", {"answer_schema": {"type": 5}, "max_tokens": 10**300, "is_pinned": "yes"}),
    ("role", ""),
    ("role", "Narrator"),
]


def test_no_entry_of_the_file_breaks_a_page(open_page, tmp_path: Path):
    saved = {f"{key} {number}": odd_talk([(key, value)]) for number, (key, value) in enumerate(ODD)}
    saved |= {"": [], "x\ny": [], "weather": [], "Other": [{"role": "user", "content": "x", "id": "weather"}]}
    (tmp_path / "conversations.json").write_text(json.dumps(saved), encoding="utf-8")
    screen = open_page("chatbot_with_memory")
    assert len(screen.entries) == 20
    while any(data["more"] for _, data in screen.lists):
        screen.list_more()
    assert len(screen.entries) == len(saved)


@pytest.mark.parametrize("slug", ["documents", "all_together"])
def test_a_file_under_no_hash_breaks_no_page(open_page, tmp_path: Path, server: ScriptedServer, slug: str):
    files = [{"name": f"{name[:9]}.txt", "sha256": name} for name in ("../../etc/passwd", "", "A" * 64, "a" * 63)]
    saved = {"Odd": [{"role": "user", "content": "hi", "id": "odd", "attachments": files}]}
    (tmp_path / "conversations.json").write_text(json.dumps(saved), encoding="utf-8")
    server.script(Reply("Fine."))
    tab = open_page(slug, "odd")
    tab.ask("And now?")
    assert tab.messages[-1] == ("assistant", "Fine.")


def test_an_empty_conversation_is_opened_filled_and_deleted(open_page, store, tmp_path: Path):
    saved = {"weather": [], "gone": [], "Other": [{"role": "user", "content": "x", "id": "weather"}]}
    (tmp_path / "conversations.json").write_text(json.dumps(saved), encoding="utf-8")
    screen = open_page("chatbot_with_memory")
    screen.load("weather")
    assert screen.messages == [] and screen.errors == screen.warnings == []
    screen.ask("Will it rain?")
    assert contents(store.load("weather"))[0] == "Will it rain?" and contents(store.load("Other")) == ["x"]
    screen.pick("gone", "Delete")
    assert sorted(store.names()) == ["Other", "weather"]


def test_any_conversation_opens_and_goes_on(open_page, tmp_path: Path, server: ScriptedServer):
    options = [pair for pair in ODD if pair[0] == "conversation"]
    talks = [odd_talk([pair for pair in ODD if pair not in options]), *(odd_talk([pair]) for pair in options)]
    saved = {f"Odd {number}": talk for number, talk in enumerate(talks)}
    (tmp_path / "conversations.json").write_text(json.dumps(saved), encoding="utf-8")
    screen = open_page("chatbot_with_memory")
    for name in saved:
        screen.load(name)
        assert not screen.app.exception and len(screen.messages) >= 2
        screen.ask("And now?")
        assert not screen.app.exception and screen.messages[-1][1] == server.default_reply.text


def odd_talk(pairs: list[tuple[str, object]]) -> list[dict[str, object]]:
    """Return a conversation in which each message has something odd in it."""
    return [
        {"role": role, "content": "x", "id": f"{role} {number}"} | {key: value}
        for number, (key, value) in enumerate(pairs)
        for role in ("user", "assistant")
    ]


def test_a_tab_that_followed_another_ones_turn_has_a_conversation_of_its_own(
    screen: Screen, server: ScriptedServer, store: JsonStore, open_page, monkeypatch: pytest.MonkeyPatch
):
    server.script(Reply("A1"), Reply("A2"))
    screen.ask("U1")
    may_end, parts, conversation = Event(), services(), store.find(screen.address)
    turn = parts.turns.ask(HeldController(parts.resources, may_end), conversation, "U2")

    follow = FollowedTurn.follow

    def follow_to_end(followed: FollowedTurn, draw_beside: Callable[[], None]) -> None:
        may_end.set()
        follow(followed, draw_beside)

    monkeypatch.setattr(FollowedTurn, "follow", follow_to_end)
    tab = open_page("chatbot_with_memory", screen.address)
    shown = tab.app.session_state["bna.chatbot_with_memory"].conversation
    assert contents(shown) == contents(turn.conversation) == ["U1", "A1", "U2", "A2"]
    assert not {id(message) for message in shown.messages} & {id(message) for message in turn.conversation.messages}
