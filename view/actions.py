"""What can be done with messages: the menu of each, the editor, and the way out of an answer that is not whole."""

import streamlit as st

from controller.changes import Changes
from model.ending import can_go_on
from model.message import COMPLETE, Message
from view.asking import Asker
from view.errors import kept_errors
from view.message_menu import MessageMenu


class MessageActions:
    """What a person can do with the messages of one page."""

    def __init__(self, asker: Asker, changes: Changes) -> None:
        self.asker = asker
        self.state = asker.state
        self.changes = changes
        self.key = f"bna.{asker.stage.slug}"
        self.menu = MessageMenu(asker, changes)

    def draw(self, message: Message) -> None:
        """Draw what can be done with a message."""
        if self.state.editing_id == message.id:
            self.draw_editor(message)
        self.menu.draw(message)
        is_last = message is self.state.conversation.messages[-1]
        if is_last and message.role == "assistant" and can_go_on(message):
            self.draw_way_out(message)

    def draw_way_out(self, answer: Message) -> None:
        """Draw what can be done about an answer that is not whole."""
        row = st.container(horizontal=True)
        key = f"{self.key}.%s.{answer.id}"
        if answer.content and self.asker.stage.has_memory:
            go_on, icon = self.asker.go_on, ":material/play_arrow:"
            row.button("Continue", key=key % "continue", icon=icon, on_click=go_on, args=(answer,))
        if answer.status == COMPLETE:
            return  # another answer, or another question, is in the message's menu
        row.button("Retry", key=key % "retry", icon=":material/refresh:", on_click=self.asker.retry, args=(answer,))
        if question := self.state.conversation.question_of(answer):
            edit = self.menu.edit
            row.button("Edit", key=key % "edit", icon=":material/edit:", on_click=edit, args=(question,))

    def draw_editor(self, message: Message) -> None:
        """Draw a message in a box where it can be changed."""
        key = f"{self.key}.edited.{message.id}"
        with st.form(f"{self.key}.editor"):
            st.text_area("Your message", message.content, key=key)
            buttons = st.container(horizontal=True)
            with buttons:
                st.form_submit_button("Send", type="primary", on_click=self.send, args=(message, key))
                st.form_submit_button("Cancel", on_click=self.close)

    def close(self) -> None:
        """Close the editor."""
        self.state.editing_id = ""

    def send(self, message: Message, key: str) -> None:
        """Ask a question as it was changed, or keep a changed summary; what is refused stays in the editor."""
        text = st.session_state[key].strip()
        if not text:
            return
        with kept_errors(self.state):
            self.menu.check_idle()
            if message.role == "user":
                self.asker.reword(message, text)
            else:
                self.changes.edit(self.state.conversation, message, text)
        if self.state.error is None:
            self.close()
