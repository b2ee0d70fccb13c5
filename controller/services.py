"""What all views of one running app share: `view/app.py` builds it, and a view gets it handed."""

from dataclasses import dataclass
from typing import Protocol

from controller.chat.turns import Turns
from controller.history.editing import Changes
from controller.history.saved_conversations import SavedConversations
from controller.llm.providers import Providers
from controller.resources import Resources


class PendingTitles(Protocol):
    """Which conversations are about to get a title."""

    def is_pending(self, conversation_id: str | None) -> bool: ...


@dataclass(frozen=True)
class Services:
    """The parts of the app that live as long as its process; nothing of them belongs to one person."""

    providers: Providers
    turns: Turns
    titles: PendingTitles
    conversations: SavedConversations
    changes: Changes
    resources: Resources
