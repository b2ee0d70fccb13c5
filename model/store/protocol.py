"""What the rest of the app may ask of whatever keeps conversations.

Every method raises a StoreError when it can't do what it says.
"""

from collections.abc import Iterable
from typing import Any, Protocol

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.store.entries import ConversationSummary


class ConversationStore(Protocol):
    """What keeps conversations; every method raises a StoreError when it can't do what it says."""

    def names(self) -> list[str]:
        """Return the names of all conversations, the newest saved first."""

    def entries(self) -> list[ConversationSummary]:
        """Return what a list shows of all conversations, the newest saved first."""

    def load(self, name: str) -> Conversation:
        """Return the conversation with this name."""

    def find(self, conversation_id: str | None) -> Conversation:
        """Return the conversation with this id."""

    def has(self, conversation_id: str | None) -> bool:
        """Return whether a conversation is saved."""

    def stamp(self) -> object:
        """Return something that changes whenever a saved conversation does; it costs next to nothing."""

    def save(self, name: str, conversation: Conversation, overwrite: bool = False) -> None:
        """Save a conversation under a name; a name that another one has is taken only with `overwrite`."""

    def save_new(self, wish: str | None, conversation: Conversation) -> str:
        """Save a conversation that is new, and return its name: the one wished for where it is free, else its title."""

    def add(self, conversations: Iterable[tuple[str, Conversation]]) -> list[str]:
        """Save many conversations in one go, and return their names; one that is taken gets a number."""

    def write(self, conversation_id: str | None, messages: Iterable[Message]) -> None:
        """Put messages into a saved conversation, and leave all its others as they are."""

    def change(self, conversation_id: str | None, messages: Iterable[Message], without: Iterable[str] = ()) -> None:
        """Put messages into a saved conversation and take others out; it keeps its place in the list."""

    def choose(self, conversation_id: str | None, **wishes: Any) -> None:
        """Change what was chosen for a saved conversation as a whole."""

    def rename(self, old: str, new: str, overwrite: bool = False) -> None:
        """Give a conversation another name, for good."""

    def retitle(self, conversation_id: str | None, title: str) -> None:
        """Give a conversation another title; a name that a person gave it stays."""

    def delete(self, name: str) -> None:
        """Delete a conversation."""
