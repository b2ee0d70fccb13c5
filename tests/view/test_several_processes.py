"""Several processes over one PostgreSQL: what runs in one is seen, followed and stopped from the others."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import ClientConnection, connect

from tests.api_server import ApiServer
from tests.conversations import contents
from tests.places import DatabasePlace, Postgres
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen
from tests.waiting import PATIENCE_S, wait_until

LONG = Reply(" ".join(f"word{number}" for number in range(2_000)), tokens_per_s=100)


@pytest.fixture
def place(
    postgres: Postgres, tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[DatabasePlace]:
    with closing(DatabasePlace(postgres.new_database())) as kept:
        for name, value in (environ | kept.environ()).items():
            monkeypatch.setenv(name, value)
        yield kept


def machine(folder: Path, monkeypatch: pytest.MonkeyPatch) -> ApiServer:
    """Return a server that shares nothing with another but the database."""
    folder.mkdir()
    monkeypatch.setenv("CONVERSATIONS_FILE", str(folder / "conversations.json"))
    api = ApiServer()
    assert api.parts.turns.running() == []  # it is built now
    return api


@pytest.fixture
def machines(place: DatabasePlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[ApiServer]]:
    made = [machine(tmp_path / name, monkeypatch) for name in ("one", "two")]
    yield made
    for api in made:
        api.close()


def talk_to(api: ApiServer) -> ClientConnection:
    return connect(f"ws://{api.host}/ws", proxy=None)


def send(socket: ClientConnection, **wish: Any) -> None:
    socket.send(json.dumps(wish))


def receive(socket: ClientConnection, until: Callable[[dict[str, Any]], bool]) -> list[dict[str, Any]]:
    """Return events up to the first of this kind."""
    events = [json.loads(socket.recv(timeout=PATIENCE_S))]
    while not until(events[-1]):
        events.append(json.loads(socket.recv(timeout=PATIENCE_S)))
    return events


def test_who_resumes_at_another_process_misses_nothing_and_can_stop(
    machines: list[ApiServer], server: ScriptedServer, place: DatabasePlace
):
    server.script(LONG)
    with talk_to(machines[0]) as first:
        send(first, type="chat", message="Hi", conversation_id="mine")
        before = receive(first, lambda event: event["data"] == " word20")
    wait_until(lambda: machines[1].parts.turns.conversations())
    with talk_to(machines[1]) as second:
        send(second, type="resume", conversation_id="mine", last_event=before[-1]["id"])
        after = receive(second, lambda event: event["data"] == " word120")
        send(second, type="stop")
        after += receive(second, lambda event: event["event"] in ("done", "error"))
    numbers = [event["id"] for event in (*before, *after)]
    assert numbers == sorted(set(numbers))
    said = "".join(event["data"] for event in (*before, *after) if event["event"] == "token")
    saved = place.open().find("mine")
    assert LONG.text.startswith(said) and saved.messages[-1].content == said
    assert saved.messages[-1].status == "stopped"


def test_a_conversation_is_read_asked_and_deleted_at_another_process_while_its_answer_comes(
    machines: list[ApiServer], server: ScriptedServer
):
    server.script(LONG)
    with talk_to(machines[0]) as first:
        send(first, type="chat", message="Hi", conversation_id="mine")
        receive(first, lambda event: event["data"] == " word5")
        wait_until(lambda: machines[1].parts.turns.conversations())
        [question, answer] = machines[1].said("mine")
        assert question == ("user", "Hi") and answer[1].startswith("word0 word1")
        refused = machines[1].client.post("/chat", json={"message": "More", "conversation_id": "mine"})
        assert refused.status_code == 409
        assert machines[1].client.delete("/conversations/mine").status_code == 200
        receive(first, lambda event: event["event"] in ("done", "error"))
    for api in machines:
        assert api.client.get("/conversations/mine").status_code == 404


def test_a_page_follows_an_answer_of_another_process_and_shows_it_whole(
    machines: list[ApiServer], open_page: Callable[..., Screen], server: ScriptedServer, place: DatabasePlace
):
    server.script(Reply("one two three four " * 120, tokens_per_s=50))
    screen = open_page("chatbot_with_memory")
    with talk_to(machines[0]) as first:
        send(first, type="chat", message="Hi", conversation_id="mine")
        receive(first, lambda event: event["event"] == "token")
        wait_until(lambda: screen.app.run() and "Hi" in screen.entries)  # the list names it before it is saved
        screen.load("Hi")
        assert screen.messages == [("user", "Hi"), ("assistant", ("one two three four " * 120).strip())]
    assert contents(place.open().find("mine"))[0] == "Hi" and screen.errors == []


def test_who_deletes_everything_in_one_process_is_gone_from_the_others(
    machines: list[ApiServer], server: ScriptedServer, place: DatabasePlace
):
    server.script(LONG)
    assert machines[1].parts.era == 0
    with talk_to(machines[1]) as socket:
        send(socket, type="chat", message="Hi", conversation_id="mine")
        receive(socket, lambda event: event["data"] == " word5")
        wait_until(lambda: machines[0].parts.turns.conversations())
        machines[0].app().delete_all_of()
        wait_until(lambda: machines[1].parts.era == 1)
    for api in machines:
        assert api.client.get("/conversations").json() == []
    assert place.open().names() == []
