"""Which local models can be trusted with tools: sixty questions to each that is here, and JSON in a hundred schemas.

Each question needs one of six tools, all six of which are offered. It counts as called when the first call names the
right tool with arguments that fit its schema and hold what the question says; as answered when the answer tells what
the tool gave: that share is what `MEASURED` in `model/providers/local_tools.py` says.
`python -m benchmarks.local_tools` prints every question.
"""

import argparse
import logging
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from benchmarks.json_mode import COUNT, fits, generated
from benchmarks.table import Figures, Row
from controller.llm.discovery import build_providers
from controller.llm.discovery.local_files import local_models
from controller.llm.providers import Providers
from controller.stages.chatbot_with_memory import MemoryController
from controller.stages.json_mode.controller import JsonController
from controller.tools.tool import Tool, ToolContext
from controller.turn import ModelSelection, Turn
from model.chat.conversation import Conversation
from settings import Settings
from utils.model_output.arithmetic import sum_of
from view.app import build_resources

Arguments = dict[str, Any]
TEXT, NUMBER = {"type": "string"}, {"type": "number"}


@dataclass(frozen=True)
class ToolQuestion:
    """What is asked, which tool it needs, what its arguments have to hold, and what the answer has to tell."""

    asked: str
    tool: str
    holds: tuple[str, ...]
    told: str


CITIES = ("Paris", "Tokyo", "Nairobi", "Lima", "Oslo", "Cairo", "Toronto", "Delhi", "Madrid", "Perth")
PEOPLE = ("Alice", "Bruno", "Carla", "Deniz", "Emil", "Fatima", "Goran", "Hana", "Ivan", "Julia")
WORDS = ("water", "bread", "house", "tree", "book", "friend", "night", "sun", "river", "door")
SUMS = (
    "17 * 23",
    "144 / 12",
    "391 + 89",
    "1000 - 333",
    "12 * 12",
    "7 * 81",
    "2024 / 8",
    "15 * 15",
    "99 * 3",
    "640 / 5",
)
AMOUNTS = (10, 25, 50, 75, 100, 120, 200, 250, 400, 500)
TASKS = tuple(f"call {name}" for name in PEOPLE)


def _degrees(_context: ToolContext, arguments: Arguments) -> str:
    city = str(arguments["city"])
    return f"{city}: {11 + len(city)} degrees, light rain."


def _result(_context: ToolContext, arguments: Arguments) -> str:
    found = sum_of(str(arguments["expression"]))
    return found.result if found else "This can't be calculated."


def _converted(_context: ToolContext, arguments: Arguments) -> str:
    return f"{arguments['amount']} {arguments['from']} are {float(arguments['amount']) * 3:g} {arguments['to']}."


def _number(_context: ToolContext, arguments: Arguments) -> str:
    return f"{arguments['name']}: 555-01{len(str(arguments['name'])):02}"


def _noted(_context: ToolContext, arguments: Arguments) -> str:
    return f"Reminder number {40 + len(str(arguments['text']))} is set for {arguments['time']}."


def _translated(_context: ToolContext, arguments: Arguments) -> str:
    return f"“{arguments['word']}” in {arguments['language']}: {str(arguments['word'])[::-1]}"


def _tool(name: str, description: str, run: Callable[[ToolContext, Arguments], str], /, **properties: Any) -> Tool:
    schema = {"properties": properties, "required": [*properties], "additionalProperties": False}
    return Tool(name, name, description, schema, run)


TOOLS = [
    _tool("get_weather", "Tells the weather in a city right now.", _degrees, city=TEXT),
    _tool("calculate", "Calculates an expression exactly, such as 3 * (4 + 5).", _result, expression=TEXT),
    _tool(
        "convert_currency",
        "Converts an amount of money from one currency to another.",
        _converted,
        **{"amount": NUMBER, "from": TEXT, "to": TEXT},
    ),
    _tool("find_phone_number", "Looks up a person's phone number in the address book.", _number, name=TEXT),
    _tool("set_reminder", "Sets a reminder for a time of today.", _noted, text=TEXT, time=TEXT),
    _tool("translate", "Translates a word into another language.", _translated, word=TEXT, language=TEXT),
]


