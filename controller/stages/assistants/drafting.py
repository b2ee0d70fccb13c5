"""A model drafts an assistant from a description in JSON mode; the person changes the draft, and only then it is saved.

What a draft may not do: name a model, a document, or whether tools run unasked.
"""

import json
from collections.abc import Generator
from typing import Any

from controller.resources import Resources
from controller.stages import abilities, stage
from controller.turn import ModelSelection
from model.assistants.assistant import EMOJI, MOST_ABOUT, MOST_NAME, MOST_STARTER, Assistant
from model.assistants.file import tidy
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.errors import InputError
from model.json_mode.answer_schema import problems
from utils.json_tools.answers import value_in
from utils.text.characters import is_emoji

MOST_DESCRIPTION = 4_000  # characters
STARTERS = 3
TASK = (
    "You design assistants: chat programs made for one thing. From the person's description, write the assistant's name"
    " (two or three words), one emoji, a description in one sentence, its instructions (what it does, how, and in which"
    " tone, speaking to it as “you”), three first questions that a person may ask it."
)
ABOUT_TOOLS = " Name only the tools that it needs. Tools:\n"
EMOJIS = ["💬", "🎓", "🍲", "✏️", "🧭", "🎵", "💪", "🌍", "🧮", "📚", "💡", "🎭"]
EXAMPLES: tuple[tuple[str, dict[str, Any]], ...] = (
    (
        "It helps me to learn Spanish words.",
        {
            "name": "Spanish Coach",
            "emoji": "🌍",
            "about": "Teaches Spanish words, a few each day.",
            "instructions": "You are a friendly Spanish coach. Teach five words at a time, each with an example."
            " Then ask for them, and say kindly what was wrong.",
            "starters": ["Teach me five words about food.", "Quiz me.", "How do I say hello?"],
            "tools": [],
        },
    ),
    (
        "It checks my running plan and the weather.",
        {
            "name": "Running Partner",
            "emoji": "💪",
            "about": "Plans your runs, and looks up the weather for them.",
            "instructions": "You are a running partner. Ask how far and how often the person runs. Plan one week at a"
            " time, in a short list. Be cheerful, and warn of too much at once.",
            "starters": ["Plan my first week.", "Can I run today?", "How do I warm up?"],
            "tools": ["web_search"],
        },
    ),
)
NO_DRAFT = "The model's draft can't be used."
HINT = "Try once more in other words, pick another model, or fill in the form yourself."


def drafted(resources: Resources, description: str, selection: ModelSelection) -> Generator[int, None, Assistant]:
    """Return a draft; yield how many characters of it there are by now.

    Raises: InputError when there is no description, or no draft that can be used; ProviderError.
    """
    if not description.strip():
        raise InputError("There is no description.", "Say in a sentence what the assistant shall do.")
    providers = resources.providers
    is_small = providers.row_of(selection.provider or providers.default, selection.model_name).is_small
    schema = _schema(is_small)
    conversation = Conversation(_examples(schema), is_temporary=True)
    tools = "\n".join(f"- {row.slug}: {row.adds}" for row in abilities())
    conversation.choose(answer_schema=schema, instructions=TASK if is_small else TASK + ABOUT_TOOLS + tools)
    for _ in (
        stage("json_mode").build_controller(resources).reply(conversation, description[:MOST_DESCRIPTION], selection)
    ):
        yield len(conversation.messages[-1].content)
    answer = conversation.messages[-1].content
    if problems(answer, schema):
        raise InputError(NO_DRAFT, HINT)
    return _assistant_of(value_in(answer))


def _schema(is_small: bool) -> dict[str, Any]:
    """Return what a draft looks like; a small model, which would choose at random, is not asked for tools."""
    text = {"type": "string"}
    slugs = {"type": "string", "enum": [row.slug for row in abilities()]}
    fields: dict[str, Any] = {
        "name": text,
        "emoji": {"type": "string", "enum": EMOJIS} if is_small else text,
        "about": text,
        "instructions": text,
        "starters": {"type": "array", "items": text},
    }
    if not is_small:
        fields["tools"] = {"type": "array", "items": slugs}
    return {"type": "object", "properties": fields, "required": list(fields), "additionalProperties": False}


def _examples(schema: dict[str, Any]) -> list[Message]:
    """Return drafts for others, as they look in a schema: a small model copies what it is shown."""
    said: list[Message] = []
    for description, draft in EXAMPLES:
        fitting = {key: value for key, value in draft.items() if key in schema["properties"]}
        said += [Message("user", description), Message("assistant", json.dumps(fitting, ensure_ascii=False))]
    return said


def _assistant_of(draft: dict[str, Any]) -> Assistant:
    """Return the assistant that a draft describes, cut to what a form takes. Raises: InputError."""
    assistant = Assistant(
        draft["name"].strip()[:MOST_NAME],
        draft["instructions"],
        draft["emoji"] if is_emoji(draft["emoji"]) else EMOJI,
        draft["about"].strip()[:MOST_ABOUT],
        tuple(starter[:MOST_STARTER] for starter in draft["starters"][:STARTERS]),
        tuple(draft.get("tools", ())),
        asks_first=False,  # the person sees the switch before it is saved
    )
    try:
        return tidy(assistant)
    except InputError as error:
        raise InputError(NO_DRAFT, HINT) from error
