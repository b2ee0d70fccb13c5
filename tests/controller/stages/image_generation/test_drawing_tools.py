"""Stage 8 with no server for images: drawings are cleaned, charts are made of numbers, and the rest is told."""

import json
from collections.abc import Iterator

import pytest

from controller.llm.discovery import build_providers
from controller.llm.providers import Providers
from controller.resources import Resources
from controller.stages.image_generation.controller import ImageGenerationController
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.errors import InputError, MissingKey
from model.pictures.picture import pictures_of
from settings import Settings
from tests.scripted_server import Reply, ScriptedServer
from view.app import build_resources

SVG = '<svg viewBox="0 0 9 9"><script>alert(1)</script><circle r="4" onclick="x()"/></svg>'


@pytest.fixture
def resources(environ: dict[str, str]) -> Resources:
    return build_resources(build_providers(Settings.from_env(environ | {"CODE_SANDBOX": "monty"})))


@pytest.fixture
def controller(providers: Providers, resources: Resources) -> ImageGenerationController:
    return ImageGenerationController(resources)


def call(name: str, **arguments: object) -> tuple[str, str]:
    return name, json.dumps(arguments)


def ask(controller: ImageGenerationController, conversation: Conversation, prompt: str) -> Message:
    list(controller.reply(conversation, prompt))
    return conversation.messages[-1]


def test_what_a_model_draws_is_cleaned_and_it_is_told_what_was_left_out(
    controller: ImageGenerationController, server: ScriptedServer, resources: Resources
):
    server.script(Reply(tool_calls=[call("draw", svg=SVG, title="A dot")]), Reply("A dot."))
    answer = ask(controller, Conversation(), "Draw a dot.")
    told = server.requests[1].body["messages"][-1]["content"]
    assert told == "Made drawing-1.svg. Left out, since only shapes, text and colours are drawn: script, onclick."
    [drawn] = pictures_of(answer.tool_steps)
    kept = resources.attachments.path(drawn.sha256).read_text()
    assert "script" not in kept and "onclick" not in kept and "<circle" in kept


def test_a_drawing_that_is_none_is_mended_by_the_model(controller: ImageGenerationController, server: ScriptedServer):
    server.script(
        Reply(tool_calls=[call("draw", svg="<svg><circle></svg>")]),
        Reply(tool_calls=[call("draw", svg=SVG)]),
        Reply("A dot."),
    )
    answer = ask(controller, Conversation(), "Draw a dot.")
    assert [step.is_error for step in answer.tool_steps] == [True, False]
    assert "This is no valid SVG" in (answer.tool_steps[0].result or "")


def test_a_chart_is_made_of_labels_and_numbers(controller: ImageGenerationController, server: ScriptedServer):
    chart = call("draw_chart", kind="pie", title="Drinks", labels=["tea", "milk"], values=[1, 3])
    wrong = call("draw_chart", kind="bar", labels=["tea"], values=[1, 3])
    endless = call("draw_chart", kind="bar", labels=["a", "b"], values=[10**400, 1])
    server.script(Reply(tool_calls=[wrong, chart, endless]), Reply("Done."))
    answer = ask(controller, Conversation(), "Draw it.")
    assert "do not fit" in (answer.tool_steps[2].result or "")
    assert answer.tool_steps[0].result == "There are 1 labels for 2 numbers. Call it again."
    assert answer.tool_steps[1].result == "Made chart-1.svg. It shows tea: 1, milk: 3."


def test_without_an_image_model_the_tools_draw_only(controller: ImageGenerationController, server: ScriptedServer):
    server.script(Reply("Hello."))
    ask(controller, Conversation(), "Hi")
    assert [tool["function"]["name"] for tool in server.requests[0].body["tools"]] == ["draw", "draw_chart"]
    with pytest.raises(MissingKey, match="No image model is set"):
        ask(controller, Conversation(), "/image A fox")


def test_a_chart_takes_its_numbers_from_what_was_said_before(
    controller: ImageGenerationController, server: ScriptedServer
):
    conversation = Conversation()
    server.script(Reply("| drink | sold |\n|---|---|\n| tea | 12 |\n| milk | 30 |"))
    ask(controller, conversation, "What was sold?")
    answer = ask(controller, conversation, "/chart line that, please")
    assert answer.content == "Made chart-1.svg. It shows tea: 12, milk: 30."
    with pytest.raises(InputError, match="no numbers"):
        ask(controller, Conversation(), "/chart pie nothing")


@pytest.fixture
def small(controller: ImageGenerationController) -> Iterator[ImageGenerationController]:
    """Return the stage with a model that can't call tools."""
    row = controller.providers.default
    object.__setattr__(row, "has_tools", False)
    yield controller
    object.__setattr__(row, "has_tools", True)


@pytest.mark.parametrize(
    "prompt", ["Draw a bar chart: tea 12, coffee 30.", "Paint a fox.", "What is a bar chart?", "A pie: rent 9, food 4"]
)
def test_plain_words_are_a_question_for_a_small_model_too(small: ImageGenerationController, prompt: str):
    answer = ask(small, Conversation(), prompt)
    assert (answer.content, answer.tool_steps) == ("This is the scripted answer.", [])


def test_a_small_model_gets_a_chart_by_hand(small: ImageGenerationController, server: ScriptedServer):
    answer = ask(small, Conversation(), "/chart bar tea 12, coffee 30")
    assert answer.content == "Made chart-1.svg. It shows tea: 12, coffee: 30."
    assert server.requests == []


def test_an_image_that_can_not_be_made_is_told_with_a_way_out(small: ImageGenerationController):
    with pytest.raises(MissingKey) as caught:
        ask(small, Conversation(), "/image A fox")
    assert "IMAGE_BASE_URL" in caught.value.hint
