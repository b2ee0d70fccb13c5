"""What all views of one running app share: `view/app.py` builds it, and a view gets it handed."""

from dataclasses import dataclass
from typing import Protocol

from controller.chat.turns import Turns
from controller.history.editing import Changes
from controller.history.saved_conversations import SavedConversations
from controller.llm.providers import Providers
from controller.resources import Resources
from settings import Settings

OWNER = ""  # who asks where nobody signs in


class PendingTitles(Protocol):
    """Which conversations are about to get a title."""

    def is_pending(self, conversation_id: str | None) -> bool: ...


@dataclass(frozen=True)
class Services:
    """One person's parts of the app; where nobody signs in, there is one person."""

    providers: Providers
    turns: Turns
    titles: PendingTitles
    conversations: SavedConversations
    changes: Changes
    resources: Resources


class App(Protocol):
    """A running app."""

    settings: Settings

    def services_of(self, person: str = OWNER) -> Services:
        """Return a person's services, which are built when they are first here."""
