"""What can be done about an answer that is not whole: ask again, or change the question first."""

from collections.abc import Callable

import streamlit as st

from model.message import COMPLETE, Message
from view.state import ChatState


class AnswerActions:
    """Retry and Edit, under the last answer."""

    def __init__(self, state: ChatState, slug: str, retry: Callable[[Message], None]) -> None:
        self.state = state
        self.key = f"bna.{slug}"
        self.retry = retry

    def draw(self, answer: Message) -> None:
        """Draw the buttons, and the editor when it is open."""
        if answer.role != "assistant" or answer.status == COMPLETE:
            return
        row = st.container(horizontal=True)
        key = f"{self.key}.%s.{answer.id}"
        row.button("Retry", key=key % "retry", icon=":material/refresh:", on_click=self.retry, args=(answer,))
        row.button("Edit", key=key % "edit", icon=":material/edit:", on_click=self.toggle, args=(answer,))
        if self.state.editing_id == answer.id:
            self.draw_editor(answer, key % "edited")

    def draw_editor(self, answer: Message, key: str) -> None:
        """Draw the question in a box where it can be changed."""
        question = self.state.conversation.question_of(answer)
        with st.form(f"{self.key}.editor"):
            st.text_area("Your message", question.content if question else "", key=key)
            st.form_submit_button("Send", type="primary", on_click=self.send, args=(answer, key))

    def toggle(self, answer: Message) -> None:
        """Open the editor, or close it."""
        self.state.editing_id = "" if self.state.editing_id == answer.id else answer.id

    def send(self, answer: Message, key: str) -> None:
        """Put the changed text into the question, and ask it again."""
        question, text = self.state.conversation.question_of(answer), st.session_state[key]
        if question and text.strip():
            question.content, question.token_count = text, None
            self.state.editing_id = ""
            self.retry(answer)
