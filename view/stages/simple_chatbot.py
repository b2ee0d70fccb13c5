"""Stage 1 on the screen: what was said before stays in sight, but the page says that the model has forgotten it."""

from contextlib import suppress

import streamlit as st

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.errors import ConversationNotFound
from view.chat.page import ChatView
from view.shell.errors import kept_errors


class SimpleChatbotView(ChatView):
    """One question, one answer."""

    slug = "simple_chatbot"

    def draw_sidebar(self) -> None:
        """Offer to clear the page."""
        key, icon = "bna.simple_chatbot.clear", ":material/mop:"
        self.brand.button("Clear", key=key, icon=icon, type="tertiary", on_click=self.clear)
        super().draw_sidebar()

    def clear(self) -> None:
        """Empty the page, and forget for good what stood on it unless it was saved."""
        with kept_errors(self.state):
            self.services.turns.end(self.state.conversation.id or "")
            self.forget()
            self.state.show(Conversation())

    def forget(self) -> None:
        """Delete the conversation, unless a person has named it."""
        with suppress(ConversationNotFound):
            saved = self.services.conversations.load_conversation(self.state.conversation.id)
            if saved.options.is_auto_titled:
                self.services.conversations.delete_conversation(saved.id or "")

    def draw_message(self, message: Message) -> None:
        """Draw a message; before the newest question, say where the model's knowledge begins."""
        questions = [m for m in self.state.conversation.messages if m.role == "user"]
        if len(questions) > 1 and message is questions[-1]:
            st.caption(
                ":material/ink_eraser: Everything above is forgotten: only what follows was sent to the model.",
                text_alignment="center",
            )
        super().draw_message(message)
