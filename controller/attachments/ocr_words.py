"""The words of attached files, for models that can't see: read once, in a process apart, and kept on the messages."""

from contextlib import closing

from controller.turn import Turn
from model.chat.events import ReadingWords, WordsRead
from model.chat.message_parts import Attachment
from model.errors import FileGone
from model.store.protocol import AttachedFiles
from utils.files.unreadable import Unreadable
from utils.reading.block import Block
from utils.reading.isolated import read_isolated
from utils.text.untrusted import harmless
from utils.threads.stop import CancellationToken

MOST_CHARACTERS = 12_000  # of one file, about 3,000 tokens: stage 4 is for longer ones
MOST_PICTURES = 20
_SOUNDS = ("audio/", "video/")
CUT = "\n[… cut: there is more]"


def is_document(file: Attachment) -> bool:
    """Return whether a file may hold words: it is neither a picture nor a recording."""
    return not file.is_picture and not file.media_type.startswith(_SOUNDS)


def unread(turn: Turn, sees_pictures: bool, with_documents: bool) -> list[Attachment]:
    """Return the files whose words the model needs and nobody has read, the newest pictures first."""
    files = list({file.sha256: file for file in reversed(turn.attachments) if file.words is None}.values())
    documents = [file for file in files if with_documents and is_document(file)]
    pictures = [file for file in files if file.is_picture and not sees_pictures]
    return [*pictures[:MOST_PICTURES], *documents]


def read_words(turn: Turn, store: AttachedFiles, with_documents: bool, has_seen: bool = False) -> None:
    """Read what nobody has read yet, and tell it; of a file that can't be read it is told why.

    `has_seen`: the pictures were looked at, and need not be read.
    """
    for file in unread(turn, has_seen or bool(turn.answer.saw_pictures), with_documents):
        if turn.stop.is_set:
            return
        turn.emit(ReadingWords(file.name))
        try:
            words = ocr_text(file, store, turn.stop)
        except Unreadable as error:
            words = f"(It {error.reason}.)"
        except FileGone:
            words = "(It is no longer there.)"
        if not turn.stop.is_set:
            turn.emit(WordsRead(file.sha256, words))


def ocr_text(file: Attachment, store: AttachedFiles, stop: CancellationToken) -> str:
    """Return the words of a file, the first of very many. Raises: Unreadable, StoreError."""
    words = ""
    with closing(read_isolated(store.path(file.sha256), file.name, stop)) as found:
        for one in found:
            words += f"\n{harmless(one.text)}" if isinstance(one, Block) else ""
            if len(words) > MOST_CHARACTERS:
                return words[1:MOST_CHARACTERS] + CUT
    return words[1:]
