"""The published contract: questions over HTTP, whole and streamed, and the conversations they are kept in."""

import json
import socket

import httpx
import pytest

from model.store.json_store import JsonStore
from tests.api_server import ApiServer, events_of, last_of, text_of
from tests.scripted_server import Reply, ScriptedServer
from tests.waiting import FOR_EVER_S, wait_until

ODD = "One\n\n  two {three}\n\tfour: 5\ndata: six\n"


def test_it_says_that_it_is_healthy(api: ApiServer):
    assert api.client.get("/").json() == {"status": "healthy", "service": "bnaGPT"}


def test_a_question_is_answered_and_kept(api: ApiServer, server: ScriptedServer, store: JsonStore):
    server.script(Reply("Hello Ann"), Reply("You are Ann"))
    first = api.client.post("/chat", json={"message": "I am Ann"}).json()
    assert set(first) == {"response", "conversation_id"} and first["response"] == "Hello Ann"
    second = api.client.post("/chat", json={"message": "Who am I?", "conversation_id": first["conversation_id"]})
    assert second.json() == {"response": "You are Ann", "conversation_id": first["conversation_id"]}
    sent = [row["content"] for row in server.requests[-1].body["messages"]]
    assert sent == ["I am Ann", "Hello Ann", "Who am I?"]
    assert [m.content for m in store.find(first["conversation_id"]).messages][-1] == "You are Ann"


def test_a_stream_is_tokens_and_then_done(api: ApiServer, server: ScriptedServer):
    server.script(Reply("one two three"))
    events = api.stream(message="Count")
    assert [data for name, data in events if name == "token"] == ["one", " two", " three"]
    assert events[-1][0] == "done" and set(last_of(events)) == {"conversation_id"}
    assert api.said(last_of(events)["conversation_id"]) == [("user", "Count"), ("assistant", "one two three")]


def test_tokens_arrive_one_by_one(api: ApiServer, server: ScriptedServer):
    server.script(Reply("one two three", stall_after=2))
    with api.client.stream("POST", "/chat/stream", json={"message": "Hi"}) as response:
        tokens = (data for name, data in events_of(response.iter_lines()) if name == "token")
        assert [next(tokens), next(tokens)] == ["one", " two"]  # the third would never come


def test_line_breaks_spaces_and_braces_survive_the_framing(api: ApiServer, server: ScriptedServer):
    server.script(Reply(ODD), Reply(ODD))
    events = api.stream(message="Write")
    assert text_of(events) == ODD == api.said(last_of(events)["conversation_id"])[1][1]
    assert api.client.post("/chat", json={"message": "Write"}).json()["response"] == ODD


def test_chat_streams_where_it_is_asked_to(api: ApiServer, server: ScriptedServer):
    server.script(Reply("one two"))
    response = api.client.post("/chat", json={"message": "Hi", "stream": True})
    assert response.headers["content-type"].startswith("text/event-stream")
    assert "event: token\ndata:  two\n\n" in response.text


def test_a_client_may_name_its_conversation(api: ApiServer, server: ScriptedServer, store: JsonStore):
    server.script(Reply("Hello"), Reply("Again"))
    for question in ("Hi", "Once more"):
        answer = api.client.post("/chat", json={"message": question, "conversation_id": "my-own.1"}).json()
        assert answer["conversation_id"] == "my-own.1"
    assert [m.content for m in store.find("my-own.1").messages] == ["Hi", "Hello", "Once more", "Again"]
    assert len(store.names()) == 1


@pytest.mark.parametrize("body", [{}, {"message": ""}, {"message": "x" * 10_001}, {"message": 5}, {"message": "  "}])
def test_a_message_has_one_to_ten_thousand_characters(api: ApiServer, server: ScriptedServer, body: dict[str, object]):
    response = api.client.post("/chat", json=body)
    assert response.status_code == 422
    assert response.headers["content-type"] == "application/problem+json"
    assert server.requests == []


def test_a_message_of_ten_thousand_characters_is_taken(api: ApiServer):
    assert api.client.post("/chat", json={"message": "word " * 2000}).status_code == 200


@pytest.mark.parametrize("wish", [{"stage": "none"}, {"provider": "none"}, {"conversation_id": "../etc"}])
def test_what_does_not_exist_is_told_and_not_asked(api: ApiServer, server: ScriptedServer, wish: dict[str, str]):
    response = api.client.post("/chat", json={"message": "Hi"} | wish)
    assert response.status_code == 422 and response.json()["detail"] and response.json()["hint"]
    assert server.requests == []


def test_a_request_chooses_stage_model_and_instructions(api: ApiServer, server: ScriptedServer, store: JsonStore):
    wish = {"message": "Hi", "stage": "chatbot-with-memory", "model": "scripted-large", "instructions": "Be brief."}
    answer = api.client.post("/chat", json=wish | {"provider": "openai"}).json()
    sent = server.requests[-1].body
    assert sent["model"] == "scripted-large"
    assert sent["messages"][0] == {"role": "system", "content": "Be brief."}
    kept = store.find(answer["conversation_id"])
    assert kept.options.instructions == "Be brief." and kept.messages[1].stage == "chatbot_with_memory"


def test_stage_one_forgets(api: ApiServer, server: ScriptedServer):
    for question in ("I am Ann", "Who am I?"):
        api.client.post("/chat", json={"message": question, "conversation_id": "one", "stage": "simple_chatbot"})
    assert [row["content"] for row in server.requests[-1].body["messages"]] == ["Who am I?"]


