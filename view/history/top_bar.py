"""The top of a chat: its title, which a click renames or saves, and what holds for all of it."""

from collections.abc import Callable
from contextlib import suppress
from functools import partial

import streamlit as st

from model.chat.titles import title_of
from model.errors import StoreError
from utils.text.markdown import plain
from view.history.conversation_list import ConversationList
from view.history.save_box import SaveBox
from view.shell.errors import draw_problem
from view.shell.services import Services
from view.shell.session import EXPORT, SETTINGS, ChatState

LONGEST_TITLE = 48


class TopBar:
    """Title, settings and export of the conversation that a page shows."""

    def __init__(self, services: Services, state: ChatState, slug: str) -> None:
        self.services = services
        self.state = state
        self.key = f"bna.{slug}"

    def draw(self, draw_model: Callable[[], None]) -> None:
        """Draw the title, who answers, and the buttons."""
        conversation = self.state.conversation
        is_saved = self.is_saved()
        if conversation.messages:
            self.draw_title(is_saved)
        draw_model()
        st.button(
            SETTINGS,
            key=f"{self.key}.choose",
            icon=":material/tune:",
            type="tertiary",
            help="Instructions, temperature, longest answer, effort",
            on_click=partial(self.state.open_dialog, SETTINGS),
        )
        if is_saved:
            st.button(
                "Export chat",
                key=f"{self.key}.export",
                icon=":material/download:",
                type="tertiary",
                help="Take this chat along: JSON, Markdown, HTML or PDF",
                on_click=partial(self.state.open_dialog, EXPORT, conversation.id or ""),
            )

    def is_saved(self) -> bool:
        """Return whether the conversation can be renamed and exported: not where what keeps it can't be used."""
        with suppress(StoreError):  # the list of chats tells it
            return self.services.conversations.is_saved(self.state.conversation.id)
        return False

    def draw_title(self, is_saved: bool) -> None:
        """Draw the conversation's name, which opens the box for another one, and for a copy."""
        conversation = self.state.conversation
        name = self.services.conversations.title_of(conversation) if is_saved else title_of(conversation)
        short = plain(name if len(name) <= LONGEST_TITLE else f"{name[: LONGEST_TITLE - 1]}…")
        key = f"{self.key}.title.{conversation.id}"
        with st.popover(short, type="tertiary", key=key, help="Rename or save this chat"):
            if is_saved:
                self.draw_name(name, f"{key}.name")
            SaveBox(self.services, self.state, self.key).draw(is_saved)

    def draw_name(self, name: str, key: str) -> None:
        """Draw the box with the conversation's name, and why another one was not taken."""
        st.text_input("Name of this chat", name, key=key, on_change=self.rename, args=(key,))
        draw_problem(self.state.title_problem)

    def rename(self, key: str) -> None:
        """Take the name that was typed; what is wrong with it is told below it."""
        conversation, typed = self.state.conversation, st.session_state[key]
        if typed == self.services.conversations.title_of(conversation):
            return  # a model has made it meanwhile, and nobody has typed
        saved = ConversationList(self.services, self.state, self.key.removeprefix("bna."))
        self.state.title_problem = saved.problem_of_name(conversation.id or "", typed)
