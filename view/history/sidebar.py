"""The sidebar: the way to other stages, a new conversation, Save, and the saved ones."""

from collections.abc import Callable

import streamlit as st

from controller.stages import STAGES, stage_parts
from model.chat.conversation import Conversation
from model.errors import ConversationExists, InputError
from utils.text.markdown import plain
from view.history.conversation_list import ConversationList
from view.shell.browser import BrowserCommands
from view.shell.errors import draw_problem, kept_errors
from view.shell.reader import reader
from view.shell.services import Services
from view.shell.session import ChatState


def draw_navigation() -> None:
    """Draw the way home, to the stages, and to what it all took."""
    st.page_link("Home.py", label="**bnaGPT**", icon=":material/home:")
    stages = st.expander("Stages", icon=":material/stairs:", key="bna.stages", on_change="rerun")
    if stages.open:  # links that nobody sees would make every drawing of the page slower
        for stage in STAGES:
            stages.page_link(stage.page, label=stage.title, icon=stage.icon)
    st.page_link("pages/90_Usage.py", label="Usage", icon=":material/monitoring:")
    st.page_link("pages/91_Take_Along.py", label="Import and export", icon=":material/import_export:")
    for part in stage_parts():
        if part.page:
            st.page_link(part.page, label=part.title, icon=part.icon)
    st.page_link("pages/97_Settings.py", label="Settings", icon=":material/settings:")
    st.page_link("pages/92_You.py", label=plain(reader().label), icon=":material/person:")


class HistorySidebar:
    """New, Save, and the list, for one page."""

    def __init__(self, services: Services, state: ChatState, slug: str) -> None:
        self.services = services
        self.state = state
        self.key = f"bna.{slug}"
        self.list = ConversationList(services, state, slug)

    def draw(self, draw_beside: Callable[[], None]) -> None:
        """Draw the buttons, what the stage has for the open conversation, and the list."""
        st.button(
            "New chat",
            key=f"{self.key}.new",
            icon=":material/edit_square:",
            width="stretch",
            on_click=self.begin,
        )
        st.text_input(
            "Search",
            key=f"{self.key}.search",
            placeholder="Search",
            icon=":material/search:",
            label_visibility="collapsed",
        )
        if self.state.conversation.messages:
            self.draw_save()
        else:
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

    def draw_save(self) -> None:
        """Draw Save, which gives the open conversation a name."""
        if self.state.conversation.is_temporary:
            st.caption(":material/visibility_off: This temporary chat is not on the disk. Save keeps it.")
        st.button("Save", key=f"{self.key}.save", icon=":material/save:", width="stretch", on_click=self.toggle_box)
        if self.state.is_saving:
            self.draw_box()

    def draw_temporary(self) -> None:
        """Draw the switch that keeps a conversation off the disk."""
        help_text = "A temporary chat is never written to the disk, and a reload loses it."
        conversation = self.state.conversation
        conversation.is_temporary = st.toggle("Temporary chat", key=f"{self.key}.temporary", help=help_text)

    def draw_box(self) -> None:
        """Draw the box that asks for a name, and for a yes where the name is taken."""
        key = f"{self.key}.name"
        with st.form(f"{self.key}.box"):
            st.text_input("Enter a name to save the conversation:", self.state.conversation.name or "", key=key)
            draw_problem(self.state.name_problem)
            st.form_submit_button("Confirm Save", type="primary", on_click=lambda: self.save(st.session_state[key]))
        if self.state.taken_name:
            st.warning(f"“{plain(self.state.taken_name)}” is taken. Overwrite it?")
            answers = st.container(horizontal=True)
            overwrite = (self.state.taken_name, True)
            answers.button("Overwrite", key=f"{self.key}.overwrite", type="primary", on_click=self.save, args=overwrite)
            answers.button("Cancel", key=f"{self.key}.cancel", on_click=self.toggle_box)

    def toggle_box(self) -> None:
        """Open the box that asks for a name, or close it."""
        self.state.is_saving, self.state.taken_name, self.state.name_problem = not self.state.is_saving, "", ""

    def save(self, name: str, overwrite: bool = False) -> None:
        """Save the open conversation; a taken name waits for a yes."""
        with kept_errors(self.state):
            try:
                self.services.conversations.save_conversation(name, self.state.conversation, overwrite)
            except ConversationExists:
                self.state.taken_name, self.state.name_problem = name, ""
                return
            except InputError as error:  # told beside the box
                self.state.name_problem = f"{error.message} {error.hint}".strip()
                return
            self.state.conversation.is_temporary = False
            self.state.is_saving, self.state.taken_name, self.state.name_problem = False, "", ""
            self.state.put_in_url()  # saved under a second name it is another conversation
            st.toast(f"Saved as “{plain(self.state.conversation.name or name)}”.", icon=":material/check:")

    def undo(self) -> None:
        """Take the last deletion back."""
        with kept_errors(self.state):
            if undo := self.state.undo:
                self.state.show(self.services.changes.undo(undo))
                self.state.undo = None
