"""Who is let in: keys, this machine alone, pages of other sites, limits; and that errors are problems."""

import hashlib
from threading import Event

import httpx
import pytest
from starlette.requests import HTTPConnection

from tests.api_server import ApiServer
from tests.waiting import FOR_EVER_S
from view.http_who import foreign, is_known

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


def test_a_body_that_is_too_large_is_refused(api: ApiServer):
    def endless():
        for _ in range(12):
            yield b"x" * 1_000_000

    assert api.client.post("/chat", content=b"x" * 11_000_000).status_code == 413
    try:
        assert api.client.post("/chat", content=endless()).status_code == 413
    except (httpx.WriteError, httpx.ReadError):  # it hung up while we were still sending, which is as good
        pass


def test_a_body_that_never_comes_is_not_waited_for(api: ApiServer, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("view.http_gate.SLOWEST_BODY_S", 0.2)

    def slow():
        yield b"{"
        is_answered.wait(FOR_EVER_S)
        yield b"}"

    is_answered = Event()
    response = api.client.post("/chat", content=slow(), headers={"Content-Type": "application/json"})
    assert response.status_code == 408


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
