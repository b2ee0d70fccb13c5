"""Save: a name for the open conversation, or, once a person has named it, a copy under another."""

import streamlit as st

from model.errors import ConversationExists, InputError
from utils.text.markdown import plain
from view.shell.errors import draw_problem, kept_errors
from view.shell.services import Services
from view.shell.session import ChatState


class SaveBox:
    """The button, and the box that asks for a name."""

    def __init__(self, services: Services, state: ChatState, key: str) -> None:
        self.services = services
        self.state = state
        self.key = key

    def draw(self, is_saved: bool) -> None:
        conversation = self.state.conversation
        if conversation.is_temporary:
            st.caption(":material/visibility_off: This temporary chat is not on the disk. Save keeps it.")
        label = "Save as…" if is_saved else "Save"
        st.button(label, key=f"{self.key}.save", icon=":material/save:", width="stretch", on_click=self.toggle_box)
        if self.state.is_saving:
            self.draw_box()

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
