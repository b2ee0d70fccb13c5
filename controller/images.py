"""Stage 5, Images: it looks at pictures, and at documents with pictures in them.

Adds: the words of attached documents stand beside their pictures, and the model that comes with bnaGPT, which can't see
and makes things up, is not asked about a picture: the words on it answer.
Leaves out: how pictures get into a request (`controller/sight.py`): that holds on every page.
Read next: `controller/sight.py`, then `controller/picture_intake.py`.
"""

from collections.abc import Iterator

from controller.document_wishes import is_tiny
from controller.memory import MemoryController
from controller.tools import Tool
from controller.turn import Turn
from controller.words_of_files import is_document, read_words
from model.attachment import Attachment
from model.event import Event, TextDelta

BLIND = "I can't see pictures, only read the words on them."
NO_WORDS = "No words were found on it."


class ImagesController(MemoryController):
    """Answers about pictures."""

    slug = "images"
    reads_documents = True

    def _answer(self, turn: Turn, tools: list[Tool]) -> Iterator[Event]:
        """Answer; what is new to the model that comes with bnaGPT is only read out."""
        if turn.question.attachments and not turn.is_going_on and is_tiny(turn, self.providers):
            yield from read_words(turn, self.toolbox.attachments, with_documents=True)
            if not turn.stop.is_set:
                yield TextDelta(read_out(turn.question.attachments))
        else:
            yield from super()._answer(turn, tools)


def read_out(files: list[Attachment]) -> str:
    """Return an answer that no model has written: the words of pictures and documents, as quotes."""
    told = [BLIND] if any(file.is_picture for file in files) else []
    read = [file for file in files if file.is_picture or is_document(file)]
    for file in read:
        told.append(f"**{file.name}**\n\n{_quoted(file.words)}" if len(read) > 1 else _quoted(file.words))
    return "\n\n".join(told)


def _quoted(words: str | None) -> str:
    lines = [f"> {line}" if line.strip() else ">" for line in (words or "").splitlines()]
    # Two spaces keep a line's end: what was read is lines, not Markdown.
    return "  \n".join(lines) or NO_WORDS
