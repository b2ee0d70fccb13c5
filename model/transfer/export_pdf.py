"""Export as PDF: the shown branch, with its pictures.

Of thoughts only the heading is there; what can't be drawn is told in its place, or at the end.
"""

from datetime import tzinfo

from model.chat.conversation import Conversation
from model.chat.descriptions import thinking_title
from model.chat.message import Message
from model.transfer.export import beside, body_of, role_heading
from model.transfer.pictures import SVG, FileReader, PictureFile, nothing_kept, pictures_of_message, read_picture
from utils.text.rendering.pdf.markdown import draw_markdown
from utils.text.rendering.pdf.paper import ACCENT, FAINT, NOTE_PT, TEXT_PT, Paper
from utils.text.rendering.pdf.pictures import draw_drawing, draw_on_paper

TITLE_PT = 19.0
THOUGHTS_ELSEWHERE = "What the model thought before its answers is in the HTML, Markdown and JSON exports."


def as_pdf(
    title: str,
    conversation: Conversation,
    zone: tzinfo | None = None,
    read: FileReader = nothing_kept,
    lead: str = "",
) -> bytes:
    """Return the shown branch as a PDF, with moments in a zone, else in this machine's.

    `lead` is Markdown that stands on top; `read` reads the pictures, one at a time.
    """
    paper = Paper(title)
    paper.paragraph(title, TITLE_PT, style="B")
    if beside(conversation):
        paper.paragraph(beside(conversation), NOTE_PT, FAINT)
    if any(message.thinking for message in conversation.messages):
        paper.paragraph(THOUGHTS_ELSEWHERE, NOTE_PT, FAINT)
    if lead:
        paper.ln(2)
        draw_markdown(paper, lead)
    for message in conversation.messages:
        _draw_message(paper, message, zone, read)
    if paper.missing_count:
        paper.ln(6)
        paper.paragraph(paper.missing_note, NOTE_PT, FAINT)
    return paper.finished()


def _draw_message(paper: Paper, message: Message, zone: tzinfo | None, read: FileReader) -> None:
    paper.ln(4)
    paper.paragraph(role_heading(message, zone), TEXT_PT, ACCENT, "B")
    if message.thinking:
        paper.paragraph(thinking_title(message), NOTE_PT, FAINT)
    paper.ln(0.5)
    pictures = pictures_of_message(message)
    draw_markdown(paper, body_of(message, without={picture.sha256 for picture in pictures}))
    for picture in pictures:
        _draw_picture(paper, picture, read)


def _draw_picture(paper: Paper, picture: PictureFile, read: FileReader) -> None:
    """Draw a picture with its name below; of one that can't be read, a line that says so."""
    try:
        found = read_picture(picture, read)
        if found.media_type == SVG:
            draw_drawing(paper, found.data.decode(), picture.caption)
        else:
            draw_on_paper(paper, found.data, picture.caption)
    except ValueError as error:
        paper.paragraph(f"{picture.caption}: {error}", NOTE_PT, FAINT)
    else:
        paper.paragraph(picture.caption, NOTE_PT, FAINT)
