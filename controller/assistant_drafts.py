"""A model drafts an assistant from a description; the person changes the draft, and only then it is saved.

The model answers in JSON mode: the draft is held to a schema, checked, and asked for again where it does not fit.
What a draft may not do: name a model, a document, or whether tools run unasked. Read next: `controller/json_mode.py`.
"""

from collections.abc import Generator
from typing import Any

from controller.composed import abilities
from controller.providers import Providers
from controller.stages import stage
from controller.turn import Choice
from model.answer_schema import problems
from model.assistant import EMOJI, MOST_ABOUT, MOST_NAME, MOST_STARTER, Assistant, is_emoji
from model.assistant_file import tidy
from model.conversation import Conversation
from model.errors import InputError
from utils.json_answer import value_in

MOST_DESCRIPTION = 4_000  # characters
STARTERS = 3
TASK = (
    "You design assistants: chat programs made for one thing. From the person's description, write the assistant's name"
    " (two or three words), one emoji, a description in one sentence, its instructions (what it does, how, and in which"
    " tone, speaking to it as “you”), three first questions that a person may ask it, and only the tools that it needs."
    " Tools:\n{tools}"
)
NO_DRAFT = "The model's draft can't be used."
HINT = "Try once more in other words, pick another model, or fill in the form yourself."


def drafted(providers: Providers, description: str, choice: Choice) -> Generator[int, None, Assistant]:
    """Return a draft; yield how many characters of it there are by now.

    Raises: InputError when there is no description, or no draft that can be used; ProviderError.
    """
    if not description.strip():
        raise InputError("There is no description.", "Say in a sentence what the assistant shall do.")
    conversation = Conversation(is_temporary=True)
    schema = _schema(is_small=(choice.provider or providers.default).name == "embedded")
    tools = "\n".join(f"- {row.slug}: {row.adds}" for row in abilities())
    conversation.choose(answer_schema=schema, instructions=TASK.format(tools=tools))
    for _ in stage("json_mode").build_controller(providers).reply(conversation, description[:MOST_DESCRIPTION], choice):
        yield len(conversation.messages[-1].content)
    answer = conversation.messages[-1].content
    if problems(answer, schema):
        raise InputError(NO_DRAFT, HINT)
    return _assistant_of(value_in(answer))


def _schema(is_small: bool) -> dict[str, Any]:
    """Return what a draft looks like; a small model, which may never find an end, is held to lengths, too."""

    def text(most: int) -> dict[str, Any]:
        return {"type": "string", "maxLength": most} if is_small else {"type": "string"}

    def texts(kind: dict[str, Any], most: int) -> dict[str, Any]:
        return {"type": "array", "items": kind, **({"maxItems": most} if is_small else {})}

    slugs = [row.slug for row in abilities()]
    fields = {
        "name": text(30),
        "emoji": text(2),
        "about": text(100),
        "instructions": text(500),
        "starters": texts(text(80), STARTERS),
        "tools": texts({"type": "string", "enum": slugs}, 1),
    }
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _assistant_of(draft: dict[str, Any]) -> Assistant:
    """Return the assistant that a draft describes, cut to what a form takes.

    Raises: InputError.
    """
    assistant = Assistant(
        draft["name"].strip()[:MOST_NAME],
        draft["instructions"],
        draft["emoji"] if is_emoji(draft["emoji"]) else EMOJI,
        draft["about"].strip()[:MOST_ABOUT],
        tuple(starter[:MOST_STARTER] for starter in draft["starters"][:STARTERS]),
        tuple(draft["tools"]),
        asks_first=False,  # the person sees the switch before it is saved
    )
    try:
        return tidy(assistant)
    except InputError as error:
        raise InputError(NO_DRAFT, HINT) from error
