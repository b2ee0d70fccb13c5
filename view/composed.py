"""A page that is several pages at once: it has of each what the conversation's options name.

It inherits from the other stages' views, and only says which of their parts are there, and in which order.
"""

from dataclasses import replace

import streamlit as st

from controller.abilities import IMAGES, JSON
from model.message import Message
from utils.markdown import plain
from view.chatbot_with_memory import ChatbotWithMemoryView
from view.composed_asking import CODE, DOCUMENTS, ComposedAsker, ComposedBox
from view.documents import DocumentsView
from view.images import BLIND, ImagesView
from view.json_answer import as_code, draw_json_answer
from view.run_code import RunCodeView
from view.tool_steps import draw_parts
from view.voice import VoiceView


class ComposedView(DocumentsView, RunCodeView, ImagesView, VoiceView):
    """A conversation with several abilities; each of the pages draws what is its own, and leaves out the rest."""

    asker_class: type[ComposedAsker] = ComposedAsker
    asker: ComposedAsker

    def __init__(self) -> None:
        super().__init__()
        self.asker = self.asker_class(self.stage, self.state)

    def has(self, slug: str) -> bool:
        """Tell whether the open conversation has the abilities of a stage."""
        return slug in self.asker.abilities()

    def draw_beside(self) -> None:
        """Draw the documents, where they are read."""
        if self.has(DOCUMENTS):
            super().draw_beside()

    def draw_options(self) -> None:
        """Draw the switch of models that see where pictures are looked at, and what all pages have."""
        if self.has(IMAGES):
            super().draw_options()
        else:
            ChatbotWithMemoryView.draw_options(self)

    def draw_voice(self) -> None:
        """Draw how it hears and speaks, closed at first."""
        if self.asker.is_on():
            with st.expander("Voice", icon=":material/mic:"):
                super().draw_voice()

    def draw_content(self, message: Message) -> None:
        """Draw an answer as data, where it is that; else with all that its tools gave."""
        if message.role == "assistant" and message.stage == self.slug and message.content and self.has(JSON):
            draw_parts(replace(message, content=""), self.draw_step_details)
            draw_json_answer(message, self.state.conversation.options.answer_schema)
        else:
            super().draw_content(message)

    def growing_text(self, text: str) -> str:
        """Return an answer that grows; JSON as code."""
        return as_code(text) if self.has(JSON) else text

    def draw_input(self, is_disabled: bool) -> None:
        """Draw the box, and above it the editor where code runs."""
        self.draw_blindness()
        if self.has(CODE):
            self.draw_code()
        self.draw_box(is_disabled)

    def draw_blindness(self) -> None:
        """Say, where there are pictures, what a model that can't see makes of them."""
        provider, name = self.answering()
        files = [*self.state.attachments, *(f for m in self.state.conversation.messages for f in m.attachments)]
        if any(f.is_picture for f in files) and not provider.sees(name, self.state.conversation.options.sees_pictures):
            st.caption(f":material/visibility_off: {plain(BLIND.format(model=name or provider.title))}")

    def draw_box(self, is_disabled: bool) -> None:
        """Draw the box, closed while a recording is being heard."""
        box = ComposedBox(self.asker, self.state, self.asker.abilities())
        box.draw(is_disabled or self.voice.hearing is not None)
