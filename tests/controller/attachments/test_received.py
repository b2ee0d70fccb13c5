"""Pictures in a model's answer: kept, shown as what a tool has made, told in no request, and each once."""

import base64
import json
import re
from typing import Any

import pytest

from controller.attachments.received import STEP
from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.resources import Resources
from controller.stages import STAGES
from controller.stages.chatbot_with_memory import MemoryController
from model.chat.conversation import Conversation
from model.chat.message import COMPLETE, Message
from model.pictures.picture import Picture, pictures_of
from settings import Settings
from tests.image_server import picture
from tests.recorded_streams import stream
from tests.replayed import replayed
from tests.scripted_server import Reply, ScriptedServer
from utils.model_output.pictures import MOST_PICTURES
from view.app import build_resources

RED, BLUE = picture("red"), picture("blue")


def in_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def data_url(data: bytes = RED, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{in_base64(data)}"


def part(data: bytes = RED) -> dict[str, Any]:
    return {"type": "image_url", "image_url": {"url": data_url(data)}}


@pytest.fixture
def resources(providers: Providers) -> Resources:
    return build_resources(providers)


def asked(
    resources: Resources, server: ScriptedServer, raw: bytes, conversation: Conversation | None = None
) -> Message:
    server.script(Reply(raw=raw))
    conversation = conversation or Conversation()
    list(MemoryController(resources).reply(conversation, "Draw a square"))
    return conversation.messages[-1]


def shown(answer: Message) -> list[Picture]:
    return list(pictures_of(answer.tool_steps))


@pytest.mark.parametrize(
    "delta",
    [
        {"images": [part()]},
        {"images": [{"image_url": data_url()}]},
        {"images": [data_url()]},
        {"images": [{"b64_json": in_base64(RED)}]},
        {"content": [part()]},
        {
            "content": [
                {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": in_base64(RED)}}
            ]
        },
        {"content": [{"inlineData": {"mimeType": "image/png", "data": in_base64(RED)}}]},
        {"content": [{"inline_data": {"mime_type": "image/png", "data": in_base64(RED)}}]},
        {"content": {"type": "output_image", "image_base64": in_base64(RED)}},
    ],
)
def test_it_is_kept_in_whichever_form_it_comes(delta: dict[str, Any], resources: Resources, server: ScriptedServer):
    answer = asked(resources, server, stream({"content": "Here it is."}, delta))
    (one,) = shown(answer)
    assert (one.name, one.media_type, one.width_px) == ("image-1.png", "image/png", 64)
    assert resources.attachments.path(one.sha256).read_bytes() == RED
    assert answer.content == "Here it is." and answer.status == COMPLETE


@pytest.mark.parametrize("stage", STAGES[:2], ids=lambda stage: stage.slug)
def test_one_without_words_is_an_answer(stage, resources: Resources, server: ScriptedServer):
    server.script(Reply(raw=stream({"images": [part()]})))
    conversation = Conversation()
    list(stage.build_controller(resources).reply(conversation, "Draw a square"))
    answer = conversation.messages[-1]
    assert [one.name for one in shown(answer)] == ["image-1.png"]
    assert answer.content == "Picture image-1.png." and answer.status == COMPLETE


def test_an_answer_that_came_whole_keeps_its_pictures(resources: Resources, server: ScriptedServer):
    message = {"role": "assistant", "content": "Look.", "images": [part(), part(BLUE)]}
    body = {"choices": [{"index": 0, "message": message, "finish_reason": "stop"}]}
    answer = asked(resources, server, json.dumps(body).encode())
    assert [one.name for one in shown(answer)] == ["image-1.png", "image-2.png"] and answer.content == "Look."


def test_one_that_comes_twice_stands_there_once(resources: Resources, server: ScriptedServer):
    answer = asked(
        resources, server, stream({"images": [part()]}, {"content": "So."}, {"images": [part(), part(BLUE)]})
    )
    assert len(shown(answer)) == 2


def test_it_stands_where_it_came(resources: Resources, server: ScriptedServer):
    answer = asked(resources, server, stream({"content": "One."}, {"images": [part()]}, {"content": " Two."}))
    (step,) = answer.tool_steps
    assert step.name == STEP and answer.content[: step.at] == "One." and step.result == ""
    assert re.sub(r"\s+", " ", answer.content) == "One. Two."


@pytest.mark.parametrize(
    "bad",
    [
        {"image_url": {"url": "https://example.org/cat.png"}},
        {"image_url": {"url": "data:image/png;base64,!!!"}},
        {"image_url": {"url": data_url(b"<svg onload='alert(1)'/>", "svg+xml")}},
        {"image_url": {"url": data_url(RED[:40])}},
        {"image_url": None},
        {"image_url": 5},
        7,
        None,
    ],
)
def test_what_is_no_picture_is_told_and_no_address_is_asked(bad: object, resources: Resources, server: ScriptedServer):
    answer = asked(resources, server, stream({"content": "Here."}, {"images": [bad]}))
    assert shown(answer) == [] and "can't be shown" in answer.content and answer.status == COMPLETE


def test_there_is_an_end_to_them(resources: Resources, server: ScriptedServer):
    many = [part(picture(size=(8 + number, 8))) for number in range(MOST_PICTURES + 3)]
    answer = asked(resources, server, stream({"content": "Many."}, {"images": many}))
    assert len(shown(answer)) == MOST_PICTURES and "can't be shown" in answer.content


def test_no_request_tells_of_it_and_the_answers_own_is_known_to_the_letter(
    resources: Resources, providers: Providers, server: ScriptedServer
):
    conversation = Conversation()
    answer = asked(resources, server, stream({"content": "Here."}, {"images": [part()]}), conversation)
    assert replayed(providers, conversation, answer).is_exact
    list(MemoryController(resources).reply(conversation, "Thanks"))
    rows = server.requests[-1].body["messages"]
    assert [row["content"] for row in rows] == ["Draw a square", "Here.", "Thanks"]


def test_names_go_on_through_a_conversation(resources: Resources, server: ScriptedServer):
    conversation = Conversation()
    for data in (RED, BLUE):
        asked(resources, server, stream({"content": "Here."}, {"images": [part(data)]}), conversation)
    assert [one.name for message in conversation.messages for one in shown(message)] == ["image-1.png", "image-2.png"]


@pytest.mark.parametrize(
    ("model", "modalities"), [("google/gemini-2.5-flash-image", ["image", "text"]), ("openrouter/auto", None)]
)
def test_openrouter_is_told_where_a_model_makes_pictures(
    model: str, modalities: list[str] | None, environ: dict[str, str], server: ScriptedServer
):
    own = {"LLM_PROVIDER": "openrouter", "OPENROUTER_API_KEY": "k", "OPENROUTER_BASE_URL": f"{server.base_url}"}
    resources = build_resources(build_providers(Settings.from_env(environ | own | {"LLM_MODEL": model})))
    asked(resources, server, stream({"content": "Here."}))
    assert server.requests[-1].body.get("modalities") == modalities
