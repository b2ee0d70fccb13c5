"""The list of saved conversations: by day, pinned first, more of it on demand, and a menu for each.

Buttons act in callbacks, which run before the page is drawn, so one click is one drawing. Names are plain text.
"""

from collections.abc import Callable
from itertools import groupby

import streamlit as st

from model.conversation import Conversation
from model.entries import Listed
from utils.markdown import plain
from view.browser import Wishes
from view.dates import group
from view.errors import kept_errors
from view.live import draw_title_watch
from view.services import Services
from view.state import ChatState
from view.transcript import FOUND_KEY

MORE = 20
RENAME, PIN, UNPIN, DUPLICATE, EXPORT, DELETE = "Rename", "Pin", "Unpin", "Duplicate", "Export", "Delete"
ICONS = {
    RENAME: "edit",
    PIN: "keep",
    UNPIN: "keep_off",
    DUPLICATE: "control_point_duplicate",
    EXPORT: "download",
    DELETE: "delete",
}


class ConversationList:
    """Saved conversations on one page."""

    def __init__(self, services: Services, state: ChatState, slug: str) -> None:
        self.services = services
        self.state = state
        self.key = f"bna.{slug}"

    def draw(self) -> None:
        """Draw the newest conversations under their days."""
        entries = self.services.store.entries()
        pinned = [entry for entry in entries if entry.is_pinned]
        others = [entry for entry in entries if not entry.is_pinned]
        shown = [*pinned, *others][: self.state.listed_count]
        for heading, rows in groupby(shown, key=lambda entry: "Pinned" if entry.is_pinned else group(entry.updated_at)):
            st.caption(heading)
            for entry in rows:
                self.draw_entry(entry)
        if len(entries) > len(shown):
            label = f"Show more ({len(entries) - len(shown):,})"
            st.button(label, key=f"{self.key}.more", type="tertiary", on_click=self.list_more)
        if self.services.titles.is_pending(self.state.conversation.id):
            draw_title_watch(self.services.titles, self.state.conversation.id)
        if not entries and not self.services.turns.running():
            st.caption("None yet. Every conversation is kept here by itself.")

    def draw_entry(self, entry: Listed) -> None:
        """Draw one conversation: a click on its name opens it, the menu beside it does the rest."""
        is_open = entry.id == self.state.conversation.id
        with st.container(key=f"{self.key}.entry.{entry.id}", horizontal=True, gap="xxsmall"):
            st.button(
                plain(entry.name),
                key=f"{self.key}.load.{entry.id}",
                type="tertiary",
                icon=":material/chat:" if is_open else None,
                width="stretch",
                wrap=False,
                on_click=self.load,
                args=(entry.id,),
            )
            st.menu_button(
                f"Options of {plain(entry.name)}",
                [RENAME, UNPIN if entry.is_pinned else PIN, DUPLICATE, EXPORT, DELETE],
                key=f"{self.key}.options.{entry.id}",
                type="tertiary",
                icon=":material/more_horiz:",
                format_func=lambda option: f":material/{ICONS[option]}: {option}",
                on_click=self.act,
                args=(entry,),
            )
        if self.state.renaming_id == entry.id:
            self.draw_rename_box(entry)
        if self.state.deleting_id == entry.id:
            self.draw_question(entry)

    def draw_rename_box(self, entry: Listed) -> None:
        """Draw the box for another name."""
        key = f"{self.key}.new_name"
        with st.form(f"{self.key}.rename", border=False):
            st.text_input("New name", entry.name, key=key)
            st.form_submit_button("Rename", type="primary", on_click=lambda: self.rename(entry, st.session_state[key]))

    def draw_question(self, entry: Listed) -> None:
        """Ask before a conversation is deleted."""
        st.markdown("Delete it for good?")
        answers = st.container(horizontal=True)
        delete, keep = f"{self.key}.yes.{entry.id}", f"{self.key}.no.{entry.id}"
        answers.button("Yes, delete", key=delete, type="primary", on_click=self.delete, args=(entry.id,))
        answers.button("Keep it", key=keep, on_click=self.ask_deletion, args=("",))

    def act(self, entry: Listed) -> None:
        """Do what was picked in an entry's menu."""
        option = st.session_state[f"{self.key}.options.{entry.id}"]
        actions: dict[str, Callable[[], object]] = {
            RENAME: lambda: setattr(self.state, "renaming_id", entry.id),
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
            Wishes.of_session().show = FOUND_KEY if found_id else ""

    def rename(self, entry: Listed, name: str) -> None:
        """Give a conversation another name."""
        with kept_errors(self.state):
            self.services.store.rename(entry.name, name)
            self.state.renaming_id = ""
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

    def list_more(self) -> None:
        """List more saved conversations."""
        self.state.listed_count += MORE
