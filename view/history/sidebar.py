"""The sidebar: the way home, a new conversation, the saved ones, and the ways to other pages."""

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from controller.stages import STAGES, stage, stage_parts
from model.chat.conversation import Conversation
from utils.text.markdown import plain
from view.history.conversation_list import ConversationList
from view.shell.browser import BrowserCommands
from view.shell.errors import kept_errors
from view.shell.reader import reader
from view.shell.services import Services
from view.shell.session import ChatState

CHAT = stage("chatbot_with_memory").page


def draw_navigation() -> None:
    """Draw what stands beside a page without a chat: the way home, to a new chat, and to all other pages."""
    with draw_brand():
        st.page_link(CHAT, label="New chat", icon=":material/edit_square:", width="content")
    draw_foot()


def draw_brand() -> DeltaGenerator:
    """Draw the way home, and return its line: what begins something new stands in it, too."""
    line = st.container(key="bna_brand", horizontal=True, vertical_alignment="center")
    line.page_link("Home.py", label="**bnaGPT**", icon=":material/home:", width="stretch")
    return line


def draw_foot() -> None:
    """Draw the ways to other pages, in one row at the foot of the sidebar."""
    with st.container(key="bna_foot", horizontal=True, wrap=False, gap="xxsmall"):
        stages = st.popover("Stages", icon=":material/stairs:", type="tertiary", key="bna.stages", on_change="rerun")
        if stages.open:  # links that nobody sees would make every drawing of the page slower
            for row in STAGES:
                stages.page_link(row.page, label=row.title, icon=row.icon)
            stages.page_link("pages/96_Models.py", label="Models", icon=":material/deployed_code:")
            for part in stage_parts():
                if part.page:
                    stages.page_link(part.page, label=part.title, icon=part.icon)
        st.page_link("pages/90_Usage.py", label="Usage", icon=":material/monitoring:")
        st.page_link("pages/91_Take_Along.py", label="Import and export", icon=":material/import_export:")
        st.page_link("pages/97_Settings.py", label="Settings", icon=":material/settings:")
        st.page_link("pages/92_You.py", label=plain(reader().label), icon=":material/person:")


class HistorySidebar:
    """New chat, search, and the list, for one page."""

    def __init__(self, services: Services, state: ChatState, slug: str) -> None:
        self.services = services
        self.state = state
        self.key = f"bna.{slug}"
        self.list = ConversationList(services, state, slug)

    def draw(self, brand: DeltaGenerator, draw_beside: Callable[[], None]) -> None:
        """Draw the buttons, what the stage has for the open conversation, and the list."""
        brand.button(
            "New chat", key=f"{self.key}.new", icon=":material/edit_square:", type="tertiary", on_click=self.begin
        )
        st.text_input(
            "Search",
            key=f"{self.key}.search",
            placeholder="Search",
            icon=":material/search:",
            label_visibility="collapsed",
        )
        if not self.state.conversation.messages:
            self.draw_temporary()
        if self.state.undo:
            undo = self.state.undo
            st.button(f"Undo: {plain(undo.label)}", key=f"{self.key}.undo", icon=":material/undo:", on_click=self.undo)
        draw_beside()
        st.header("Saved Conversations", anchor=False)
        with kept_errors(self.state):  # all else stays usable where the list can't be read
            self.list.draw()

    def begin(self) -> None:
        """Begin a new conversation."""
        self.state.show(Conversation())
        BrowserCommands.of_session().leaves_sidebar = True

    def draw_temporary(self) -> None:
        """Draw the switch that keeps a conversation off the disk."""
        help_text = "A temporary chat is never written to the disk, and a reload loses it."
        conversation = self.state.conversation
        conversation.is_temporary = st.toggle("Temporary chat", key=f"{self.key}.temporary", help=help_text)

    def undo(self) -> None:
        """Take the last deletion back."""
        with kept_errors(self.state):
            if undo := self.state.undo:
                self.state.show(self.services.changes.undo(undo))
                self.state.undo = None
