"""Every fault of an endpoint, over a real socket: one clear sentence, what to do, a retry that works, no key told."""

import logging
from dataclasses import dataclass

import pytest

from controller.chat.controller import ChatController
from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.stages import STAGES, Stage
from model import errors
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, FAILED
from settings import Settings
from tests.conftest import SECRET
from tests.scripted_server import Reply, ScriptedServer
from view.app import build_resources


@dataclass(frozen=True)
class Fault:
    reply: Reply
    error: type[errors.BnaError]
    says: str
    kept: str = ""


FAULTS = {
    "wrong key, 401": Fault(Reply(status=401, error_message=f"Bad key {SECRET}"), errors.MissingKey, "accept the key"),
    "wrong key, as Google says it": Fault(
        Reply(status=400, error_message="API key not valid"), errors.MissingKey, "accept the key"
    ),
    "forbidden, 403": Fault(Reply(status=403), errors.MissingKey, "does not let this key use scripted"),
    "unknown model, 404": Fault(Reply(status=404), errors.ModelNotFound, "no model “scripted”"),
    "too slow, 408": Fault(Reply(status=408), errors.ProviderUnreachable, "took too long"),
    "too often, 429": Fault(Reply(status=429, retry_after_s=7), errors.RateLimited, "asked too often"),
    "too long, 400": Fault(
        Reply(status=400, error_message="maximum context length is 8192 tokens"),
        errors.ContextWindowExceeded,
        "more than scripted can read",
    ),
    "refused, 400": Fault(Reply(status=400, error_message=f"No, {SECRET}!"), errors.ProviderError, "No, ***!"),
    "server fault, 500": Fault(Reply(status=500), errors.ProviderUnreachable, "status 500"),
    "busy, 503": Fault(Reply(status=503), errors.ProviderUnreachable, "status 503"),
    "slow to begin": Fault(Reply("late", delay_s=3), errors.ProviderUnreachable, "silent for 0.5 seconds"),
    "cut in the middle": Fault(
        Reply("one two three four", cut_after=2), errors.ReplyInterrupted, "broke off", "one two"
    ),
    "stalled": Fault(
        Reply("one two three four", stall_after=2), errors.ProviderUnreachable, "silent for 0.5 seconds", "one two"
    ),
    "no finish_reason": Fault(Reply("one two", finish_reason=None), errors.ReplyInterrupted, "ended before", "one two"),
    "empty answer": Fault(Reply(""), errors.ReplyInterrupted, "empty answer"),
    "malformed chunk": Fault(
        Reply("one two three", malformed_after=2), errors.ReplyInterrupted, "not an answer", "one two"
    ),
}


@pytest.fixture(params=STAGES, ids=lambda stage: stage.slug)
def controller(request: pytest.FixtureRequest, environ: dict[str, str]) -> ChatController:
    stage: Stage = request.param
    return stage.build_controller(
        build_resources(build_providers(Settings.from_env(environ | {"LLM_TIMEOUT_S": "0.5"})))
    )


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())
def test_each_fault_is_told_kept_and_mended_by_retry(
    fault: Fault, controller: ChatController, server: ScriptedServer, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(logging.INFO)
    # JSON mode asks again, twice at most: in a weaker way where a server refuses, or for an answer that fits.
    server.script(*[fault.reply] * 3)
    conversation = Conversation()
    with pytest.raises(errors.BnaError) as caught:
        list(controller.reply(conversation, "Hi"))
    server.reset()
    error, (question, answer) = caught.value, conversation.messages
    assert type(error) is fault.error
    assert fault.says in error.message and error.hint
    assert SECRET not in error.message + error.hint + caplog.text
    assert (question.status, answer.status, answer.content) == (FAILED, FAILED, fault.kept)
    assert (answer.error, answer.hint) == (error.message, error.hint)

    server.script(Reply('"All is well"'))  # as JSON mode takes it, too
    list(controller.events(conversation, controller.retry(conversation, answer)))
    assert [(m.content, m.status) for m in conversation.messages] == [("Hi", COMPLETE), ('"All is well"', COMPLETE)]


def test_retry_after_is_told(providers: Providers, server: ScriptedServer):
    server.script(Reply(status=429, retry_after_s=7))
    with pytest.raises(errors.RateLimited, match="asked too often") as caught:
        list(STAGES[0].build_controller(build_resources(providers)).reply(Conversation(), "Hi"))
    assert caught.value.retry_after_s == 7
    assert "Wait 7 seconds" in caught.value.hint


def test_an_unreachable_server_is_told_with_its_address(environ: dict[str, str]):
    environ["OPENAI_BASE_URL"] = "http://127.0.0.1:9/v1"
    controller = STAGES[1].build_controller(build_resources(build_providers(Settings.from_env(environ))))
    with pytest.raises(errors.ProviderUnreachable, match="can't be reached at 127.0.0.1:9"):
        list(controller.reply(Conversation(), "Hi"))


def test_a_missing_key_is_told_without_a_request(environ: dict[str, str], server: ScriptedServer):
    environ["OPENAI_API_KEY"] = ""
    controller = STAGES[1].build_controller(build_resources(build_providers(Settings.from_env(environ))))
    with pytest.raises(errors.MissingKey, match="OpenAI needs a key") as caught:
        list(controller.reply(Conversation(), "Hi"))
    assert "OPENAI_API_KEY" in caught.value.hint
    assert server.requests == []


def test_what_failed_is_not_sent_again(providers: Providers, server: ScriptedServer):
    controller, conversation = STAGES[1].build_controller(build_resources(providers)), Conversation()
    server.script(Reply("one two three", cut_after=2), Reply("fine"))
    with pytest.raises(errors.ReplyInterrupted):
        list(controller.reply(conversation, "the failed question"))
    list(controller.reply(conversation, "the next question"))
    assert [m["content"] for m in server.requests[-1].body["messages"]] == ["the next question"]
