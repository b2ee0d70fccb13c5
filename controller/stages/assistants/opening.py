"""How an assistant opens a conversation: its instructions, tools, options and documents go into it, once.

The conversation carries them from then on, on any page, whatever becomes of the assistant.
"""

from collections.abc import Collection
from typing import Any

from controller.llm.providers import Providers
from controller.stages import abilities
from model.assistants.assistant import Assistant
from model.chat.conversation import Conversation
from model.chat.message import Message, now


def assistant_options(assistant: Assistant, providers: Providers) -> dict[str, Any]:
    """Return the options of a conversation with an assistant; a provider that can't answer here is left out."""
    is_offered = assistant.provider in [provider.name for provider in providers.offered()]
    return {
        "tools": list(assistant.tools),
        "asks_first": assistant.asks_first,
        "temperature": assistant.temperature,
        "max_tokens": assistant.max_tokens,
        "answer_schema": assistant.answer_schema,
        "provider": assistant.provider if is_offered else "",
        "model_name": assistant.model_name if is_offered else "",
    }


def missing(assistant: Assistant, providers: Providers, digests: Collection[str]) -> list[str]:
    """Return a sentence for each thing that an assistant wants and that is not here; `digests` are the files here."""
    known = [row.slug for row in abilities()]
    told = [f"It wants the tool “{slug}”, which is not here." for slug in assistant.tools if slug not in known]
    if assistant.provider and not assistant_options(assistant, providers)["provider"]:
        told.append(f"It wants {assistant.provider}, which is not set up here: the one that is picked answers.")
    gone = [document.name for document in assistant.documents if document.sha256 not in digests]
    return [*told, *(f"Its document “{name}” is not on this machine." for name in gone)]


def start_with_assistant(conversation: Conversation, assistant: Assistant, digests: Collection[str]) -> None:
    """Let an assistant begin a conversation in which nothing was said yet; documents that are gone stay out."""
    about = {"id": assistant.id, "name": assistant.name, "emoji": assistant.emoji}
    told = assistant.instructions or f"You are {assistant.name}. {assistant.about}".strip()
    opening = Message("system", told, created_at=now(), assistant=about)
    opening.attachments = [document for document in assistant.documents if document.sha256 in digests]
    opening.conversation = conversation.pending_options or None
    conversation.messages.append(opening)
