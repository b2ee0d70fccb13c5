"""Who is let in: keys, this machine alone, pages of other sites, limits; and that errors are problems."""

import hashlib
import socket
from collections.abc import Iterator
from contextlib import suppress

import httpx
import pytest
from starlette.requests import HTTPConnection

from controller.history.saved_conversations import SavedConversations
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.store.json_store import JsonStore
from tests.api_server import ApiServer, events_of, text_of
from tests.scripted_server import Reply, ScriptedServer
from view.http.auth import SLOWEST_BODY_S, SLOWEST_BYTES_PER_S, client_of, foreign, host_names, is_known, is_named
from view.http.connections import LONGEST_UNREAD_S, SLOWEST_REST_S

KEY = "a-key-of-the-api"


def connection(client: str = "127.0.0.1", **headers: str) -> HTTPConnection:
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "http", "client": (client, 1), "headers": raw, "path": "/chat"})


@pytest.mark.parametrize("host", ["localhost", "localhost:8000", "127.0.0.1:8000", "[::1]:8000", "LOCALHOST"])
@pytest.mark.parametrize("client", ["127.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_let_in_by_its_own_names(host: str, client: str):
    assert foreign(connection(client, host=host), ()) == ""


@pytest.mark.parametrize(
    ("client", "headers"),
    [
        ("192.168.0.7", {"host": "localhost"}),
        ("::ffff:192.168.0.7", {"host": "localhost"}),
        ("", {"host": "localhost"}),
        ("127.0.0.1", {"host": "evil.example"}),
        ("127.0.0.1", {"host": "localhost.evil.example:8000"}),
        ("127.0.0.1", {}),
        ("127.0.0.1", {"host": "localhost:8000", "origin": "https://evil.example"}),
        ("127.0.0.1", {"host": "localhost:8000", "origin": "http://localhost:3000"}),
        ("127.0.0.1", {"host": "localhost:8000", "origin": "null"}),
    ],
)
def test_all_others_are_not(client: str, headers: dict[str, str]):
    assert foreign(connection(client, **headers), ())


def test_a_page_of_the_same_site_and_one_that_is_named_are_let_in():
    assert foreign(connection(host="localhost:8000", origin="http://localhost:8000"), ()) == ""
    assert foreign(connection(host="localhost:8000", origin="https://ok.example"), ("https://ok.example",)) == ""


def test_two_host_headers_are_as_bad_as_none():
    asked = connection(host="localhost")
    asked.scope["headers"].append((b"host", b"evil.example"))
    assert foreign(HTTPConnection(asked.scope), ())


def test_another_host_name_is_refused_over_the_wire(api: ApiServer):
    for headers in ({"Host": "evil.example"}, {"Origin": "https://evil.example"}):
        response = api.client.post("/chat", json={"message": "Hi"}, headers=headers)
        assert response.status_code == 403 and response.headers["content-type"] == "application/problem+json"
    assert "access-control-allow-origin" not in api.client.get("/", headers={"Origin": "null"}).headers


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_KEYS", f"other, sha256:{hashlib.sha256(KEY.encode()).hexdigest()}")


@pytest.mark.parametrize(
    "headers", [{"Authorization": f"Bearer {KEY}"}, {"X-API-Key": "other"}, {"authorization": "bearer other"}]
)
def test_a_key_opens(keys, api: ApiServer, headers: dict[str, str]):
    assert api.client.get("/conversations", headers=headers | {"Host": "chat.example"}).status_code == 200


PROXIES = [
    "Via",
    "Forwarded",
    "X-Real-IP",
    "X-Forwarded-For",
    "X-Forwarded-Host",
    "X-Forwarded-Proto",
    "CF-Connecting-IP",
    "Tailscale-User-Login",
    "X-Vercel-Forwarded-For",
    "Ngrok-Trace-Id",
    "Fastly-FF",
    "X-Varnish",
    "Forwarded-For",
    "Remote-User",
    "True-Client-IP",
    "X-Client-IP",
    "X-Original-Host",
    "cdn-loop",
]


@pytest.mark.parametrize("name", PROXIES)
@pytest.mark.parametrize("value", ["203.0.113.9", "127.0.0.1", ""])
def test_without_keys_nobody_comes_through_a_proxy(api: ApiServer, name: str, value: str):
    assert api.client.get("/conversations", headers={name: value}).status_code == 403


def test_with_a_key_they_do(keys, api: ApiServer):
    assert api.client.get("/conversations", headers={"Via": "1.1 x", "X-API-Key": KEY}).status_code == 200


@pytest.mark.parametrize("place", ["cross-site", "same-site", "Cross-Site", "else"])
def test_what_a_page_of_another_site_embeds_is_refused(api: ApiServer, place: str):
    for mode, dest in (("no-cors", "image"), ("cors", "empty"), ("navigate", "document"), ("navigate", "iframe")):
        told = {"Sec-Fetch-Site": place, "Sec-Fetch-Mode": mode, "Sec-Fetch-Dest": dest}
        assert api.client.get("/conversations", headers=told).status_code == 403
    assert api.client.get("/docs", headers=told | {"Sec-Fetch-Dest": "document"}).status_code == 200
    assert api.client.get("/docs", headers=told).status_code == 403


@pytest.mark.parametrize("place", ["same-origin", "none"])
def test_what_this_machine_asks_in_a_browser_is_let_in(api: ApiServer, place: str):
    assert api.client.get("/conversations", headers={"Sec-Fetch-Site": place}).status_code == 200


def test_the_api_alone_sends_the_headers_too(api: ApiServer, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object) -> None:
        raise RuntimeError

    monkeypatch.setattr(SavedConversations, "list_conversations", broken)
    asked = [
        ("/", {}, 200),
        ("/docs", {}, 200),
        ("/nothing", {}, 404),
        ("/", {"Host": "evil.example"}, 403),
        ("/conversations", {}, 500),
    ]
    for path, headers, status in asked:
        response = api.client.get(path, headers=headers)
        assert response.status_code == status
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in response.headers["content-security-policy"]
        assert response.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": f"Basic {KEY}"}])
def test_without_the_right_key_nothing_is_told(keys, api: ApiServer, headers: dict[str, str]):
    for path in ("/conversations", "/conversations/x", "/v1/models", "/nothing"):
        response = api.client.get(path, headers=headers)
        assert response.status_code == 401 and response.headers["www-authenticate"] == "Bearer"
    assert api.client.get("/").status_code == 200


def test_a_hash_is_no_key():
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    assert is_known(KEY, ("0" * 64, digest)) and not is_known(digest, (digest,)) and not is_known("", (digest,))


def test_keys_do_not_show_in_the_settings(keys):
    from settings import Settings

    settings = Settings.load()
    assert len(settings.api_keys) == 2
    assert KEY not in repr(settings) and settings.api_keys[0] not in repr(settings)


def test_origins_in_the_settings_may_ask_from_a_browser(monkeypatch: pytest.MonkeyPatch, request):
    monkeypatch.setenv("API_ORIGINS", "https://ok.example")
    api: ApiServer = request.getfixturevalue("api")
    asks = {"Origin": "https://ok.example", "Access-Control-Request-Method": "POST"}
    assert api.client.options("/chat", headers=asks).headers["access-control-allow-origin"] == "https://ok.example"
    asks["Origin"] = "https://evil.example"
    assert "access-control-allow-origin" not in api.client.options("/chat", headers=asks).headers


def test_who_asks_too_often_is_told_when_to_come_again(monkeypatch: pytest.MonkeyPatch, request):
    monkeypatch.setenv("API_REQUESTS_PER_MINUTE", "3")
    api: ApiServer = request.getfixturevalue("api")
    statuses = [api.client.get("/conversations").status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    assert 1 <= int(api.client.get("/conversations").headers["retry-after"]) <= 22


@pytest.mark.parametrize("header", ["X-API-Key", "Authorization"])
def test_a_key_that_is_made_up_is_no_new_client(monkeypatch: pytest.MonkeyPatch, request, header: str):
    monkeypatch.setenv("API_REQUESTS_PER_MINUTE", "5")
    api: ApiServer = request.getfixturevalue("api")
    statuses = [
        api.client.get("/conversations", headers={header: f"Bearer {number}"}).status_code for number in range(9)
    ]
    assert statuses == [200] * 5 + [429] * 4


def test_wrong_keys_are_counted_and_the_right_one_is_not_kept_out(keys, monkeypatch: pytest.MonkeyPatch, request):
    monkeypatch.setenv("API_REQUESTS_PER_MINUTE", "5")
    api: ApiServer = request.getfixturevalue("api")

    def ask(**headers: str) -> int:
        return api.client.get(
            "/conversations", headers={name.replace("_", "-"): v for name, v in headers.items()}
        ).status_code

    assert [ask(X_API_Key=f"guess {number}") for number in range(9)] == [401] * 5 + [429] * 4
    assert ask(X_API_Key=KEY) == ask(X_API_Key="other") == 200
    # Behind a proxy that believes its clients, each guess has an address of its own.
    statuses = [ask(X_API_Key="guess", X_Forwarded_For=f"203.0.113.{number}") for number in range(60)]
    assert statuses.count(401) <= 50 and statuses[-1] == 429
    assert ask(X_API_Key=KEY, X_Forwarded_For="203.0.113.1") == 200


def test_all_addresses_of_one_network_are_one_client():
    first, second, other = "2001:db8::1", "2001:db8::ffff:1", "2001:db8:0:1::1"
    assert client_of(connection(first), ()) == client_of(connection(second), ()) != client_of(connection(other), ())
    assert client_of(connection("::ffff:10.0.0.1"), ()) == client_of(connection("10.0.0.1"), ()) == "10.0.0.1"


def test_a_body_that_is_too_large_is_refused(api: ApiServer):
    def endless():
        for _ in range(12):
            yield b"x" * 1_000_000

    assert api.client.post("/chat", content=b"x" * 11_000_000).status_code == 413
    try:
        assert api.client.post("/chat", content=endless()).status_code == 413
    except (httpx.WriteError, httpx.ReadError):  # it hung up while we were still sending, which is as good
        pass


def drip(api: ApiServer, line: socket.socket) -> bytes:
    """Send a byte a second until the other side has had enough; return what it said."""
    line.settimeout(0.005)
    received = b""
    with suppress(ConnectionError):
        while True:
            try:
                if not (piece := line.recv(65536)):
                    return received
                received += piece
            except TimeoutError:
                line.sendall(b"a")
                api.later(1)
    return received


@pytest.mark.parametrize("path", ["/chat", "/v1/chat/completions"])
def test_a_body_that_drips_is_given_up_as_a_whole(api: ApiServer, path: str):
    with socket.create_connection(api.address) as line:
        head = (
            f"POST {path} HTTP/1.1\r\nHost: {api.host}\r\nContent-Type: application/json\r\nContent-Length: 999999\r\n"
        )
        line.sendall(f"{head}Connection: close\r\n\r\n".encode())
        assert drip(api, line).startswith(b"HTTP/1.1 408")


def test_a_large_body_has_more_time(api: ApiServer):
    def pieces() -> Iterator[bytes]:
        yield b'{"message": "Hi",'
        for _ in range(2 * int(SLOWEST_BODY_S)):
            yield b" " * 2 * SLOWEST_BYTES_PER_S
            api.later(1)
        yield b'"stage": "simple_chatbot"}'

    assert api.client.post("/chat", content=pieces(), headers={"Content-Type": "application/json"}).status_code == 200


@pytest.mark.parametrize("head", ["GET / HTTP/1.1\r\nHost: localhost\r\nX-", "", "GE", "GET /\r\nA: "])
def test_a_head_that_stays_half_sent_is_given_up(api: ApiServer, head: str):
    with socket.create_connection(api.address) as line:
        line.sendall(head.encode())
        assert drip(api, line)[:12] in (b"", b"HTTP/1.1 400")


def test_the_second_head_of_a_connection_is_watched_as_the_first(api: ApiServer):
    with socket.create_connection(api.address) as line:
        line.sendall(f"GET / HTTP/1.1\r\nHost: {api.host}\r\n\r\nGET / HTTP/1.1\r\nX-".encode())
        assert drip(api, line).count(b"HTTP/1.1 200") == 1


def test_a_body_that_nobody_reads_holds_no_connection(api: ApiServer):
    with socket.create_connection(api.address) as line:
        line.sendall(b"POST /chat HTTP/1.1\r\nHost: evil.example\r\nContent-Length: 999999\r\n\r\n")
        assert drip(api, line).startswith(b"HTTP/1.1 403")


def test_a_head_without_end_is_given_up(api: ApiServer):
    with socket.create_connection(api.address) as line, pytest.raises(ConnectionError):
        line.sendall(b"GET / HTTP/1.1\r\n")
        while True:  # what the other side has closed can't be written to for long
            line.sendall(b"X-More: " + b"x" * 4000 + b"\r\n")


def test_who_reads_nothing_of_an_answer_is_given_up(api: ApiServer, store: JsonStore):
    text = "x" * 6_000_000
    store.save("Large", Conversation([Message("user", text, id="large")]))
    with socket.socket() as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # else the system would read it for the client
        line.connect(api.address)
        line.sendall(f"GET /conversations/large HTTP/1.1\r\nHost: {api.host}\r\n\r\n".encode())
        assert line.recv(12) == b"HTTP/1.1 200"
        while api.connection_count:
            api.later(LONGEST_UNREAD_S)
        taken = 0
        with suppress(ConnectionError):
            while piece := line.recv(1_000_000):
                taken += len(piece)
        assert taken < len(text)


def test_a_long_answer_is_no_slow_request(api: ApiServer, server: ScriptedServer):
    server.script(Reply("one two three four", tokens_per_s=20))
    with api.client.stream("POST", "/chat/stream", json={"message": "Count"}) as response:
        events = events_of(response.iter_lines())
        began = next(events)
        api.later(2 * SLOWEST_REST_S)
        assert text_of([began, *events]) == "one two three four"


def test_errors_are_problems(api: ApiServer):
    for method, path, status in (("GET", "/nothing", 404), ("PUT", "/chat", 405), ("GET", "/conversations/x", 404)):
        response = api.client.request(method, path)
        assert response.status_code == status == response.json()["status"]
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["title"] and response.json()["detail"]


def test_half_a_surrogate_pair_breaks_nothing(api: ApiServer):
    response = api.client.post(
        "/chat", content=rb'{"message": "\ud800", "\udfff": 1}', headers={"Content-Type": "application/json"}
    )
    assert response.status_code in (200, 422)


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Box.local", "box.local"),
        ("http://box.local:8501/", "box.local"),
        ("10.0.0.5:8501", "10.0.0.5"),
        ("fe80::7", "[fe80::7]"),
        ("[FE80:0::7%eth0]:8501", "[fe80::7]"),
        ("::ffff:10.0.0.5", "10.0.0.5"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("*.box.local", "*.box.local"),
    ],
)
def test_a_host_is_found_however_a_person_writes_it(written: str, name: str):
    assert host_names((written,)) == (name,)


def test_a_star_stands_for_what_is_in_front():
    assert is_named("a.box.local", ("*.box.local",)) and is_named("evil.example", ("*",))
    assert not is_named("box.local", ("*.box.local",)) and not is_named("evilbox.local", ("*.box.local",))
