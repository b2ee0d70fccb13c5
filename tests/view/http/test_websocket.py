"""The WebSocket: several turns, stop, and going on after a lost connection."""

import json
import socket as socket_module
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from model.store.json_store import JsonStore
from settings import Settings
from tests.api_server import ApiServer
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import PATIENCE_S


def talk_to(api: ApiServer, **headers: str) -> ClientConnection:
    return connect(f"ws://{api.host}/ws", additional_headers=headers, proxy=None)


@pytest.fixture
def socket(api: ApiServer) -> Iterator[ClientConnection]:
    with talk_to(api) as connection:
        yield connection


def send(socket: ClientConnection, **wish: Any) -> None:
    socket.send(json.dumps(wish))


def receive(socket: ClientConnection, until: str = "") -> list[dict[str, Any]]:
    """Return events up to the first of this kind, or the turn's end."""
    events = [json.loads(socket.recv(timeout=PATIENCE_S))]
    while events[-1]["event"] not in ("done", "error", until):
        events.append(json.loads(socket.recv(timeout=PATIENCE_S)))
    return events


def text_of(events: list[dict[str, Any]]) -> str:
    return "".join(one["data"] for one in events if one["event"] == "token")


def test_several_turns_on_one_connection(socket: ClientConnection, server: ScriptedServer, api: ApiServer):
    server.script(Reply("Hello {Ann}\n"), Reply("Ann"))
    send(socket, type="chat", message="I am Ann")
    first = receive(socket)
    assert text_of(first) == "Hello {Ann}\n"
    send(socket, type="chat", message="Who am I?", conversation_id=first[-1]["data"]["conversation_id"])
    assert text_of(receive(socket)) == "Ann"
    assert len(api.said(first[-1]["data"]["conversation_id"])) == 4


def test_stop_keeps_what_has_come_and_ends_it_at_the_endpoint(
    socket: ClientConnection, server: ScriptedServer, api: ApiServer
):
    server.script(Reply("so " * 5_000, tokens_per_s=20), Reply("Next"))
    send(socket, type="chat", message="Hi")
    receive(socket, until="token")
    send(socket, type="stop")
    last = receive(socket)[-1]
    assert last["event"] == "done" and not server.wait_for_request(1, ended=True).finished
    assert api.said(last["data"]["conversation_id"])[1][1].startswith("so")
    send(socket, type="chat", message="Hi")
    assert text_of(receive(socket)) == "Next"


def test_a_lost_connection_is_taken_up_at_the_last_event_seen(api: ApiServer, server: ScriptedServer):
    server.script(Reply(" ".join(map(str, range(30))), tokens_per_s=40))
    with talk_to(api) as first:
        send(first, type="chat", message="Count", conversation_id="count")
        seen = receive(first, until="token")
    with talk_to(api) as second:
        send(second, type="resume", conversation_id="count", last_event=seen[-1]["id"])
        rest = receive(second)
    assert text_of(seen + rest) == " ".join(map(str, range(30))) == api.said("count")[1][1]
    assert [one["id"] for one in seen + rest] == sorted({one["id"] for one in seen + rest})


def test_an_answer_that_has_ended_can_be_had_again(socket: ClientConnection, server: ScriptedServer):
    send(socket, type="chat", message="Hi", conversation_id="one")
    first = receive(socket)
    send(socket, type="resume", conversation_id="one")
    assert receive(socket) == first


def delete_over_http(api: ApiServer) -> None:
    assert api.client.delete("/conversations/one").status_code == 200


def delete_on_a_page(api: ApiServer) -> None:
    api.parts.changes.delete_conversation("one")


def delete_in_another_program(api: ApiServer) -> None:
    store = JsonStore(Settings.load().conversations_file)
    store.delete(store.name_of("one"))


def delete_the_answer(api: ApiServer) -> None:
    conversation = api.parts.conversations.load_conversation("one")
    api.parts.changes.delete_message(conversation, conversation.messages[1])


def change_the_answer(api: ApiServer) -> None:
    conversation = api.parts.conversations.load_conversation("one")
    api.parts.changes.edit(conversation, conversation.messages[1], "nothing")


WAYS = [delete_over_http, delete_on_a_page, delete_in_another_program, delete_the_answer, change_the_answer]


@pytest.mark.parametrize("delete", WAYS)
def test_what_was_deleted_can_not_be_had_again(
    api: ApiServer, socket: ClientConnection, server: ScriptedServer, delete: Callable[[ApiServer], None]
):
    server.script(Reply("the secret is swordfish"))
    send(socket, type="chat", message="Hi", conversation_id="one")
    receive(socket)
    delete(api)
    with talk_to(api) as another:
        for connection in (socket, another):
            send(connection, type="resume", conversation_id="one")
            assert [(one["event"], one["data"]["status"]) for one in receive(connection)] == [("error", 404)]


@pytest.mark.parametrize("delete", WAYS[:2] + WAYS[3:4])
def test_what_is_deleted_here_leaves_the_memory_at_once(
    api: ApiServer, socket: ClientConnection, server: ScriptedServer, delete: Callable[[ApiServer], None]
):
    server.script(Reply("the secret is swordfish"))
    send(socket, type="chat", message="Hi", conversation_id="one")
    receive(socket)
    assert len(api.recent) == 1
    delete(api)
    assert len(api.recent) == 0


