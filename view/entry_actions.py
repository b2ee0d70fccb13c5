"""What can be done with a saved conversation in the list.

All of it happens in callbacks, which run before anything is drawn, so the page shows at once what was done.
"""

from collections.abc import Callable

import streamlit as st

from model.conversation import Conversation
from model.entries import Listed
from model.errors import ConversationExists, InputError
from view.browser import Wishes
from view.errors import kept_errors
from view.services import Services
from view.state import ChatState
from view.transcript import FOUND_KEY

MORE = 10
RENAME, PIN, UNPIN, DUPLICATE, EXPORT, DELETE = "Rename", "Pin", "Unpin", "Duplicate", "Export", "Delete"
ICONS = {
    RENAME: "edit",
    PIN: "keep",
    UNPIN: "keep_off",
    DUPLICATE: "control_point_duplicate",
    EXPORT: "download",
    DELETE: "delete",
}


def options_of(entry: Listed) -> list[str]:
    """Return what the menu of a conversation offers."""
    return [RENAME, UNPIN if entry.is_pinned else PIN, DUPLICATE, EXPORT, DELETE]


class EntryActions:
    """What a person can do with any saved conversation of one page."""

    def __init__(self, services: Services, state: ChatState, key: str) -> None:
        self.services = services
        self.state = state
        self.key = key

    def act(self, entry: Listed) -> None:
        """Do what was picked in an entry's menu."""
        option = st.session_state[f"{self.key}.options.{entry.id}"]
        actions: dict[str, Callable[[], object]] = {
            RENAME: lambda: self.open_rename(entry.id),
            PIN: lambda: self.services.store.choose(entry.id, is_pinned=True),
            UNPIN: lambda: self.services.store.choose(entry.id, is_pinned=False),
            DUPLICATE: lambda: self.state.show(self.services.changes.duplicate(entry.id)),
            EXPORT: lambda: setattr(self.state, "exporting_id", entry.id),
            DELETE: lambda: self.ask_deletion(entry.id),
        }
        with kept_errors(self.state):
            actions[option]()

    def load(self, conversation_id: str, found_id: str = "") -> None:
        """Show a conversation; `found_id` is the message to open it at."""
        with kept_errors(self.state):
            turn = self.services.turns.of(conversation_id)
            self.state.show(turn.conversation if turn else self.services.store.find(conversation_id))
            self.state.open_at(found_id)
            wishes = Wishes.of_session()
            wishes.show, wishes.leaves_sidebar = FOUND_KEY if found_id else "", True

    def open_rename(self, conversation_id: str) -> None:
        """Open the box for another name."""
        self.state.renaming_id, self.state.rename_problem = conversation_id, ""

    def rename(self, entry: Listed, name: str) -> None:
        """Give a conversation another name."""
        with kept_errors(self.state):
            try:
                self.services.store.rename(entry.name, name)
            except (ConversationExists, InputError) as error:  # told beside the box
                self.state.rename_problem = f"{error.message} {error.hint}"
                return
            self.state.renaming_id = self.state.rename_problem = ""
            if entry.id == self.state.conversation.id:
                self.state.conversation.name = self.services.store.name_of(entry.id)

    def ask_deletion(self, conversation_id: str) -> None:
        """Wait for a yes before a deletion; "" takes the question back."""
        self.state.deleting_id = conversation_id

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation for good, and leave it if it is open."""
        with kept_errors(self.state):
            self.services.turns.end(conversation_id)
            self.state.undo = self.services.changes.delete_conversation(conversation_id)
            self.state.deleting_id = ""
            st.toast("Deleted. Undo stands above.", icon=":material/undo:")
            if conversation_id == self.state.conversation.id:
                self.state.show(Conversation())
            ChatState.forget(conversation_id)

    def list_more(self) -> None:
        """List more saved conversations."""
        self.state.listed_count += MORE
        self.state.is_listing = True
