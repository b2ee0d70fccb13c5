"""A person's memory, with saved conversations to remember, and what asks in a new one."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from controller.llm.providers import Providers
from controller.resources import Resources
from controller.stages.log.memory.controller import RecallController
from controller.turn import ModelSelection, TurnControl
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.store.json_store import JsonStore
from utils.retrieval.embeddings import FOLDER
from view.app import build_resources

PLAIN, SMALL = "plain", "small"  # models that can't call tools, and one that is often wrong besides
SPRING = "2026-04-03T10:00:00+00:00"


@pytest.fixture(autouse=True)
def _has_encoder() -> None:
    if not FOLDER.is_dir():
        pytest.skip("the encoder's weights are not installed")


@pytest.fixture
def resources(providers: Providers) -> Resources:
    made = build_resources(providers)
    made.store = JsonStore(made.settings.conversations_file)
    return made


@pytest.fixture
def said(resources: Resources) -> Callable[..., Conversation]:
    """Return what saves a conversation in which a person and a model say this in turn, in spring."""

    def save(name: str, *texts: str) -> Conversation:
        roles = ("user", "assistant")
        conversation = Conversation([Message(roles[n % 2], t, created_at=SPRING) for n, t in enumerate(texts)])
        assert resources.store
        resources.store.save(name, conversation)
        return conversation

    return save


@pytest.fixture
def ask(resources: Resources, providers: Providers) -> Callable[..., Conversation]:
    """Return what asks a question of a kind of model, in a new conversation or one that goes on."""

    def asked(
        question: str, kind: str = "", conversation: Conversation | None = None, control: TurnControl | None = None
    ) -> Conversation:
        conversation = conversation if conversation is not None else Conversation()
        provider = replace(providers.default, has_tools=not kind, is_small=kind == SMALL)
        list(RecallController(resources).reply(conversation, question, ModelSelection(provider), control))
        assert resources.store
        if not conversation.is_temporary:
            name = conversation.name or f"Asked {len(resources.store.entries())}"
            resources.store.save(name, conversation, overwrite=True)
        return conversation

    return asked