def test_an_answer_that_does_not_end_is_not_called_deleted(
    api: ApiServer, socket: ClientConnection, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch
):
    server.script(Reply("so " * 5_000, tokens_per_s=20))
    send(socket, type="chat", message="Hi", conversation_id="one")
    receive(socket, until="token")
    monkeypatch.setattr("controller.chat.turns.RunningTurn.stop", lambda turn: None)
    monkeypatch.setattr("controller.chat.turns.RunningTurn.wait", lambda turn, timeout_s: False)
    assert api.client.delete("/conversations/one").status_code == 409
    monkeypatch.undo()
    assert api.client.delete("/conversations/one").status_code == 200
    assert api.client.get("/conversations/one").status_code == 404


@pytest.mark.parametrize(
    ("raw", "status"),
    [
        ("no json", 422),
        ("[]", 422),
        ('{"type": "dance"}', 422),
        ('{"type": "chat", "message": ""}', 422),
        ('{"type": "chat", "message": "Hi", "stage": "none"}', 422),
        ('{"type": "chat", "message": "\\ud800"}', 422),
        ('{"type": "resume", "conversation_id": "none"}', 404),
    ],
)
def test_what_can_not_be_done_is_told_and_the_connection_stays(
    socket: ClientConnection, server: ScriptedServer, raw: str, status: int
):
    socket.send(raw)
    told = receive(socket)[-1]
    assert told["event"] == "error" and told["data"]["status"] == status and told["data"]["detail"]
    send(socket, type="chat", message="Hi")
    assert receive(socket)[-1]["event"] == "done"


def frame(kind: int, data: bytes, is_last: bool = True) -> bytes:
    """Return a frame as a client sends it (RFC 6455, section 5.2), masked with zeros."""
    return bytes([is_last << 7 | kind, 0x80 | len(data)]) + bytes(4) + data


def raw_socket(api: ApiServer) -> socket_module.socket:
    line = socket_module.create_connection(api.address, timeout=PATIENCE_S)
    key = "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="
    line.sendall(
        f"GET /ws HTTP/1.1\r\nHost: {api.host}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n{key}\r\n\r\n".encode()
    )
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += line.recv(1)
    assert head.startswith(b"HTTP/1.1 101")
    return line


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (frame(2, b"{}"), 1003),
        (frame(2, b""), 1003),
        (frame(2, b"{", is_last=False) + frame(0, b"}"), 1003),
        (frame(1, b"\xff\xff"), 1007),
        (frame(1, b"\xe2\x82", is_last=False) + frame(0, b"\xff"), 1007),
        (frame(3, b"x"), 1002),
        (frame(0, b"x"), 1002),
        (frame(8, b"x"), 1002),
    ],
)
def test_what_is_no_text_closes_the_connection_with_its_code_and_no_traceback(
    api: ApiServer, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, sent: bytes, code: int
):
    with raw_socket(api) as line:
        line.sendall(sent)
        assert line.recv(1) == b"\x88" and line.recv(1)
        assert int.from_bytes(line.recv(2), "big") == code
    assert "Traceback" not in capfd.readouterr().err and not [one for one in caplog.records if one.exc_info]


def test_a_message_that_is_too_large_closes_the_connection(socket: ClientConnection):
    socket.send(json.dumps({"type": "chat", "message": "x" * 11_000_000}))
    with pytest.raises(ConnectionClosed) as closed:
        socket.recv(timeout=PATIENCE_S)
    assert closed.value.rcvd and closed.value.rcvd.code == 1009


def test_a_socket_is_no_slow_request(api: ApiServer, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch):
    for name in ("SLOWEST_HEAD_S", "SLOWEST_REST_S", "LONGEST_UNREAD_S"):
        monkeypatch.setattr(f"view.http.connections.{name}", 0.2)
    server.script(Reply("one two three four five six seven eight", tokens_per_s=8))
    with talk_to(api) as connection:
        send(connection, type="chat", message="Count")
        assert text_of(receive(connection)) == "one two three four five six seven eight"


def test_a_second_question_waits_for_the_first(socket: ClientConnection, server: ScriptedServer):
    server.script(Reply("so " * 5_000, tokens_per_s=20))
    send(socket, type="chat", message="Hi")
    receive(socket, until="token")
    send(socket, type="chat", message="Again")
    assert receive(socket)[-1]["data"]["status"] == 409
    send(socket, type="stop")
    assert receive(socket)[-1]["event"] == "done"


def test_a_fault_is_an_event(socket: ClientConnection, server: ScriptedServer):
    server.script(Reply(status=500))
    send(socket, type="chat", message="Hi")
    assert receive(socket)[-1]["data"]["kind"] == "ProviderUnreachable"


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
def test_a_page_of_another_site_can_not_connect(api: ApiServer, headers: dict[str, str]):
    with pytest.raises(InvalidStatus), talk_to(api, **headers):
        pass


def test_questions_are_counted(monkeypatch: pytest.MonkeyPatch, request):
    monkeypatch.setenv("API_REQUESTS_PER_MINUTE", "2")
    with talk_to(request.getfixturevalue("api")) as socket:
        for last in ("done", "error"):
            send(socket, type="chat", message="Hi")
            assert receive(socket)[-1]["event"] == last
