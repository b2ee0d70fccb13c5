"""What all views of one running app share: `view/app.py` builds it, and a view gets it handed."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from controller.chat.turns import Turns
from controller.history.editing import Changes
from controller.history.saved_conversations import SavedConversations
from controller.llm.providers import Providers
from controller.resources import Resources
from settings import Settings

if TYPE_CHECKING:
    from controller.people.account import Account, Holdings

OWNER = ""  # who asks where nobody signs in


class PendingTitles(Protocol):
    """Which conversations are about to get a title."""

    def is_pending(self, conversation_id: str | None) -> bool: ...


@dataclass(frozen=True)
class Services:
    """One person's parts of the app; where nobody signs in, there is one person.

    `era` counts how often the person has deleted everything: what a page remembers of another one is gone.
    """

    providers: Providers
    turns: Turns
    titles: PendingTitles
    conversations: SavedConversations
    changes: Changes
    resources: Resources
    account: "Account"
    era: int = 0


class App(Protocol):
    """A running app."""

    settings: Settings

    def services_of(self, person: str = OWNER) -> Services:
        """Return a person's services, which are built when they are first here."""

    def delete_all_of(self, person: str = OWNER) -> "Holdings":
        """Delete everything of a person, and return how much that was; their services are built anew afterwards.

        Raises: TurnUnderWay when an answer does not end soon; StoreError when something can't be deleted.
        """
