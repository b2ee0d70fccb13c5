"""What a request names: a conversation, a stage, a provider, a model."""

import re

from controller.gate import Gate, Permission
from controller.stages import STAGES, Stage
from controller.turn import Choice
from model.conversation import Conversation
from model.errors import ConversationNotFound, InputError, TurnUnderWay
from model.provider import PROVIDERS
from utils.stop import Stop
from view.parts import Services

NOBODY_TO_ASK = "Over HTTP nobody can be asked, so the tool did not run; “sends_unasked” or the page can allow it."
_TIDY_ID = re.compile(r"[A-Za-z0-9_.-]{1,64}")


class ClosedGate(Gate):
    """Says no to tools that wait for a person's yes: over HTTP no one is asked."""

    def ask(self, call_id: str, stop: Stop, reason: str = "") -> Permission:
        """Refuse."""
        del call_id, stop
        return Permission(False, why_not=f"{reason} {NOBODY_TO_ASK}".strip())


def conversation_of(services: Services, conversation_id: str | None) -> Conversation:
    """Return the saved conversation with this id, or a new one.

    Raises: TurnUnderWay; InputError for an id that no new conversation may have.
    """
    if not conversation_id:
        return Conversation()
    if services.turns.of(conversation_id):
        raise TurnUnderWay("An answer is still being written here.", "Wait for it, or stop it.")
    try:
        return services.store.find(conversation_id)
    except ConversationNotFound as error:
        if not _TIDY_ID.fullmatch(conversation_id):
            raise InputError("This can't be a conversation's id.", "Letters, digits and ._- can, up to 64.") from error
        return Conversation()


def stage_of(slug: str) -> Stage:
    """Return the stage that a request names, with dashes or underscores.

    Raises: InputError.
    """
    for row in STAGES:
        if row.slug == slug.replace("-", "_"):
            return row
    raise InputError("There is no such stage.", f"Take one of: {', '.join(row.slug for row in STAGES)}.")


def choice_of(services: Services, provider: str, model: str, conversation_id: str | None = None) -> Choice:
    """Return who shall answer: whom the request names, else the conversation's own model, else the default.

    Raises: InputError.
    """
    names = [row.name for row in PROVIDERS]
    if provider and provider not in names:
        raise InputError("There is no such provider.", f"Take one of: {', '.join(names)}.")
    if not provider and not model and services.store.has(conversation_id):
        options = services.store.find(conversation_id).options
        provider, model = options.provider, options.model_name
    return Choice(services.providers.named(provider) if provider else None, model, gate=ClosedGate())
