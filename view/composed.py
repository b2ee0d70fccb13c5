"""A page that is several pages at once: it has of each what the conversation's options name.

Read next: `controller/composed.py`, which does the same with their controllers.
"""

from dataclasses import replace

from controller.abilities import JSON, chosen
from model.message import Message
from view.chatbot_with_memory import ChatbotWithMemoryView
from view.documents import DocumentsView
from view.json_answer import as_code, draw_json_answer
from view.run_code import RunCodeView
from view.tool_steps import draw_parts

DOCUMENTS, CODE = "documents", "run_code"
READING = (DOCUMENTS, CODE, "images")  # whoever has one of these takes files


class ComposedView(DocumentsView, RunCodeView):
    """A conversation with several tools; each of the two pages draws what is its own, and leaves out the rest."""

    def has(self, slug: str) -> bool:
        """Tell whether the open conversation has the abilities of a stage."""
        return slug in chosen(self.state.conversation.options)

    def draw_beside(self) -> None:
        """Draw the documents, where they are read."""
        if self.has(DOCUMENTS):
            super().draw_beside()

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
        """Draw the box, which takes files where something reads them, and the editor where code runs."""
        self.max_upload_mb = DocumentsView.max_upload_mb if any(map(self.has, READING)) else 0
        if self.has(CODE):
            super().draw_input(is_disabled)
        else:
            ChatbotWithMemoryView.draw_input(self, is_disabled)
