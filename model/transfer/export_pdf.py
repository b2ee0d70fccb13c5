"""Export as PDF: the shown branch. Of thoughts only the heading is there; what can't be drawn is told at the end."""

from datetime import tzinfo

from model.chat.conversation import Conversation
from model.chat.descriptions import thinking_title
from model.transfer.export import beside, body_of, role_heading
from utils.text.pdf.markdown import draw_markdown
from utils.text.pdf.paper import ACCENT, FAINT, NOTE_PT, TEXT_PT, Paper

TITLE_PT = 19.0
THOUGHTS_ELSEWHERE = "What the model thought before its answers is in the Markdown and JSON exports."


def as_pdf(title: str, conversation: Conversation, zone: tzinfo | None = None) -> bytes:
    """Return the shown branch as a PDF, with moments in a zone, else in this machine's."""
    paper = Paper(title)
    paper.paragraph(title, TITLE_PT, style="B")
    if beside(conversation):
        paper.paragraph(beside(conversation), NOTE_PT, FAINT)
    if any(message.thinking for message in conversation.messages):
        paper.paragraph(THOUGHTS_ELSEWHERE, NOTE_PT, FAINT)
    for message in conversation.messages:
        paper.ln(4)
        paper.paragraph(role_heading(message, zone), TEXT_PT, ACCENT, "B")
        if message.thinking:
            paper.paragraph(thinking_title(message), NOTE_PT, FAINT)
        paper.ln(0.5)
        draw_markdown(paper, body_of(message))
    if paper.missing_count:
        paper.ln(6)
        paper.paragraph(paper.missing_note, NOTE_PT, FAINT)
    return paper.finished()
