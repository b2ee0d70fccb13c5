"""Stage 10 on the screen: an answer as a tree, a table or CSV, with what does not fit; the schema; and many inputs."""

import streamlit as st

from model.chat.message import Message
from view.stages.chatbot_with_memory import ChatbotWithMemoryView
from view.stages.json_mode.answer import as_code, draw_json_answer
from view.stages.json_mode.batch import draw_batch
from view.stages.json_mode.schema_dialog import draw_schema_button


class JsonModeView(ChatbotWithMemoryView):
    """A conversation whose answers are JSON."""

    slug = "json_mode"

    def draw_options(self) -> None:
        """Draw what the answers look like, above the rest."""
        draw_schema_button(self.state, self.services)
        super().draw_options()

    def draw_content(self, message: Message) -> None:
        """Draw an answer as data; everything else as it is."""
        if message.role == "assistant" and message.stage == self.slug and message.content:
            draw_json_answer(message, self.state.conversation.options.answer_schema)
        else:
            super().draw_content(message)

    def growing_text(self, text: str) -> str:
        return as_code(text)

    def draw_input(self, is_disabled: bool) -> None:
        """Draw the box for many inputs above the one for the next question."""
        key = "bna.json_mode.many"
        if self.services.turns.of(self.state.conversation.id):
            st.session_state[key] = False  # open, it would hide the answer that grows above it
        with st.expander("Many inputs at once", icon=":material/table_rows:", key=key, on_change="rerun"):
            draw_batch(self.state, self.services, self.asker)
        super().draw_input(is_disabled)
