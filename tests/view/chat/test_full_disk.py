"""A disk that gets full in the middle of a turn: nothing that anybody has read is lost, over HTTP and on the pages."""

import io
from collections.abc import Callable

import pytest

from model.chat.conversation import Conversation
from model.chat.message import INTERRUPTED
from model.store.json_store import JsonStore
from model.store.turn_log import LogLine, first_lines, line
from tests.api_server import ApiServer, events_of, text_of
from tests.conftest import Disk
from tests.conversations import contents
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen
from tests.waiting import PATIENCE_S, wait_until
from utils.files import atomic

LONG = Reply(" ".join(f"word{number}" for number in range(60)), tokens_per_s=100)


def asked_while_the_disk_fills(api: ApiServer, disk: Disk, conversation_id: str, message: str) -> str:
    """Ask, fill the disk after the first pieces, and return the text that the client got, to its end."""
    wish = {"message": message, "conversation_id": conversation_id}
    events: list[tuple[str, str]] = []
    with api.client.stream("POST", "/chat/stream", json=wish) as response:
        for event in events_of(response.iter_lines()):
            events.append(event)
            disk.is_full = disk.is_full or len(events) > 5
    assert events[-1][0] == "error" and "disk is full" in events[-1][1]
    return text_of(events)


def test_what_a_client_was_shown_is_there_and_saved_as_soon_as_that_works(
    api: ApiServer, server: ScriptedServer, disk: Disk, store: JsonStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("model.store.shared_entries.RETRY_S", 0.05)
    server.script(LONG)
    shown = asked_while_the_disk_fills(api, disk, "mine", "FIRST")
    assert shown == LONG.text
    assert api.said("mine") == [("user", "FIRST"), ("assistant", LONG.text)]
    assert [row["conversation_id"] for row in api.client.get("/conversations").json()] == ["mine"]
    assert api.client.get("/conversations/mine/export").status_code == 200
    assert store.names() == []
    disk.is_full = False
    wait_until(lambda: store.has("mine"))
    assert contents(store.find("mine")) == ["FIRST", LONG.text]
    wait_until(lambda: not list(store.path.with_name("conversations.json.journal").iterdir()))


def test_the_next_question_goes_on_in_the_same_conversation_and_a_restart_changes_nothing(
    api: ApiServer, server: ScriptedServer, disk: Disk, store: JsonStore, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("model.store.shared_entries.RETRY_S", 3600.0)
    server.script(LONG, Reply("second"))
    asked_while_the_disk_fills(api, disk, "mine", "FIRST")
    refused = api.client.post("/chat", json={"message": "REFUSED", "conversation_id": "mine"})
    assert refused.status_code == 507 and len(server.requests) == 1
    disk.is_full = False
    answered = api.client.post("/chat", json={"message": "SECOND", "conversation_id": "mine"}).json()
    assert answered == {"response": "second", "conversation_id": "mine"}
    sent = [message["content"] for message in server.requests[-1].body["messages"]]
    assert sent[-3:] == ["FIRST", LONG.text, "SECOND"]
    expected = ["FIRST", LONG.text, "SECOND", "second"]
    assert contents(store.find("mine")) == expected
    again = ApiServer()
    assert [content for _, content in again.said("mine")] == expected
    assert len(again.client.get("/conversations").json()) == 1
    again.close()


def test_a_page_that_is_opened_meanwhile_shows_it_and_the_next_question_goes_on(
    screen: Screen, open_page: Callable[..., Screen], server: ScriptedServer, disk: Disk, store: JsonStore
):
    disk.is_full_when = lambda: bool(server.requests)
    server.script(Reply("one two three", tokens_per_s=50), Reply("second"))
    screen.ask("FIRST")
    [error] = screen.errors
    assert "The disk is full" in error and "kept in memory" in error
    other = open_page("chatbot_with_memory", screen.address)
    assert other.messages == screen.messages == [("user", "FIRST"), ("assistant", "one two three")]
    assert list(other.entries) == ["FIRST"] and store.names() == []
    disk.is_full_when = lambda: False
    other.ask("SECOND")
    assert contents(store.load("FIRST")) == ["FIRST", "one two three", "SECOND", "second"]


@pytest.fixture
def killed(store: JsonStore) -> str:
    """Leave a turn as a killed program does; return its conversation's id."""
    question, answer = (conversation := Conversation()).ask("Why?")
    folder = store.path.with_name("conversations.json.journal")
    folder.mkdir()
    text = first_lines(conversation, [], question, answer) + line(LogLine(text="It was a dark"))
    (folder / "1.jsonl").write_bytes(text)
    return question.id


def test_a_start_on_a_full_disk_tells_of_a_killed_turn_and_all_can_be_read(killed: str, disk: Disk, store: JsonStore):
    disk.is_full = True
    api = ApiServer()
    assert api.client.get("/conversations").status_code == 200
    assert api.said(killed) == [("user", "Why?"), ("assistant", "It was a dark")]
    api.close()
    disk.is_full = False
    api.parts.turns.settle(1)
    assert store.find(killed).messages[-1].status == INTERRUPTED


def test_a_page_tells_of_a_killed_turn_that_is_not_saved_yet(killed: str, disk: Disk, open_page: Callable[..., Screen]):
    disk.is_full = True
    screen = open_page("chatbot_with_memory", killed)
    assert any("saved as soon as that works" in warning for warning in screen.warnings)
    assert screen.messages[-1] == ("assistant", "It was a dark")


def test_a_page_that_is_drawn_only_after_the_end_tells_it_too(
    screen: Screen, server: ScriptedServer, disk: Disk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("controller.chat.turns.RunningTurn.wait_until_sent", lambda turn, _: turn.wait(PATIENCE_S))
    disk.is_full_when = lambda: bool(server.requests)
    screen.ask("Hi")
    [error] = screen.errors
    assert "kept in memory" in error
    screen.app.run()
    assert screen.errors == []


def test_a_client_reads_a_piece_only_when_it_is_on_disk(
    api: ApiServer, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
):
    server.script(LONG)
    written: list[bytes] = []
    append = atomic.append_whole

    def slowly(file: io.FileIO, data: bytes, length: int) -> int:
        written.append(data)
        return append(file, data, length)

    monkeypatch.setattr("utils.files.atomic.append_whole", slowly)
    seen = 0
    with api.client.stream("POST", "/chat/stream", json={"message": "Hi"}) as response:
        for name, data in events_of(response.iter_lines()):
            if name == "token":
                assert data.encode() in b"".join(written)
                seen += 1
    assert seen == 60
