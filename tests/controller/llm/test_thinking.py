"""Thoughts in every form that providers send: beside the text, in parts, between tags; never in the answer."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.chat.completion import complete_once
from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.stages import STAGES
from controller.stages.chatbot_with_memory import MemoryController
from controller.stages.json_mode.controller import JsonController
from model.chat.conversation import Conversation
from model.chat.events import AnswerReset, Event, TextDelta, ThinkingDelta
from model.chat.message import COMPLETE, Message
from model.errors import ReplyInterrupted
from settings import Settings
from tests.recorded_streams import recorded, said, stream
from tests.scripted_server import Reply, ScriptedServer
from utils.model_output.think_tags import ThinkTags
from view.app import build_resources

TEXT = {"content": "Hello."}


def details(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"reasoning_details": list(rows)}


FORMS = {
    "reasoning_content": stream({"reasoning_content": "Hm, "}, {"reasoning_content": "well."}, TEXT),
    "reasoning_content beside an empty text": stream({"reasoning_content": "Hm, well.", "content": ""}, TEXT),
    "reasoning_content beside null": stream({"reasoning_content": "Hm, well.", "content": None}, TEXT),
    "in one chunk": stream({"reasoning_content": "Hm, well.", **TEXT}),
    "reasoning": stream({"reasoning": "Hm, "}, {"reasoning": "well."}, TEXT),
    "both": stream({"reasoning": "Hm, well.", "reasoning_content": "Hm, well."}, TEXT),
    "reasoning as an object": stream({"reasoning": {"text": "Hm, well."}}, TEXT),
    "thinking": stream({"thinking": "Hm, well."}, TEXT),
    "reasoning_details": stream(
        details({"type": "reasoning.text", "text": "Hm, ", "index": 0}),
        details({"type": "reasoning.text", "text": "well.", "index": 0}),
        TEXT,
    ),
    "reasoning_details, summary": stream(details({"type": "reasoning.summary", "summary": "Hm, well."}), TEXT),
    "reasoning_details beside reasoning": stream(
        {"reasoning": "Hm, well.", **details({"type": "reasoning.text", "text": "Hm, well."})}, TEXT
    ),
    "thinking_blocks": stream({"thinking_blocks": [{"type": "thinking", "thinking": "Hm, well."}]}, TEXT),
    "Mistral": stream(
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "Hm, "}]}]},
        {"content": [{"type": "thinking", "thinking": [{"type": "text", "text": "well."}], "closed": True}]},
        {"content": [{"type": "text", "text": "Hello."}]},
    ),
    "Anthropic": stream(
        {
            "content": [
                {"type": "thinking", "thinking": "Hm, well.", "signature": "x"},
                {"type": "text", "text": "Hello."},
            ]
        }
    ),
    "half an emoji": stream({"reasoning_content": "Hm, \ud83d"}, {"reasoning_content": "\ude00well."}, TEXT),
}
TAGGED = {
    "think": "<think>\nHm, well.\n</think>\n\nHello.",
    "space before": "\n\n <think>Hm, well.</think>Hello.",
    "thinking": "<thinking>Hm, well.</thinking>Hello.",
    "thought": "<thought>\nHm, well.</thought>\nHello.",
    "capitals": "<THINK>Hm, well.</THINK>Hello.",
    "Magistral": "[THINK]Hm, well.[/THINK]Hello.",
    "Kimi": "◁think▷Hm, well.◁/think▷Hello.",
    "Seed": "<seed:think>Hm, well.</seed:think>Hello.",
    "Harmony": "<|channel|>analysis<|message|>Hm, well.<|end|><|start|>assistant<|channel|>final<|message|>Hello.",
    "Harmony's last mark": "<|channel|>analysis<|message|>Hm, well.<|end|><|channel|>final<|message|>Hello.<|return|>",
    "Harmony's commentary": "<|channel|>commentary<|message|>Hm, well.<|end|><|channel|>final<|message|>Hello.",
    "Cohere": "<|START_THINKING|>Hm, well.<|END_THINKING|><|START_RESPONSE|>Hello.<|END_RESPONSE|>",
    "OpenThinker": (
        "<|begin_of_thought|>\n\nHm, well.\n\n<|end_of_thought|>\n\n<|begin_of_solution|>\n\nHello.\n\n"
        "<|end_of_solution|>"
    ),
    "Apertus": "<|inner_prefix|>Hm, well.<|inner_suffix|>Hello.",
    "Gemma": "<|channel>thought\nHm, well.\n<channel|>Hello.<turn|>",
    "MedGemma": "<unused94>thought\nHm, well.<unused95>Hello.<end_of_turn>",
    "Solar": "<|think|>Hm, well.<|end|><|begin|>assistant<|content|>Hello.<|end|>",
    "Ernie": "<think>\nHm, well.\n</think>\n\n<response>\nHello.\n</response>\n",
    "Hunyuan": "<think>\nHm, well.\n</think>\n<answer>\nHello.\n</answer>",
    "ChatML's end": "<think>Hm, well.</think>Hello.<|im_end|>\n",
    "no opening tag": "Hm, well.\n</think>\n\nHello.",
    "no opening tag, no line break": "Hm, well.</think>Hello.",
    "an empty block first": "<think>\n\n</think>\n\n<think>Hm, well.</think>Hello.",
}
# What only speaks of tags is an answer.
SPOKEN_OF = [
    "Qwen writes <think>like this</think> before it answers.",
    "`<think>` opens and `</think>` closes.",
    "<think> is a tag, and </think> closes it.",
    "Write this:\n```\n<think>\nHm\n</think>\n```\nand go on.",
    "```xml\n</think>\n```\nis its end.",
    "The tag `</think>`\nstands at the end.",
    "It ends with </think>, always.",
    'The string "</think>" closes it.',
    "a < b, [x](y) and <b>bold</b> <",
    "<",
    "<thin",
    "<table>",
    "[1, 2]",
    '{"html": "a\\n</think>\\n"}',
    "<answer>42</answer> and <response>y</response>",
    "ChatML ends with `<|im_end|>`",
    "and Llama with <|eot_id|>",
    "Hello.<|im_end|> and more",
]


def reply_to(providers: Providers, server: ScriptedServer, raw: bytes, stage: int = 1) -> tuple[list[Event], Message]:
    server.script(Reply(raw=raw))
    conversation = Conversation()
    events = list(STAGES[stage].build_controller(build_resources(providers)).reply(conversation, "Hi"))
    return events, conversation.messages[-1]


@pytest.mark.parametrize("raw", FORMS.values(), ids=FORMS.keys())
def test_every_form_beside_the_text(raw: bytes, providers: Providers, server: ScriptedServer):
    events, answer = reply_to(providers, server, raw)
    assert (answer.content, answer.status) == ("Hello.", COMPLETE)
    assert answer.thinking == ("Hm, 😀well." if "ude00" in raw.decode() else "Hm, well.")
    kinds = [type(event) for event in events if isinstance(event, ThinkingDelta | TextDelta)]
    assert kinds[0] is ThinkingDelta and kinds[-1] is TextDelta
    assert answer.thinking_s is not None and answer.thinking_s >= 0


@pytest.mark.parametrize("text", TAGGED.values(), ids=TAGGED.keys())
def test_every_form_between_tags(text: str, providers: Providers, server: ScriptedServer):
    events, answer = reply_to(providers, server, said(*cut(text, 3)))
    assert (answer.content, answer.thinking) == ("Hello.", "Hm, well.")
    # Whoever adds up the events has the same.
    told = ""
    for event in events:
        told = "" if isinstance(event, AnswerReset) else told + (event.text if isinstance(event, TextDelta) else "")
    assert told == "Hello."


def test_a_text_about_tags_is_an_answer(providers: Providers, server: ScriptedServer):
    text = "\n".join(SPOKEN_OF)
    _, answer = reply_to(providers, server, said(*cut(text, 3)))
    assert (answer.content, answer.thinking) == (text, None)


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 13, 1000])
def test_tags_are_found_wherever_a_text_is_cut(size: int):
    for text in TAGGED.values():
        assert told_apart(cut(text, size)) == ("Hello.", "Hm, well.")
    for text in SPOKEN_OF:
        assert told_apart(cut(text, size)) == (text, "")


@given(
    st.lists(st.sampled_from([*"ab <>`\n", "<think>", "</think>", "```", "x</think>\n"]), max_size=12),
    st.integers(1, 9),
)
def test_how_a_text_is_cut_changes_nothing(parts: list[str], size: int):
    text = "".join(parts)
    assert told_apart(cut(text, size)) == told_apart([text])


def cut(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


def told_apart(pieces: list[str]) -> tuple[str, str]:
    """Return text and thoughts."""
    tags, said, thought = ThinkTags(), "", ""
    for part in [part for piece in pieces for part in tags.feed(piece)] + tags.end():
        if part.recasts:
            said, thought = "", thought + (said + part.text).rstrip()
        elif part.is_thinking:
            thought += part.text
        else:
            said += part.text
    return said, thought


@pytest.mark.parametrize("stage", [0, 1])
def test_stage_1_and_the_embedded_models_way_are_the_same(stage: int, server: ScriptedServer):
    providers = build_providers(Settings.from_env({"GROQ_API_KEY": "k", "GROQ_BASE_URL": server.root_url}))
    _, answer = reply_to(providers, server, recorded("think_tags.sse"), stage)
    assert (answer.content, answer.thinking) == ('{"a": 1}', 'Hm, a {"a": 0}?')


def test_thoughts_without_an_answer_are_kept_and_told(providers: Providers, server: ScriptedServer):
    conversation = Conversation()
    server.script(Reply(raw=said("<think>Hm, ", "well.")))
    with pytest.raises(ReplyInterrupted, match="stopped after thinking, without an answer"):
        list(MemoryController(build_resources(providers)).reply(conversation, "Hi"))
    assert (conversation.messages[-1].content, conversation.messages[-1].thinking) == ("", "Hm, well.")


@pytest.mark.parametrize("raw", [recorded("think_tags.sse"), said('Use {a} or {"a": 0}.</think>\n', '{"a": 1}')])
def test_json_is_not_taken_from_thoughts(raw: bytes, providers: Providers, server: ScriptedServer):
    server.script(Reply(raw=raw))
    conversation = Conversation()
    list(JsonController(build_resources(providers)).reply(conversation, "Hi"))
    assert json.loads(conversation.messages[-1].content) == {"a": 1}
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    "message",
    [
        {"content": "<think>Title?</think>A Title"},
        {"content": "Title?\n</think>\nA Title"},
        {"content": "A Title", "reasoning_content": "Title?"},
        {"content": [{"type": "thinking", "thinking": "Title?"}, {"type": "text", "text": "A Title"}]},
    ],
)
def test_requests_beside_the_turns_have_none(message: dict[str, Any], providers: Providers, server: ScriptedServer):
    whole = {"choices": [{"message": message, "finish_reason": "stop"}], "usage": {"prompt_tokens": 5}}
    server.script(Reply(raw=json.dumps(whole).encode(), content_type="application/json"))
    aside = complete_once(providers, providers.endpoint(), [Message("user", "Title")], 50)
    assert (aside.text, aside.prompt_token_count, aside.completion_token_count) == ("A Title", None, None)


def test_the_next_question_takes_no_thoughts_along(providers: Providers, server: ScriptedServer):
    controller, conversation = MemoryController(build_resources(providers)), Conversation()
    server.script(Reply(raw=FORMS["reasoning_content"]), Reply(raw=said("Bye.")))
    for prompt in ("Hi", "Bye"):
        list(controller.reply(conversation, prompt))
    assert "Hm" not in json.dumps(server.requests[-1].body)
    assert [row["content"] for row in server.requests[-1].body["messages"]] == ["Hi", "Hello.", "Bye"]


def test_an_answer_gone_on_with_keeps_its_text_when_thoughts_follow(providers: Providers, server: ScriptedServer):
    controller, conversation = MemoryController(build_resources(providers)), Conversation()
    server.script(Reply(raw=said("Half", finish_reason="length")), Reply(raw=said("Where was I?\n</think>\n\nway.")))
    list(controller.reply(conversation, "Hi"))
    list(controller.events(conversation, controller.go_on(conversation, conversation.messages[-1])))
    answer = conversation.messages[-1]
    assert (answer.content, answer.thinking) == ("Half way.", "Where was I?")
