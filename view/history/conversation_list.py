"""The list of saved conversations: by day, pinned first, more of it on demand, and a menu for each.

The browser draws it as one element (`conversation_list.js`), because forty of Streamlit's own held up every answer's
first word. What is picked there comes back as `{"do": "Rename", "id": "...", "name": "..."}` into a callback, which
runs before anything is drawn.
"""

from collections.abc import Callable, Iterable
from itertools import chain, groupby
from pathlib import Path
from typing import Any

import streamlit as st

from controller.history.saved_conversations import ConversationSummary, Hit
from controller.services import PendingTitles
from model.chat.conversation import Conversation
from model.chat.titles import UNTITLED, first_words
from model.errors import ConversationExists, InputError
from utils.text.words import MARK_BEGIN, MARK_END
from view.shell.browser import BrowserCommands
from view.shell.dates import group
from view.shell.errors import kept_errors
from view.shell.services import Services
from view.shell.session import EXPORT, FOUND_KEY, LISTED, ChatState

MORE = 10
SCRIPT = Path(__file__).with_suffix(".js")
Row = dict[str, Any]


class ConversationList:
    """Saved conversations on one page."""

    def __init__(self, services: Services, state: ChatState, slug: str) -> None:
        self.services, self.saved = services, services.conversations
        self.state = state
        self.key = f"bna.{slug}"
        self.answered = services.turns.conversations()
        self.running = {talk.id for talk in self.answered}

    def draw(self) -> None:
        """Draw what is sought, or the newest conversations under their days."""
        if sought := st.session_state[f"{self.key}.search"].strip():
            self.draw_found(sought)
            return
        entries = self.saved.list_conversations()
        pinned = [entry for entry in entries if entry.is_pinned]
        entries = [*pinned, *(entry for entry in entries if not entry.is_pinned)]
        self.draw_rows("first", [*self.new_rows(), *self.rows(entries[:LISTED])])
        if len(entries) > LISTED:
            self.state.is_listing = True
            # While the page follows an answer, Streamlit draws no fragment.
            is_busy = self.services.turns.of(self.state.conversation.id) is not None
            (self.draw_rest if is_busy else st.fragment(self.draw_rest))(entries)
        if self.services.titles.is_pending(self.state.conversation.id):
            draw_title_watch(self.services.titles, self.state.conversation.id)
        if not entries and not self.running:
            st.caption("No saved chats yet. Every chat is saved here automatically.")

    def draw_rest(self, entries: list[ConversationSummary]) -> None:
        """Draw what was asked for beyond the first ones; after any other click, the whole page."""
        is_listing, self.state.is_listing = self.state.is_listing, False
        if not is_listing:
            st.rerun()
        shown = entries[: self.state.listed_count]
        hidden_count = len(entries) - len(shown)
        more = f"Show more ({hidden_count:,})" if hidden_count else ""
        self.draw_rows("rest", self.rows(shown[LISTED:], date_heading(entries[LISTED - 1])), more)

    def draw_found(self, sought: str) -> None:
        """Draw the conversations that were found, with the words around each hit."""
        count = self.state.listed_count
        found = self.saved.search(sought, count + 1)
        hits, has_more = found[:count], len(found) > count
        told = f"{count} or more found" if has_more else f"{len(hits)} found"
        st.caption(told if hits else "Nothing found. Try other or fewer words.")
        pinned = {entry.id for entry in self.saved.list_conversations() if entry.is_pinned}
        rows = [self.found_row(hit, hit.conversation_id in pinned) for hit in hits]
        self.draw_rows("first", rows, "Show more" if has_more else "")

    def draw_rows(self, part: str, rows: list[Row], more: str = "") -> None:
        """Draw rows in one element; `more` is the label of a button below them."""
        key = f"{self.key}.list.{part}"
        # In a list, because Streamlit looks for tables in a dict, for which it imports pandas: half a second.
        data = [{"rows": rows, "more": more, "problem": self.state.rename_problem}]
        _component()(key=key, data=data, on_picked_change=lambda: self.act(st.session_state[key]["picked"]))

    def rows(self, entries: Iterable[ConversationSummary], day: str = "") -> list[Row]:
        """Return the rows of conversations, each day's first with its heading, unless the row above stands under it."""
        rows = []
        # An import or a copy brings old days in front of new ones, so a heading may come twice.
        for heading, of_a_day in groupby(entries, key=date_heading):
            new = [self.row(entry.id, entry.name, is_pinned=entry.is_pinned) for entry in of_a_day]
            new[0]["day"], day = "" if heading == day else heading, heading
            rows += new
        return rows

    def new_rows(self) -> list[Row]:
        """Return the rows of conversations whose first question is being answered: they are saved at its end."""
        new = [talk for talk in self.answered if not talk.is_temporary and not self.saved.is_saved(talk.id)]
        return [self.row(talk.id or "", first_words(talk), is_new=True) for talk in new]

    def found_row(self, hit: Hit, is_pinned: bool) -> Row:
        """Return the row of a hit: what was sought stands at every second place of its snippet."""
        marked = hit.snippet.split(MARK_BEGIN) if hit.message_id else []
        pieces = list(chain(marked[:1], *(part.partition(MARK_END)[::2] for part in marked[1:])))
        row = self.row(hit.conversation_id, hit.name, is_pinned=is_pinned)
        return row | {"snippet": pieces, "message": hit.message_id}

    def row(self, conversation_id: str, name: str, is_pinned: bool = False, is_new: bool = False) -> Row:
        """Return a row as the browser draws it."""
        return {
            "id": conversation_id,
            "name": name.strip() or UNTITLED,
            "day": "",
            "mark": "pending" if conversation_id in self.running else "",
            "snippet": [],
            "message": "",
            "is_open": conversation_id == self.state.conversation.id,
            "is_pinned": is_pinned,
            "is_new": is_new,
        }

    def act(self, picked: Row | None) -> None:
        """Do what was picked in the list."""
        if not picked:
            return
        id = str(picked.get("id", ""))
        actions: dict[str, Callable[[], object]] = {
            "open": lambda: self.load(id, str(picked.get("message", ""))),
            "more": self.list_more,
            "Rename": lambda: self.rename(id, str(picked["name"])),
            "Pin": lambda: self.saved.pin_conversation(id, is_pinned=True),
            "Unpin": lambda: self.saved.pin_conversation(id, is_pinned=False),
            "Duplicate": lambda: self.state.show(self.services.changes.duplicate(id)),
            "Export": lambda: self.state.open_dialog(EXPORT, id),
            "Delete": lambda: self.delete(id),
        }
        with kept_errors(self.state):
            actions[picked["do"]]()

    def load(self, conversation_id: str, found_id: str) -> None:
        """Show a conversation, at the message that was found in it, and the whole list again."""
        self.state.show(self.saved.load_conversation(conversation_id))
        self.state.open_at(found_id)
        st.session_state[f"{self.key}.search"] = ""
        commands = BrowserCommands.of_session()
        commands.show, commands.leaves_sidebar = FOUND_KEY if found_id else "", True

    def rename(self, conversation_id: str, name: str) -> None:
        """Give a conversation another name; what is wrong with the name is told beside the box."""
        problem = self.problem_of_name(conversation_id, name)
        self.state.rename_problem = {"id": conversation_id, "text": problem} if problem else {}

    def problem_of_name(self, conversation_id: str, name: str) -> str:
        """Give a conversation another name, and return what is wrong with it; empty when it has it now."""
        try:
            renamed = self.saved.rename_conversation(conversation_id, name)
        except (ConversationExists, InputError) as error:
            return f"{error.message} {error.hint}".strip()
        if conversation_id == self.state.conversation.id:
            self.state.conversation.name = renamed.name
        return ""

    def delete(self, conversation_id: str) -> None:
        """Delete a conversation, and leave it if it is open."""
        self.state.undo = self.saved.delete_conversation(conversation_id)
        st.toast("Deleted. You can undo this above the list.", icon=":material/undo:")
        if conversation_id == self.state.conversation.id:
            self.state.show(Conversation())
        ChatState.forget(conversation_id)

    def list_more(self) -> None:
        self.state.listed_count += MORE
        self.state.is_listing = True


def date_heading(entry: ConversationSummary) -> str:
    return "Pinned" if entry.is_pinned else group(entry.updated_at)


@st.cache_resource(show_spinner=False)
def _component() -> Callable[..., object]:
    script = SCRIPT.read_text(encoding="utf-8")
    return st.components.v2.component("bna_conversations", js=script, isolate_styles=False)


@st.fragment(run_every=0.5)
def draw_title_watch(titles: PendingTitles, conversation_id: str | None) -> None:
    """Draw the page once more when a title has been made."""
    if not titles.is_pending(conversation_id):
        st.rerun()
