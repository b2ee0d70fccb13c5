"""What a program knows better than a small model is answered by rule, and no model is asked."""

from dataclasses import replace
from datetime import datetime

import pytest

from controller.chat.controller import ChatController
from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.small_models.rules import about_itself, beyond_reach, by_the_clock
from controller.stages.chatbot_with_memory import MemoryController
from controller.stages.run_code.controller import RunCodeController
from controller.stages.voice.controller import VoiceController
from controller.stages.web_search.controller import WebSearchController
from controller.turn import ModelSelection
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, Message
from model.providers.embedded import EMBEDDED_MODELS
from model.providers.provider import EMBEDDED, Endpoint
from settings import Settings
from tests.scripted_server import Reply, ScriptedServer
from view.app import build_resources

ENDPOINT = Endpoint(EMBEDDED, "", EMBEDDED_MODELS[0].title, 8192, 1.0, "")


def asked(
    providers: Providers, *said: str, is_small: bool = True, controller: type[ChatController] = MemoryController
) -> Conversation:
    """Return a conversation in which a small model at the scripted server was asked."""
    conversation, selection = (
        Conversation(),
        ModelSelection(replace(providers.default, is_small=is_small, has_tools=not is_small)),
    )
    for prompt in said:
        list(controller(build_resources(providers)).reply(conversation, prompt, selection))
    return conversation


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        (["What is 17 times 23?"], "17 times 23 = **391**"),
        (["What is 2 to the power of 64?"], "2 to the power of 64 = **18,446,744,073,709,551,616**"),
        (["Who are you?"], "I'm bnaGPT"),
        (["What is the weather like in Paris right now?"], "I can't know that"),
        (["What did I have for breakfast today?"], "you haven't told me"),
    ],
)
def test_no_model_is_asked(providers: Providers, server: ScriptedServer, said: list[str], answer: str):
    server.script(*[Reply("Hm.")] * (len(said) - 1))
    newest = asked(providers, *said).messages[-1]
    assert answer in newest.content and newest.status == COMPLETE
    assert (newest.model_name, newest.provider) == (None, None)
    assert len(server.requests) == len(said) - 1


@pytest.mark.parametrize("said", [["What is 17 times 23?"], ["Who are you?"]])
def test_a_model_that_is_not_small_is_asked(providers: Providers, server: ScriptedServer, said: list[str]):
    server.script(*[Reply("Hm.")] * len(said))
    assert asked(providers, *said, is_small=False).messages[-1].content == "Hm."
    assert len(server.requests) == len(said)


def test_what_was_told_before_is_left_to_the_model(providers: Providers, server: ScriptedServer):
    server.script(Reply("Hm."), Reply("Rome."))
    assert asked(providers, "I live in Rome.", "Where do I live?").messages[-1].content == "Rome."
    assert [row["content"] for row in server.requests[-1].body["messages"]][-3:] == [
        "I live in Rome.",
        "Hm.",
        "Where do I live?",
    ]


def test_who_it_is_follows_the_instructions_of_a_person(providers: Providers, server: ScriptedServer):
    conversation = Conversation()
    conversation.choose(instructions="You are Captain Jack.")
    server.script(Reply("Captain Jack!"))
    list(
        MemoryController(build_resources(providers)).reply(
            conversation, "Who are you?", ModelSelection(replace(providers.default, is_small=True))
        )
    )
    assert conversation.messages[-1].content == "Captain Jack!"


def test_voice_answers_by_the_same_rules(providers: Providers, server: ScriptedServer):
    assert "391" in asked(providers, "What is 17 times 23?", controller=VoiceController).messages[-1].content
    assert not server.requests


def test_run_code_shows_the_code_of_a_sum_and_tells_its_result(environ: dict[str, str], server: ScriptedServer):
    providers = build_providers(Settings.from_env(environ | {"CODE_SANDBOX": "monty"}))
    newest = asked(providers, "What is 2 to the power of 64?", controller=RunCodeController).messages[-1]
    assert newest.content == "2 to the power of 64 = **18,446,744,073,709,551,616**"
    [step] = newest.tool_steps
    assert "2 ** 64" in step.arguments and not step.is_error and not server.requests


def test_web_search_looks_up_what_happens_now(providers: Providers):
    conversation = Conversation()
    events = WebSearchController(build_resources(providers)).reply(
        conversation,
        "What is the weather in Paris today?",
        ModelSelection(replace(providers.default, is_small=True, has_tools=False)),
    )
    kinds = []
    for event in events:
        kinds.append(type(event).__name__)
        if "ToolCall" in kinds:
            break
    events.close()  # type: ignore[attr-defined]
    assert "ToolCall" in kinds


@pytest.mark.parametrize(
    ("question", "begins"),
    [
        ("who are you?", "I'm bnaGPT"),
        ("What's your name", "I'm bnaGPT"),
        ("Are you ChatGPT?", "No."),
        ("are you human", "No."),
        ("Are you an AI?", "Yes."),
        ("Are you Qwen?", "In part."),
        ("Which company made you?", "I'm bnaGPT"),
        ("tell me about yourself", "I'm bnaGPT"),
        ("What language model are you?", "I'm bnaGPT"),
        ("Who are you talking about?", ""),
        ("Are you happy?", ""),
        ("Who made you a cake?", ""),
        ("Which company made the iPhone?", ""),
        ("Explain in detail who you are, what you can do, and how a person would best ask you to do such things.", ""),
    ],
)
def test_it_says_who_it_is_and_nothing_else_by_rule(question: str, begins: str):
    told = about_itself(question, ENDPOINT)
    assert told.startswith(begins) and bool(told) == bool(begins)
    assert not told or (EMBEDDED_MODELS[0].maker in told and "OpenAI" not in told)


@pytest.mark.parametrize(
    "question", ["What time is it?", "what's the date today", "Which day is it?", "What year is it"]
)
def test_the_clock_is_read(question: str):
    assert by_the_clock(question, datetime(2026, 11, 29, 19, 42)).startswith("It is 19:42 on Sunday, 29 November 2026")


@pytest.mark.parametrize(
    "question", ["What time is it in Tokyo?", "What year was it when Rome fell?", "What is a date?"]
)
def test_other_times_are_not_read_off_the_clock(question: str):
    assert by_the_clock(question, datetime.now()) == ""


@pytest.mark.parametrize(
    "question",
    [
        "Explain the weather",
        "Who won the World Cup in 1998?",
        "What is the temperature of the sun?",
        "What is my best move?",
    ],
)
def test_what_can_be_known_is_left_to_the_model(question: str):
    assert beyond_reach(question, []) == ""


def test_what_somebody_may_have_told_is_left_to_the_model():
    assert beyond_reach("What did I eat?", [Message("user", "I ate a fish.")]) == ""
