"""How many answers of the embedded model fit their schema, of a hundred schemas that are generated, always the same.

Each schema has three to seven fields: texts, numbers with bounds, choices, dates, lists, and objects in objects. An
answer counts when `jsonschema` itself finds it valid; bnaGPT's two more tries are part of the answer.
"""

import json
import random
from collections.abc import Iterator
from typing import Any

from benchmarks.samples import vocabulary
from benchmarks.table import Figures, Row
from controller.llm.discovery import build_providers
from controller.stages.json_mode.controller import JsonController
from controller.turn import ModelSelection
from model.chat.conversation import Conversation
from settings import Settings
from view.app import build_resources

COUNT = 100
PROMPT = "Make up one short example of “{name}”."


def fitting_answers(count: int = COUNT) -> Iterator[Row]:
    """Measure how many answers fit."""
    controller = JsonController(build_resources(build_providers(Settings.from_env({"LLM_PROVIDER": "embedded"}))))
    dice = random.Random(3)
    share = 100 * sum(fits(controller, *generated(dice)) for _ in range(count)) / count
    yield Row(f"JSON mode: answers that fit, of {count} schemas", "%", 100, Figures([share]), is_least=True)


def generated(dice: random.Random) -> tuple[str, dict[str, Any]]:
    """Return a made-up name, and a schema for what it names."""
    return dice.choice(vocabulary(500)), _object(dice, depth=2)


def _object(dice: random.Random, depth: int) -> dict[str, Any]:
    names = dice.sample(vocabulary(500), dice.randint(3, 7) if depth == 2 else 2)
    properties = {name: _field(dice, depth) for name in names}
    required = [name for name in names if dice.random() < 0.8]
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}


def _field(dice: random.Random, depth: int) -> dict[str, Any]:
    low = dice.randint(0, 50)
    kinds: list[dict[str, Any]] = [
        {"type": "string"},
        {"type": "string", "minLength": 2, "maxLength": 20},
        {"type": "string", "format": "date"},
        {"type": "string", "pattern": "^[A-Z]{2}[0-9]{3}$"},
        {"enum": dice.sample(vocabulary(500), 3)},
        {"type": "integer", "minimum": low, "maximum": low + 100},
        {"type": "number", "minimum": low, "maximum": low + 10},
        {"type": "boolean"},
        {"type": ["string", "null"]},
    ]
    if depth:
        kinds.append({"type": "array", "items": _field(dice, depth - 1), "minItems": 1, "maxItems": 3})
        kinds.append(_object(dice, depth - 1))
    return dice.choice(kinds)


def fits(
    controller: JsonController, name: str, schema: dict[str, Any], selection: ModelSelection | None = None
) -> bool:
    """Return whether the answer for a schema is valid."""
    from jsonschema import Draft202012Validator

    conversation = Conversation()
    conversation.choose(answer_schema=schema)
    list(controller.reply(conversation, PROMPT.format(name=name), selection))
    try:
        return bool(Draft202012Validator(schema).is_valid(json.loads(conversation.messages[-1].content)))
    except ValueError:
        return False
