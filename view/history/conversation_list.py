"""The list of saved conversations: by day, pinned first, more of it on demand, and a menu for each.

What lies behind the first twenty is drawn apart from the page (a fragment), so that more of it comes without drawing
all messages anew. Actions are callbacks, which run before anything is drawn.
"""

from collections.abc import Callable
from itertools import groupby

import streamlit as st

from controller.history.saved_conversations import ConversationSummary
from controller.services import PendingTitles
from model.chat.conversation import Conversation
from model.chat.titles import UNTITLED
from model.errors import ConversationExists, InputError
from utils.text.markdown import plain
from view.shell.browser import BrowserCommands
from view.shell.dates import group
from view.shell.errors import draw_problem, kept_errors
from view.shell.services import Services
from view.shell.session import FOUND_KEY, LISTED, ChatState

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


def options_of(entry: ConversationSummary) -> list[str]:
    """Return what the menu of a conversation offers."""
    return [RENAME, UNPIN if entry.is_pinned else PIN, DUPLICATE, EXPORT, DELETE]


class EntryActions:
    """What a person can do with any saved conversation of one page."""

    def __init__(self, services: Services, state: ChatState, key: str) -> None:
        self.services = services
        self.state = state
        self.key = key

    def act(self, entry: ConversationSummary) -> None:
        """Do what was picked in an entry's menu."""
        option = st.session_state[f"{self.key}.options.{entry.id}"]
        actions: dict[str, Callable[[], object]] = {
            RENAME: lambda: self.open_rename(entry.id),
            PIN: lambda: self.services.conversations.pin_conversation(entry.id, is_pinned=True),
            UNPIN: lambda: self.services.conversations.pin_conversation(entry.id, is_pinned=False),
            DUPLICATE: lambda: self.state.show(self.services.changes.duplicate(entry.id)),
            EXPORT: lambda: setattr(self.state, "exporting_id", entry.id),
            DELETE: lambda: self.ask_deletion(entry.id),
        }
        with kept_errors(self.state):
            actions[option]()

    def load(self, conversation_id: str, found_id: str = "") -> None:
        """Show a conversation; `found_id` is the message to open it at."""
        with kept_errors(self.state):
            self.state.show(self.services.conversations.load_conversation(conversation_id))
            self.state.open_at(found_id)
            commands = BrowserCommands.of_session()
            commands.show, commands.leaves_sidebar = FOUND_KEY if found_id else "", True

    def open_rename(self, conversation_id: str) -> None:
        """Open the box for another name."""
        self.state.renaming_id, self.state.rename_problem = conversation_id, ""

    def rename(self, entry: ConversationSummary, name: str) -> None:
        with kept_errors(self.state):
            try:
                renamed = self.services.conversations.rename_conversation(entry.id, name)
            except (ConversationExists, InputError) as error:  # told beside the box
                self.state.rename_problem = f"{error.message} {error.hint}"
                return
            self.state.renaming_id = self.state.rename_problem = ""
            if entry.id == self.state.conversation.id:
                self.state.conversation.name = renamed.name

    def ask_deletion(self, conversation_id: str) -> None:
        """Wait for a yes before a deletion; "" takes the question back."""
        self.state.deleting_id = conversation_id

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation for good, and leave it if it is open."""
        with kept_errors(self.state):
            self.state.undo = self.services.conversations.delete_conversation(conversation_id)
            self.state.deleting_id = ""
            st.toast("Deleted. You can undo this above the list.", icon=":material/undo:")
            if conversation_id == self.state.conversation.id:
                self.state.show(Conversation())
            ChatState.forget(conversation_id)

    def list_more(self) -> None:
        self.state.listed_count += MORE
        self.state.is_listing = True


class ConversationList:
    """Saved conversations on one page."""

    def __init__(self, services: Services, state: ChatState, slug: str) -> None:
        self.services = services
        self.state = state
        self.key = f"bna.{slug}"
        self.actions = EntryActions(services, state, self.key)

    def draw(self) -> None:
        """Draw the newest conversations under their days."""
        entries = self.services.conversations.list_conversations()
        pinned = [entry for entry in entries if entry.is_pinned]
        rows = [*pinned, *(entry for entry in entries if not entry.is_pinned)]
        self.draw_rows(rows[:LISTED])
        if len(rows) > LISTED:
            self.state.is_listing = True
            # While the page follows an answer, Streamlit draws no fragment.
            is_busy = self.services.turns.of(self.state.conversation.id) is not None
            (self.draw_rest if is_busy else st.fragment(self.draw_rest))(rows)
        if self.services.titles.is_pending(self.state.conversation.id):
            draw_title_watch(self.services.titles, self.state.conversation.id)
        if not entries and not self.services.turns.running():
            st.caption("No saved chats yet. Every chat is saved here automatically.")

    def draw_rest(self, rows: list[ConversationSummary]) -> None:
        """Draw what was asked for beyond the first ones; after any other click in it, draw the whole page."""
        is_listing, self.state.is_listing = self.state.is_listing, False
        if not is_listing:
            st.rerun()
        shown = rows[: self.state.listed_count]
        self.draw_rows(shown[LISTED:], above=rows[LISTED - 1])
        if len(rows) > len(shown):
            label = f"Show more ({len(rows) - len(shown):,})"
            st.button(label, key=f"{self.key}.more", type="tertiary", on_click=self.actions.list_more)

    def draw_rows(self, rows: list[ConversationSummary], above: ConversationSummary | None = None) -> None:
        """Draw conversations under their days; the first day needs no heading where the row above has it."""
        part = "rest" if above else "first"
        # An import or a copy brings old days in front of new ones, so a heading may come twice.
        for number, (heading, of_a_day) in enumerate(groupby(rows, key=date_heading)):
            if not above or heading != date_heading(above):
                st.caption(heading)
            with st.container(key=f"{self.key}.entries.{part}.{number}"):
                for entry in of_a_day:
                    self.draw_entry(entry)

    def draw_entry(self, entry: ConversationSummary) -> None:
        """Draw one conversation: a click on its name opens it, the menu beside it does the rest."""
        is_open = entry.id == self.state.conversation.id
        st.button(
            plain(entry.name.strip()) or UNTITLED,
            key=f"{self.key}.load.{entry.id}",
            type="tertiary",
            icon=":material/chat:" if is_open else None,
            width="stretch",
            wrap=False,
            on_click=self.actions.load,
            args=(entry.id,),
        )
        st.menu_button(
            f"Options of {plain(entry.name.strip()) or UNTITLED}",
            options_of(entry),
            key=f"{self.key}.options.{entry.id}",
            type="tertiary",
            icon=":material/more_horiz:",
            format_func=lambda option: f":material/{ICONS[option]}: {option}",
            on_click=self.actions.act,
            args=(entry,),
        )
        if self.state.renaming_id == entry.id:
            self.draw_rename_box(entry)
        if self.state.deleting_id == entry.id:
            self.draw_question(entry)

    def draw_rename_box(self, entry: ConversationSummary) -> None:
        key = f"{self.key}.new_name"
        with st.form(f"{self.key}.rename", border=False):
            st.text_input("New name", entry.name, key=key)
            draw_problem(self.state.rename_problem)
            st.form_submit_button(
                "Rename", type="primary", on_click=lambda: self.actions.rename(entry, st.session_state[key])
            )

    def draw_question(self, entry: ConversationSummary) -> None:
        """Ask before a conversation is deleted."""
        st.markdown("Delete this chat permanently?")
        answers = st.container(horizontal=True)
        delete, keep = f"{self.key}.yes.{entry.id}", f"{self.key}.no.{entry.id}"
        answers.button("Yes, delete", key=delete, type="primary", on_click=self.actions.delete, args=(entry.id,))
        answers.button("Keep it", key=keep, on_click=self.actions.ask_deletion, args=("",))


def date_heading(entry: ConversationSummary) -> str:
    return "Pinned" if entry.is_pinned else group(entry.updated_at)


@st.fragment(run_every=0.5)
def draw_title_watch(titles: PendingTitles, conversation_id: str | None) -> None:
    """Draw the page once more when a title has been made."""
    if not titles.is_pending(conversation_id):
        st.rerun()