def questions() -> list[ToolQuestion]:
    """Return ten questions for each tool, one for each tool after the other, so that the first few are of all kinds."""
    groups = (
        [ToolQuestion(f"What is the weather in {c} now?", "get_weather", (c,), str(11 + len(c))) for c in CITIES],
        [ToolQuestion(f"Please calculate {s}.", "calculate", _numbers(s), _result_of(s)) for s in SUMS],
        [
            ToolQuestion(f"How many euros are {a} US dollars?", "convert_currency", (str(a),), str(a * 3))
            for a in AMOUNTS
        ],
        [ToolQuestion(f"What is {p}'s phone number?", "find_phone_number", (p,), f"555-01{len(p):02}") for p in PEOPLE],
        [
            ToolQuestion(f"Remind me at {hour}:30 to {task}.", "set_reminder", (f"{hour}:30",), f"{hour}:30")
            for hour, task in enumerate(TASKS, start=9)
        ],
        [ToolQuestion(f"Translate the word “{w}” into Finnish.", "translate", (w, "Finnish"), w[::-1]) for w in WORDS],
    )
    return [question for together in zip(*groups, strict=True) for question in together]


def _numbers(expression: str) -> tuple[str, ...]:
    return tuple(part for part in expression.split() if part.isdigit())


def _result_of(expression: str) -> str:
    found = sum_of(expression)
    return found.result.replace(",", "") if found else ""


class ToolController(MemoryController):
    """Offers the six tools to every model, trusted or not."""

    slug = "chatbot_with_memory"
    max_rounds = 2
    instructions = "Use a tool whenever one fits. Then answer in one sentence with what it gave."

    def tools(self, turn: Turn) -> list[Tool]:
        del turn
        return TOOLS

    def stream(self, turn: Turn) -> None:
        """Let the model call them itself."""
        row = replace(turn.endpoint.provider, has_tools=True, is_small=False)
        super().stream(replace(turn, endpoint=replace(turn.endpoint, provider=row)))


def local_tools() -> Iterator[Row]:
    """Measure each model that is here."""
    providers = build_providers(Settings.from_env({"LLM_PROVIDER": "embedded"}))
    for model in local_models(providers.settings):
        if model.problem:
            continue
        done = [asked(providers, model.title, question) for question in questions()]
        called, answered = (100 * sum(one) / len(done) for one in zip(*done, strict=True))
        yield Row(f"{model.title}: the right tool called, of {len(done)}", "%", None, Figures([called]))
        yield Row(f"{model.title}: answered with what it gave, of {len(done)}", "%", None, Figures([answered]))
        yield Row(
            f"{model.title}: JSON that fits, of {COUNT} schemas", "%", None, Figures([_json(providers, model.title)])
        )


def asked(providers: Providers, model_name: str, question: ToolQuestion, is_told: bool = False) -> tuple[bool, bool]:
    """Return whether the right tool was called, and whether the answer tells what it gave."""
    conversation = Conversation()
    conversation.choose(max_tokens=120)
    selection = ModelSelection(providers.embedded, model_name)
    try:
        list(ToolController(build_resources(providers)).reply(conversation, question.asked, selection))
    except Exception as error:  # a model that goes astray has not answered
        if is_told:
            print(f"       {error!r}")
    answer = conversation.messages[-1]
    first = answer.tool_steps[0] if answer.tool_steps else None
    written = first.arguments.lower() if first and first.name == question.tool and not first.is_error else ""
    is_called = all(word.lower() in written for word in question.holds)
    is_answered = is_called and question.told in answer.content.replace(",", "")
    if is_told:
        call = f"{first.name}({first.arguments})" if first else "no call"
        print(
            f"{'called' if is_called else 'WRONG '} {question.asked} {call}\n       {answer.content[:200]!r}",
            flush=True,
        )
    return is_called, is_answered


def _json(providers: Providers, model_name: str) -> float:
    controller, dice = JsonController(build_resources(providers)), random.Random(3)
    selection = ModelSelection(providers.embedded, model_name)
    return 100 * sum(fits(controller, *generated(dice), selection) for _ in range(COUNT)) / COUNT


def main() -> None:
    """Print every question with what was called, and the shares."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=60, help="ask only so many of each model")
    parser.add_argument("--model", default="", help="only the one with this name")
    wish = parser.parse_args()
    logging.captureWarnings(True)
    providers = build_providers(Settings.from_env({"LLM_PROVIDER": "embedded"}))
    for model in local_models(providers.settings):
        if wish.model in ("", model.title) and not model.problem:
            done = [asked(providers, model.title, one, is_told=True) for one in questions()[: wish.count]]
            called, answered = (sum(one) for one in zip(*done, strict=True))
            print(f"{model.title}: {called} of {len(done)} called, {answered} answered", flush=True)


if __name__ == "__main__":
    main()