def test_choices_name_stages_and_models(api: ApiServer):
    found = api.client.get("/choices").json()
    assert "web_search" in [row["slug"] for row in found["stages"]]
    assert "openai" in [row["name"] for row in found["providers"]]


def test_a_failed_answer_is_a_problem_and_the_question_stays(api: ApiServer, server: ScriptedServer):
    server.script(Reply(status=429, retry_after_s=7), Reply("Now"))
    response = api.client.post("/chat", json={"message": "Hi", "conversation_id": "busy"})
    assert response.status_code == 429 and response.headers["retry-after"] == "7"
    assert response.json()["kind"] == "RateLimited" and response.json()["hint"]
    assert api.said("busy")[0] == ("user", "Hi")
    assert api.client.post("/chat", json={"message": "Again", "conversation_id": "busy"}).json()["response"] == "Now"


def test_a_stream_that_breaks_off_ends_with_the_error(api: ApiServer, server: ScriptedServer):
    server.script(Reply("one two three", cut_after=2))
    events = api.stream(message="Hi")
    assert text_of(events) == "one two" and events[-1][0] == "error"
    assert last_of(events)["status"] == 502 and last_of(events)["kind"] == "ReplyInterrupted"


def test_the_question_is_on_disk_before_the_request_leaves(api: ApiServer, server: ScriptedServer, tmp_path):
    server.script(Reply("late", delay_s=1))
    with api.client.stream("POST", "/chat/stream", json={"message": "Where am I kept?"}):
        server.wait_for_request(1)
        journal = tmp_path / "conversations.json.journal"
        assert "Where am I kept?" in "".join(path.read_text() for path in journal.glob("*.jsonl"))


def test_two_questions_at_once_in_one_conversation_are_refused(api: ApiServer, server: ScriptedServer):
    server.script(Reply("one two three", tokens_per_s=4))
    wish = {"message": "Hi", "conversation_id": "one"}
    with api.client.stream("POST", "/chat/stream", json=wish):
        second = httpx.post(f"http://{api.host}/chat", json=wish, trust_env=False)
        assert second.status_code == 409 and second.json()["kind"] == "TurnUnderWay"
        assert api.parts.turns.of("one")


@pytest.mark.parametrize("reason", ["too many", "nothing to send"])
def test_a_question_that_is_refused_changes_nothing_of_its_conversation(
    api: ApiServer, server: ScriptedServer, monkeypatch: pytest.MonkeyPatch, reason: str
):
    server.script(Reply("Hello"))
    wish = {"message": "Hi", "conversation_id": "one", "instructions": "Be kind."}
    assert api.client.post("/chat", json=wish).status_code == 200
    if reason == "too many":
        monkeypatch.setattr("view.http.turns.MOST_TURNS", 0)
    message = "Hi" if reason == "too many" else " "
    refused = api.client.post("/chat", json=wish | {"message": message, "instructions": "Be rude."})
    assert refused.status_code in (400, 422, 429)
    assert api.parts.conversations.load_conversation("one").options.instructions == "Be kind."


@pytest.mark.parametrize("path", ["/chat", "/chat/stream"])
@pytest.mark.parametrize("reply", [Reply("so " * 2000, tokens_per_s=20), Reply("late", delay_s=FOR_EVER_S)])
def test_a_client_that_leaves_ends_the_turn_at_the_endpoint_too(
    api: ApiServer, server: ScriptedServer, path: str, reply: Reply
):
    server.script(reply)
    body = json.dumps({"message": "Hi"})
    head = f"POST {path} HTTP/1.1\r\nHost: {api.host}\r\nContent-Type: application/json\r\nContent-Length: {len(body)}"
    with socket.create_connection(api.address) as line:
        line.sendall(f"{head}\r\n\r\n{body}".encode())
        asked = server.wait_for_request(1)
        wait_until(lambda: asked.first_token_at or reply.delay_s)
    assert not server.wait_for_request(1, ended=True).finished


def test_what_began_over_http_is_in_the_browser_too(api: ApiServer, open_page):
    answer = api.client.post("/chat", json={"message": "Hi from a program"}).json()
    page = open_page("chatbot_with_memory", answer["conversation_id"])
    assert page.messages[0] == ("user", "Hi from a program")


def test_usage_is_an_event_of_its_own(api: ApiServer, server: ScriptedServer):
    server.script(Reply("one two three"))
    found = [json.loads(data) for name, data in api.stream(message="Hi") if name == "usage"]
    assert [usage["completion_token_count"] for usage in found] == [3]


ODD_WAITS = ["inf", "-inf", "nan", "1e400", "99999999999999", "-5", "soon", "0"]
PATHS = [("/chat", False), ("/chat", True), ("/v1/chat/completions", False), ("/v1/chat/completions", True)]


@pytest.mark.parametrize("wait", ODD_WAITS)
@pytest.mark.parametrize(("path", "is_streamed"), PATHS)
def test_a_wait_that_is_no_number_of_seconds_is_not_told(
    api: ApiServer, server: ScriptedServer, wait: str, path: str, is_streamed: bool
):
    server.script(Reply(status=429, retry_after=wait))
    messages = {"model": "bnagpt", "messages": [{"role": "user", "content": "Hi"}]}
    wish = messages if path.startswith("/v1") else {"message": "Hi"}
    response = api.client.post(path, json=wish | {"stream": is_streamed})
    assert response.status_code == (200 if path == "/chat" and is_streamed else 429)
    assert "retry-after" not in response.headers
    told = response.text.rpartition("event: error\ndata: ")[2] if response.status_code == 200 else response.text
    assert json.loads(told)["status"] == 429 and "retry_after_s" not in json.loads(told)
