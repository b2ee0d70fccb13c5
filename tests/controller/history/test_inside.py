"""See inside: a turn's story in order, the same for who looked and, as far as it is kept, for who did not."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from controller.chat.turns import RunningTurn, Turns
from controller.history.inside import curl_of, kept_trace, stop_of
from controller.history.tracing import new_trace, secrets_of
from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.services import Services
from controller.turn import ModelSelection, TurnControl
from model.chat.conversation import Conversation
from model.store.journal import Journal
from model.store.json_store import JsonStore
from settings import ROOT, Settings
from tests.conftest import SECRET
from tests.scripted_server import Reply, ScriptedServer
from tests.tool_stage import LookUpController
from tests.waiting import PATIENCE_S
from utils.threads.trace import Span, Trace
from view.app import RunningApp, build_resources

CALL = Reply(tool_calls=[("look_up", '{"topic": "sky"}')])
STORY = (
    "A question, and a still empty answer",
    "The question is written to disk",
    "Who answers, and what was said before",
    "What fits the window",
    "LlamaIndex's agent is made, with the memory",
    "The request leaves, and its response begins",
    "Chunks come: the first",
    "Chunks become events: the first",
    "Chunks become events: all",
    "Question and answer are saved",
    "The turn ends",
)


def asked(providers: Providers, folder: Path, trace: Trace | None) -> RunningTurn:
    """Ask a stage with tools, and wait for the end."""
    turns = Turns(Journal(folder / "journal", JsonStore(folder / "conversations.json")))
    controller, conversation = LookUpController(build_resources(providers)), Conversation()
    control = TurnControl(trace=trace)
    turn = turns.start(
        controller, conversation, lambda: controller.ask(conversation, "Why?"), ModelSelection(), control
    )
    assert turn.wait(PATIENCE_S)
    return turn


def looked_into(providers: Providers, folder: Path) -> list[Span]:
    trace = new_trace(providers.settings)
    asked(providers, folder, trace)
    return trace.spans


def is_in_order(titles: list[str]) -> bool:
    """Return whether the story's steps come one after the other among others."""
    rest = iter(titles)
    return all(title in rest for title in STORY)


def test_a_turn_is_told_in_order_from_the_question_to_the_disk(providers, server, tmp_path):
    server.script(Reply("Because."))
    spans = looked_into(providers, tmp_path)
    assert is_in_order([span.title for span in spans])
    assert all(span.source.strip() and span.thread and (ROOT / span.file).exists() for span in spans)
    assert len({span.thread for span in spans}) == 2  # who asked, and the turn's worker


def test_the_request_stands_there_exactly_as_it_left(providers, server, tmp_path):
    spans = looked_into(providers, tmp_path)
    [sent] = [span for span in spans if "body" in span.details]
    assert json.loads(sent.details["body"]) == server.requests[0].body
    assert sent.details["address"] == f"{server.base_url}/chat/completions"
    assert (sent.details["method"], sent.details["status"], sent.function) == ("POST", "200", "chunks")
    command = shlex.split(curl_of(sent, "OPENAI_API_KEY"))
    assert command[1] == sent.details["address"] and json.loads(command[-1]) == server.requests[0].body
    assert "Authorization: Bearer $OPENAI_API_KEY" in command


def test_a_tool_is_told_with_its_function_and_its_own_thread(providers, server, tmp_path):
    server.script(CALL, Reply("Blue."))
    spans = looked_into(providers, tmp_path)
    called = next(span for span in spans if span.title == "A tool is called")
    assert called.details["arguments"] == '{"topic": "sky"}' and "sky is blue." in called.details["result"]
    worked = next(span for span in spans if span.title == "The tool works")
    assert (worked.function, worked.file) == ("look_up", "tests/tool_stage.py")
    assert worked.thread != called.thread
    assert sum("body" in span.details for span in spans) == 2


