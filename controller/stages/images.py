"""Stage 5, Images: it looks at pictures, and at documents with pictures in them.

Adds: the words of attached documents stand beside their pictures, and the model that comes with bnaGPT, which can't see
and makes things up, is not asked about a picture: the words on it answer.
Leaves out: how pictures get into a request (`controller/attachments/for_model.py`): that holds on every page.
"""

from controller.attachments.ocr_words import is_document, read_words
from controller.small_models.rules import lacks_file
from controller.stages.chatbot_with_memory import MemoryController
from controller.tools.tool import Tool
from controller.turn import Turn
from model.chat.events import TextDelta
from model.chat.message_parts import Attachment
from utils.text.markdown import plain
from utils.text.questions import asks, content_words
from utils.text.words import words_of

BLIND = "I can't see pictures, only read the words on them."
NOTHING_ATTACHED = "There is no picture here yet. Drop one into the box, and send it with your question."
NO_WORDS = "No words were found on it."


class ImagesController(MemoryController):
    """Answers about pictures."""

    slug = "images"
    reads_documents = True

    def own_words(self, turn: Turn) -> str:
        """Return that there is no picture, in place of what the model that comes with bnaGPT would make up."""
        return NOTHING_ATTACHED if lacks_file(turn) else ""

    def _answer(self, turn: Turn, tools: list[Tool]) -> None:
        """Answer; the model that comes with bnaGPT is not asked, for it would make something up: the words answer."""
        is_new, is_about_them = bool(turn.question.attachments), bool(turn.attachments) and asks(turn.question.content)
        can_look = bool(self.resources.helpers.attachments.eyes(turn))
        is_small = turn.endpoint.provider.is_small and not can_look
        if (is_new or is_about_them) and not turn.is_going_on and is_small:
            read_words(turn, self.resources.attachments, with_documents=True)
            if not turn.stop.is_set:
                files = turn.question.attachments if is_new else turn.attachments
                turn.emit(TextDelta(read_out(files, "" if is_new else turn.question.content)))
        else:
            super()._answer(turn, tools)


def read_out(files: list[Attachment], question: str = "") -> str:
    """Return an answer that no model has written: the words of pictures and documents, as quotes.

    Of those that a question asks about only the lines with its words, where there are some.
    """
    told = [BLIND] if any(file.is_picture for file in files) else []
    read = [file for file in files if file.is_picture or is_document(file)]
    wanted = set(words_of(content_words(question)))
    lines = [[line for line in (file.words or "").splitlines() if line.strip()] for file in read]
    fitting = [[line for line in some if wanted & set(words_of(line))] for some in lines]
    for file, some in zip(read, fitting if any(fitting) else lines, strict=True):
        if some or not any(fitting):
            told.append(f"**{plain(file.name)}**\n\n{_quoted(some)}" if len(read) > 1 else _quoted(some))
    return "\n\n".join(told)


def _quoted(lines: list[str]) -> str:
    # Two spaces keep a line's end: what was read is lines, not Markdown.
    return "  \n".join(f"> {plain(line)}" for line in lines) or NO_WORDS
