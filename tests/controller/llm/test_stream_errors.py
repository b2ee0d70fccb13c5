"""Errors of servers, in the middle of a stream or with a status: what is told of them, and the way out."""

import json
from typing import Any

import pytest

from controller.llm.providers import Providers
from controller.stages import STAGES
from model import errors
from model.chat.conversation import Conversation
from tests.answered import answered
from tests.recorded_streams import event, recorded, said
from tests.scripted_server import Reply, ScriptedServer
from view.app import build_resources

SAID = "The model is overloaded, says the server"
QUOTED = SAID.encode()
ERRORS = {
    "object": event({"error": {"message": SAID, "type": "server_error", "code": None}}),
    "text": event({"error": SAID}),
    "vLLM": event({"object": "error", "message": SAID, "type": "BadRequestError", "param": None, "code": 400}),
    "vLLM, as recorded": recorded("error_object_vllm.sse").replace(b"maximum context length is 4096 tokens", QUOTED),
    "Anthropic": b"event: error\n" + event({"type": "error", "error": {"type": "overloaded_error", "message": SAID}}),
    "named error, plain text": b"event: error\ndata: " + QUOTED + b"\n\n",
    "named error, message alone": b"event: error\n" + event({"message": SAID}),
    "error field": b'error: {"code":500,"message":"' + QUOTED + b'","type":"server_error"}\n\n',
    "error field, plain": b"error: " + QUOTED + b"\n\n",
    "without data": recorded("error_without_data.sse").replace(b"exceeds the available context size", QUOTED),
    "JSON, status 200": json.dumps({"error": {"message": SAID, "code": 402}}).encode(),
    "Google's list": json.dumps([{"error": {"code": 400, "message": SAID, "status": "X"}}], indent=2).encode(),
    "Google's list as an event": event([{"error": {"code": 400, "message": SAID}}]),
    "FastAPI": json.dumps({"detail": SAID}).encode(),
    "FastAPI's list": json.dumps({"detail": [{"loc": ["body", "model"], "msg": SAID}]}).encode(),
    "DashScope": event({"code": "InvalidParameter", "message": SAID, "request_id": "1"}),
    "in the choice": event({"choices": [{"delta": {}, "error": {"message": SAID}, "finish_reason": "error"}]}),
    "beside the choice": event({"error": {"code": 502, "message": SAID}, "choices": [{"delta": {"content": ""}}]}),
    "behind OpenRouter": event(
        {"error": {"message": "Provider returned error", "metadata": {"raw": json.dumps({"error": {"message": SAID}})}}}
    ),
    "MiniMax": event({"base_resp": {"status_code": 1008, "status_msg": SAID}, "choices": None}),
    "a sentence in place of a stream": QUOTED + b"\n",
    "a sentence as an event": b"data: " + QUOTED + b"\n\n",
    "other names": json.dumps({"fault": {"faultString": SAID}}).encode(),
    "capitals": json.dumps({"Error": {"Message": SAID}}).encode(),
    "TGI": event({"error": SAID, "error_type": "overloaded"}),
}


@pytest.mark.parametrize("begun", [b"", said("Half ", finish_reason=None, done=b"")], ids=["at once", "in the middle"])
@pytest.mark.parametrize("raw", ERRORS.values(), ids=ERRORS.keys())
def test_what_the_server_wrote_is_shown(raw: bytes, begun: bytes, providers: Providers, server: ScriptedServer):
    with pytest.raises(errors.ProviderError) as caught:
        answered(providers, server, Reply(raw=begun + raw))
    assert SAID in caught.value.message and caught.value.hint
    assert "{" not in caught.value.message and "'" not in caught.value.message


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (401, errors.MissingKey),
        (402, errors.ProviderError),
        (404, errors.ModelNotFound),
        (429, errors.RateLimited),
        ("503", errors.ProviderUnreachable),
        (None, errors.ProviderError),
        ("invalid", errors.ProviderError),
    ],
)
def test_a_status_in_the_body_counts(code: Any, error: type, providers: Providers, server: ScriptedServer):
    with pytest.raises(errors.ProviderError) as caught:
        answered(providers, server, Reply(raw=json.dumps({"error": {"message": SAID, "code": code}}).encode()))
    assert type(caught.value) is error


TOO_LONG = [
    "This model's maximum context length is 8192 tokens.",
    "Your input exceeds the context window of this model.",
    "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576).",
    "Please reduce the length of the messages or completion.",
    "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. Given: 4000 and 200",
    "Input validation error: `inputs` must have less than 4095 tokens. Given: 5000",
    "Prompt exceeds max length",
    "prompt is too long: 213000 tokens > 200000 maximum",
    "the request exceeds the available context size. try increasing the context size",
    "Input is too long for requested model.",
    "too many tokens: total number of tokens in the prompt cannot exceed 4081",
    "Range of input length should be [1, 6000]",
    "This model's maximum prompt length is 131072 but the request contains 537812 tokens.",
    "Invalid request: Your request exceeded model token limit: 8192",
    "context window exceeds limit (2013)",
    "Prompt 超长",
    "Trying to keep the first 5 tokens when context the overflows. context overflow policy",
]


@pytest.mark.parametrize("said_", TOO_LONG)
def test_a_window_that_is_full_has_a_way_out(said_: str, providers: Providers, server: ScriptedServer):
    raw = event({"error": {"message": said_}})
    server.script(*(Reply(status=status, error_message=said_) for status in (400, 413, 422, 500)), Reply(raw=raw))
    for _ in range(5):
        with pytest.raises(errors.ContextWindowExceeded, match="more than scripted can read") as caught:
            list(STAGES[0].build_controller(build_resources(providers)).reply(Conversation(), "Hi"))
        assert "Shorten" in caught.value.hint


def test_an_answer_that_may_not_be_so_long_is_another_thing(providers: Providers, server: ScriptedServer):
    said_ = "max_tokens is too large: 100000. This model supports at most 16384 completion tokens"
    with pytest.raises(errors.ProviderError, match="16384") as caught:
        answered(providers, server, Reply(status=400, error_message=said_))
    assert "longest answer" in caught.value.hint


@pytest.mark.parametrize("status", [402, 404, 409, 429, 500, 503])
def test_what_stands_in_an_error_is_shown_whatever_its_status(
    status: int, providers: Providers, server: ScriptedServer
):
    with pytest.raises(errors.ProviderError) as caught:
        answered(providers, server, Reply(status=status, error_message=SAID))
    assert SAID in caught.value.message


@pytest.mark.parametrize(
    ("header", "wait_s"),
    [
        ("7", 7), ("0.5", 0.5), ("-3", 0), ("inf", None), ("1e400", None), ("nan", None), ("-inf", 0),
        ("99999999999999", None), ("86399", 86399), ("soon", None), ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Wed, 21 Oct 9999 07:28:00 GMT", None), ("Wed, 21 Oct 2015 07:28:00 -0000", 0), ("", None),
    ],
)  # fmt: skip
def test_a_time_to_wait_is_one(header: str, wait_s: float | None, providers: Providers, server: ScriptedServer):
    with pytest.raises(errors.RateLimited) as caught:
        answered(providers, server, Reply(status=429, retry_after=header))
    assert caught.value.retry_after_s == wait_s
    assert ("seconds" in caught.value.hint) == bool(wait_s)