def test_a_failure_is_told(providers, server, tmp_path):
    server.script(Reply(status=500))
    [sent] = [span for span in looked_into(providers, tmp_path) if "body" in span.details]
    assert sent.details["raised"].startswith("InternalServerError")


def test_nothing_is_traced_where_nobody_looks(providers, tmp_path, monkeypatch):
    monkeypatch.setattr(Trace, "tell", lambda *_args, **_kwargs: pytest.fail("it was told"))
    assert asked(providers, tmp_path, None).error is None


def test_no_key_is_ever_in_it(environ: dict[str, str], server: ScriptedServer, tmp_path: Path):
    address = server.base_url.replace("http://", "http://someone:pass%20word1@") + "?token=query-token-1"
    told = {"OPENAI_BASE_URL": address, "GROQ_API_KEY": "gsk_another_key_1", "CALDAV_PASSWORD": 'quo"ted-pass'}
    told |= {"GOOGLE_CLIENT_SECRET": "google-secret-1"}
    told |= {"DATABASE_URL": "postgresql://me:database-pass@127.0.0.1/bna"}
    providers = build_providers(Settings.from_env(environ | told))
    secrets = (
        SECRET,
        "pass%20word1",
        "pass word1",
        "query-token-1",
        "gsk_another_key_1",
        "quo",
        "database-pass",
        "google-secret-1",
    )
    server.script(Reply(" ".join(secrets)), Reply(status=401, error_message=f"Wrong: {SECRET}"))
    trace, conversation = new_trace(providers.settings), Conversation()
    turns = Turns(Journal(tmp_path / "journal", JsonStore(tmp_path / "conversations.json")))
    controller, prompt = LookUpController(build_resources(providers)), " ".join(secrets)
    for _ in range(2):  # the answer's words are in the next request
        turn = turns.start(
            controller,
            conversation,
            lambda: controller.ask(conversation, prompt),
            ModelSelection(),
            TurnControl(trace=trace),
        )
        assert turn.wait(PATIENCE_S)
    assert sum("body" in span.details for span in trace.spans) == 2
    found = [secret for secret in secrets for span in trace.spans if secret in str(span.details) and secret != "quo"]
    assert found == []
    assert all('quo"ted' not in detail for span in trace.spans for detail in span.details.values())
    assert not re.search("authorization|bearer", str([span.details for span in trace.spans]), re.I)


def test_secrets_are_keys_passwords_and_what_addresses_hold(environ):
    settings = Settings.from_env(environ | {"CUSTOM_BASE_URL": "https://ann:pa%24s@host/v1?key=k-1"})
    assert {SECRET, "pa%24s", "pa$s", "k-1"} <= secrets_of(settings)
    assert environ["OPENAI_BASE_URL"] not in secrets_of(settings)


@pytest.fixture
def services(environ: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    services = RunningApp().services_of()
    yield services
    services.turns.close()


def test_an_answer_that_nobody_looked_into_is_told_from_what_is_kept(services, server, tmp_path):
    server.script(CALL, Reply("Blue."))
    turn = asked(services.providers, tmp_path, None)
    spans = kept_trace(services, LookUpController, turn.conversation, turn.answer).spans
    told = {span.title: span.details for span in spans}
    assert told["The question"]["question"] == "Why?"
    assert "sky is blue." in told["A tool was called"]["result"]
    assert told["The answer, and how it ended"]["status"] == "complete"
    request = told["The messages of the last request, exactly as sent"]
    assert json.loads(request["body"])["messages"] == server.requests[-1].body["messages"]
    assert all(span.source.strip() for span in spans)


def test_each_kind_of_step_has_a_stop_on_the_tour(providers, server, tmp_path):
    server.script(Reply("Because."))
    without = [span.title for span in looked_into(providers, tmp_path) if stop_of(span) is None]
    assert without == []
    stop = next(filter(None, map(stop_of, looked_into(providers, tmp_path))))
    anchor = stop.address.partition("#")[2]
    assert anchor == re.sub(r"[^a-z0-9-]", "", stop.title.lower().replace(" ", "-"))
