"""The page and the HTTP API over a database: all that a person does, and a database that goes."""

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from streamlit.testing.v1.element_tree import TextInput

from controller.chat.turns import Turns
from model.store.sql.store import SqlStore
from tests.api_server import ApiServer, events_of, text_of
from tests.conftest import place_of
from tests.conversations import contents
from tests.places import DatabasePlace, Postgres
from tests.scripted_server import Reply, ScriptedServer
from tests.view.conftest import Screen
from tests.waiting import wait_until

LONG = Reply(" ".join(f"word{number}" for number in range(60)), tokens_per_s=100)


@pytest.fixture(params=["sqlite", "postgres"])
def place(
    request: pytest.FixtureRequest, tmp_path: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[DatabasePlace]:
    """Let the app keep conversations in a database, one kind after the other."""
    with closing(place_of(request, tmp_path)) as kept:
        assert isinstance(kept, DatabasePlace)
        for name, value in (environ | kept.environ()).items():
            monkeypatch.setenv(name, value)
        # What stays files would lie beside Home.py for a server's database.
        monkeypatch.setattr("settings.ROOT", tmp_path)
        yield kept


@pytest.fixture
def store(place: DatabasePlace) -> SqlStore:
    return place.open()


def box_of(screen: Screen, label: str) -> TextInput:
    return next(each for each in screen.app.text_input if each.label == label)


def test_a_person_saves_lists_loads_renames_searches_deletes_and_undoes_on_the_page(
    store: SqlStore, open_page: Callable[..., Screen], server: ScriptedServer
):
    server.script(Reply("Warm air rises."), Reply("More of it."), Reply("Else."))
    screen = open_page("chatbot_with_memory")
    screen.ask("How does rain form?")
    screen.save_as("Rain")
    assert store.names() == ["Rain"] and list(screen.entries) == ["Rain"]
    screen.click("New chat")
    screen.ask("Other")
    screen.load("Rain")
    assert screen.messages == [("user", "How does rain form?"), ("assistant", "Warm air rises.")]
    screen.pick("Rain", "Rename", name="Weather")
    assert store.names() == ["Other", "Weather"]
    box_of(screen, "Search").set_value("warm").run()
    assert "Weather" in screen.everything() and "Other" not in screen.entries
    box_of(screen, "Search").set_value("").run()
    before = store.load("Weather")
    screen.pick("Weather", "Delete")
    assert store.names() == ["Other"]
    screen.click("Undo: “Weather” deleted.")
    assert store.load("Weather") == before


def test_a_program_saves_lists_renames_searches_and_deletes_over_http(
    store: SqlStore, api: ApiServer, server: ScriptedServer
):
    server.script(Reply("Warm air rises."))
    rain = api.client.post("/chat", json={"message": "How does rain form?"}).json()["conversation_id"]
    assert [row["conversation_id"] for row in api.client.get("/conversations").json()] == [rain]
    assert api.client.get("/search", params={"q": "warm"}).json()[0]["snippet"] == "Warm air rises."
    assert api.client.patch(f"/conversations/{rain}", json={"name": "Weather"}).json()["name"] == "Weather"
    assert contents(store.load("Weather")) == ["How does rain form?", "Warm air rises."]
    assert api.client.delete(f"/conversations/{rain}").status_code == 200
    assert store.names() == [] and api.client.get(f"/conversations/{rain}").status_code == 404


@pytest.fixture
def own_server() -> Iterator[Postgres]:
    """Return a PostgreSQL server that the test may stop."""
    with closing(Postgres()) as server:
        yield server


@pytest.fixture
def own_place(
    own_server: Postgres, environ: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[DatabasePlace]:
    with closing(DatabasePlace(own_server.new_database())) as kept:
        for name, value in (environ | kept.environ()).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("settings.ROOT", tmp_path)
        yield kept


def test_an_answer_ends_though_the_database_goes_and_is_saved_when_it_is_back_without_a_restart(
    own_server: Postgres, own_place: DatabasePlace, api: ApiServer, server: ScriptedServer
):
    server.script(LONG, Reply("second"))
    wish = {"message": "FIRST", "conversation_id": "mine"}
    events: list[tuple[str, str]] = []
    with api.client.stream("POST", "/chat/stream", json=wish) as response:
        for event in events_of(response.iter_lines()):
            events.append(event)
            if len(events) == 5:
                own_server.stop()
    assert events[-1][0] == "error" and "can't be reached" in events[-1][1] and "kept in memory" in events[-1][1]
    assert text_of(events) == LONG.text
    refused = api.client.get("/conversations")
    assert refused.status_code >= 500 and "can't be reached" in refused.json()["detail"]
    own_server.start()
    store = own_place.open()
    wait_until(lambda: store.has("mine"))
    assert contents(store.find("mine")) == ["FIRST", LONG.text]
    assert api.client.post("/chat", json={"message": "SECOND", "conversation_id": "mine"}).status_code == 200
    assert contents(store.find("mine"))[2:] == ["SECOND", "second"]
    wait_until(lambda: not list(own_place.settings.conversations_file.with_name("conversations.journal").iterdir()))


def test_the_page_tells_that_the_database_is_gone_and_keeps_what_was_said(
    own_server: Postgres,
    own_place: DatabasePlace,
    open_page: Callable[..., Screen],
    server: ScriptedServer,
    monkeypatch: pytest.MonkeyPatch,
):
    screen = open_page("chatbot_with_memory")
    ended = Turns._end

    def gone_at_the_end(*arguments) -> None:
        own_server.stop()
        ended(*arguments)

    monkeypatch.setattr(Turns, "_end", gone_at_the_end)
    server.script(Reply("one two three"), Reply("second"))
    screen.ask("FIRST")
    assert screen.messages == [("user", "FIRST"), ("assistant", "one two three")]
    assert any("can't be reached" in error for error in screen.errors), screen.errors
    monkeypatch.setattr(Turns, "_end", ended)
    own_server.start()
    store = own_place.open()
    wait_until(lambda: store.names() == ["FIRST"])
    screen.ask("SECOND")
    assert screen.errors == [] and contents(store.load("FIRST"))[2:] == ["SECOND", "second"]
    assert list(screen.entries) == ["FIRST"]


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("postgresql://me:secret@127.0.0.1:1/chat", "can't be reached"),
        ("mysql://me:secret@127.0.0.1/chat", "no database that bnaGPT can use"),
        ("sqlite:////proc/no/such/place.db", "could not be opened"),
    ],
)
def test_a_database_that_can_not_be_used_is_told_in_one_sentence(
    address: str,
    told: str,
    environ: dict[str, str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    open_page: Callable[..., Screen],
):
    monkeypatch.setenv("DATABASE_URL", address)
    monkeypatch.setattr("settings.ROOT", tmp_path)
    screen = open_page("chatbot_with_memory")
    assert "secret" not in screen.everything()
    assert any(told in error for error in screen.errors) and len(screen.errors) == 1, screen.errors
    assert "Chat settings" in screen.buttons and "Model" in [box.label for box in screen.app.selectbox]
    with closing(ApiServer()) as api:
        response = api.client.post("/chat", json={"message": "Hi"})
        assert response.status_code >= 500 and told in response.json()["detail"] and "secret" not in response.text
        assert api.client.get("/conversations").status_code == 503
