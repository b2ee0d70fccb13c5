"""Streams that hold no answer, or not all of one: what is told, and how an answer goes on."""

import pytest

from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.stages import STAGES
from controller.stages.chatbot_with_memory import MemoryController
from model import errors
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE
from settings import Settings
from tests.answered import answered
from tests.recorded_streams import delta, event, recorded, said, stream
from tests.scripted_server import Reply, ScriptedServer
from view.app import build_resources


@pytest.mark.parametrize(
    "raw",
    [
        b"data: " + b"[" * 100_000 + b"\n\n",
        b'data: {"choices": ' + b'{"a":' * 100_000 + b"\n\n",
        b"<html><body>Sign in</body></html>",
        event({"choices": [5]}),
        event({"choices": [{"delta": {"content": 5}}]}),
        event({"choices": [{"delta": {"tool_calls": [7]}}]}),
        event("text"),
        b"",
    ],
)
def test_what_is_no_answer_is_told_as_the_providers_fault(raw: bytes, providers: Providers, server: ScriptedServer):
    with pytest.raises(errors.ReplyInterrupted) as caught:
        answered(providers, server, Reply(raw=raw))
    assert "OpenAI" in caught.value.message and caught.value.hint


@pytest.mark.parametrize("finish_reason", ["insufficient_system_resource", "error", "network_error"])
def test_a_server_that_gave_up_is_told(finish_reason: str, providers: Providers, server: ScriptedServer):
    with pytest.raises(errors.ReplyInterrupted, match=finish_reason):
        answered(providers, server, Reply(raw=said("Half", finish_reason=finish_reason)))


def test_no_room_for_the_first_word(providers: Providers, server: ScriptedServer):
    with pytest.raises(errors.ReplyInterrupted, match="no room") as caught:
        answered(providers, server, Reply(raw=recorded("length_before_first_word.sse")))
    assert "longer answer" in caught.value.hint and "other words" not in caught.value.hint


def test_all_the_room_thought_away(providers: Providers, server: ScriptedServer):
    raw = stream({"reasoning_content": "Hm."}, finish_reason="length")
    with pytest.raises(errors.ReplyInterrupted, match="thought until there was no room") as caught:
        answered(providers, server, Reply(raw=raw))
    assert "less thinking" in caught.value.hint


def test_a_filter_that_left_nothing_is_told(providers: Providers, server: ScriptedServer):
    with pytest.raises(errors.ReplyInterrupted, match="content filter"):
        answered(providers, server, Reply(raw=said(finish_reason="content_filter")))


def test_a_picture_beside_words_is_told(providers: Providers, server: ScriptedServer):
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}
    for raw in (
        stream({"content": "Here.", "images": [picture]}),
        stream({"content": "Here."}, {"images": [picture]}),
        stream({"content": [{"type": "text", "text": "Here."}, picture]}),
    ):
        content = answered(providers, server, Reply(raw=raw)).content
        assert content.startswith("Here.") and "picture came with this answer" in content


def test_a_picture_alone_is_told(providers: Providers, server: ScriptedServer):
    with pytest.raises(errors.ReplyInterrupted, match="sent a picture") as caught:
        answered(providers, server, Reply(raw=recorded("picture_only.sse")))
    assert "Image Generation" in caught.value.hint


@pytest.mark.parametrize("raw", [b"", event(delta(role="assistant", content="")) * 3], ids=["comments", "empty deltas"])
@pytest.mark.parametrize("stage", [0, 1])
def test_signs_of_life_without_end_are_an_end(raw: bytes, stage: int, environ: dict[str, str], server: ScriptedServer):
    providers = build_providers(Settings.from_env(environ | {"LLM_TIMEOUT_S": "0.5"}))
    server.script(Reply(raw=raw, raw_end="alive"))
    with pytest.raises(errors.ProviderUnreachable, match="only that it is still there"):
        list(STAGES[stage].build_controller(build_resources(providers)).reply(Conversation(), "Hi"))


def test_go_on_after_a_cut_answer(providers: Providers, server: ScriptedServer):
    server.script(Reply(raw=recorded("cut_by_length.sse")), Reply(raw=said("wer.")))
    controller, conversation = MemoryController(build_resources(providers)), Conversation()
    list(controller.reply(conversation, "Hi"))
    answer = conversation.messages[-1]
    assert answer.finish_reason == "length"
    list(controller.events(conversation, controller.go_on(conversation, answer)))
    assert answer.status == COMPLETE and not vars(answer)["finish_reason"]
    assert answer.content.startswith("Half an ans") and answer.content.endswith("wer.")
