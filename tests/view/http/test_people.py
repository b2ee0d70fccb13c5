"""People over HTTP: who is let in, and that nobody sees what is another's."""

import json

import httpx
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import connect

from controller.people.identity import person_keys
from tests.access_server import HEADER, AccessServer
from tests.api_server import ApiServer
from tests.hostile_tokens import hostile_tokens
from tests.scripted_server import Reply, ScriptedServer
from view.http.auth import AuthMiddleware

ANN, BOB = "ann@example.org", "bob@example.org"


@pytest.fixture
def access(access: AccessServer, monkeypatch: pytest.MonkeyPatch) -> AccessServer:
    """Return the identity provider; of those who sign in, only one domain is let in."""
    monkeypatch.setenv("ALLOWED_EMAILS", "@example.org")
    return access


@pytest.fixture
def people(access: AccessServer, api: ApiServer) -> ApiServer:
    return api


def as_person(access: AccessServer, email: str) -> dict[str, str]:
    return {HEADER: access.token(email)}


def test_nobody_is_let_in_without_a_token_but_to_what_tells_nothing(people: ApiServer):
    assert people.client.get("/").status_code == 200
    response = people.client.get("/conversations")
    assert response.status_code == 403 and response.headers["content-type"] == "application/problem+json"
    assert response.json()["detail"] == "Sign in to use bnaGPT."


def test_hostile_tokens_are_refused_in_one_sentence(access: AccessServer, people: ApiServer):
    told = set()
    for name, token in hostile_tokens(access).items():
        if token.isascii() and len(token) < 20_000:  # what a client can send at all
            response = people.client.get("/conversations", headers={HEADER: token})
            assert response.status_code == 403, name
            told.add(response.text)
    assert len(told) == 1


def test_two_tokens_are_as_bad_as_none(access: AccessServer, people: ApiServer):
    headers = [(HEADER, access.token(ANN)), (HEADER, access.token(BOB))]
    assert people.client.get("/conversations", headers=headers).status_code == 403


def test_a_huge_header_ends_the_request_and_not_the_server(access: AccessServer, people: ApiServer):
    try:
        response = people.client.get("/conversations", headers={HEADER: "a." * 60_000})
        assert response.status_code in (400, 403, 431)
    except httpx.TransportError:
        pass
    assert people.client.get("/conversations", headers=as_person(access, ANN)).status_code == 200


def test_an_address_that_is_not_allowed_is_told_the_same(access: AccessServer, people: ApiServer):
    assert people.client.get("/conversations", headers=as_person(access, ANN)).status_code == 200
    refused = people.client.get("/conversations", headers=as_person(access, "eve@evil.example"))
    assert (refused.status_code, refused.json()["detail"]) == (403, "Sign in to use bnaGPT.")


def test_a_provider_that_is_away_is_told_as_that(access: AccessServer, people: ApiServer):
    access.status = 500
    assert people.client.get("/conversations", headers=as_person(access, ANN)).status_code == 503


def test_a_page_of_another_site_can_not_ask_with_a_persons_token(access: AccessServer, people: ApiServer):
    for foreign in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        response = people.client.get("/conversations", headers=as_person(access, ANN) | foreign)
        assert response.status_code == 403


def test_a_person_asks_past_a_proxy_and_by_another_name(access: AccessServer, people: ApiServer):
    headers = as_person(access, ANN) | {"Host": "chat.example.org", "X-Forwarded-For": "203.0.113.7"}
    assert people.client.get("/conversations", headers=headers).status_code == 200


def test_a_person_s_key_opens_what_is_theirs_until_it_is_revoked(access: AccessServer, people: ApiServer):
    keys = person_keys(people.app().settings)
    key = keys.make("Ann@Example.org")
    assert key not in keys.file.read_text() and keys.file.stat().st_mode & 0o077 == 0
    people.client.post("/chat", json={"message": "Hi", "conversation_id": "mine"}, headers={"X-API-Key": key})
    headers = {"Authorization": f"Bearer {key}"}
    assert [one["conversation_id"] for one in people.client.get("/conversations", headers=headers).json()] == ["mine"]
    assert people.client.get("/conversations", headers=as_person(access, BOB)).json() == []
    assert keys.revoke_all(ANN) == 1
    assert people.client.get("/conversations", headers=headers).status_code == 403


def test_keys_that_belong_to_nobody_open_nothing_where_people_sign_in(
    monkeypatch: pytest.MonkeyPatch, access: AccessServer
):
    monkeypatch.setenv("API_KEYS", "an-old-key")
    server = ApiServer()
    assert server.client.get("/conversations", headers={"X-API-Key": "an-old-key"}).status_code == 403


@pytest.mark.parametrize("sign_in", ["cloudfare", "cloudflare", "oidc"])
def test_settings_that_can_not_be_used_let_nobody_in(monkeypatch: pytest.MonkeyPatch, sign_in: str):
    monkeypatch.setenv("SIGN_IN", sign_in)
    server = ApiServer()
    assert server.client.get("/conversations").status_code == 403
    assert server.client.get("/conversations", headers={HEADER: "a.b.c"}).status_code == 403


def test_a_turn_is_resumed_by_who_asked_alone(access: AccessServer, people: ApiServer, server: ScriptedServer):
    server.script(Reply("the secret is swordfish"))
    url = f"ws://{people.host}/ws"
    with connect(url, additional_headers=as_person(access, ANN)) as ann:
        ann.send(json.dumps({"type": "chat", "message": "Hi", "conversation_id": "one"}))
        while json.loads(ann.recv())["event"] != "done":
            pass
    resume = json.dumps({"type": "resume", "conversation_id": "one"})
    with connect(url, additional_headers=as_person(access, BOB)) as bob:
        bob.send(resume)
        assert json.loads(bob.recv())["data"]["status"] == 404
    with connect(url, additional_headers=as_person(access, ANN)) as ann:
        ann.send(resume)
        assert json.loads(ann.recv())["event"] != "error"


def test_a_socket_without_a_token_is_refused_at_once_and_one_whose_token_has_ended_at_the_next_question(
    access: AccessServer, people: ApiServer, monkeypatch: pytest.MonkeyPatch
):
    url = f"ws://{people.host}/ws"
    with pytest.raises((InvalidStatus, ConnectionClosed)):
        connect(url).recv()
    with connect(url, additional_headers=as_person(access, ANN)) as ann:
        monkeypatch.setattr("controller.people.tokens.LEEWAY_S", -10_000)  # as if hours had passed
        ann.send(json.dumps({"type": "chat", "message": "Hi"}))
        assert json.loads(ann.recv())["data"]["status"] == 403


def test_a_request_that_came_by_no_gate_gets_nobodys_conversations(people: ApiServer, monkeypatch: pytest.MonkeyPatch):
    async def let_in(*_: object) -> None:
        """Let a request in without looking who asks."""

    monkeypatch.setattr(AuthMiddleware, "_refusal_of", let_in)
    assert people.client.get("/conversations").status_code == 500
