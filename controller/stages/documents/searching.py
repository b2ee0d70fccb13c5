"""What files say about something, for programs that ask for passages and not for an answer."""

from collections.abc import Sequence

from controller.resources import Resources
from controller.stages import FilePassage
from controller.stages.documents.indexing import indexing_queue
from model.chat.message_parts import Attachment
from utils.threads.stop import CancellationToken

MOST_FOUND = 8


def search_files(resources: Resources, files: Sequence[Attachment], words: str) -> list[FilePassage]:
    """Return the passages that fit best, the best first; files that nobody has read yet are read now.

    Raises: UnsupportedFile when none can be read.
    """
    queue = indexing_queue(resources)
    documents = list({file.sha256: file for file in files if not file.is_picture}.values())
    if not documents:
        return []
    readable, _ = queue.readable(documents, CancellationToken(), lambda _line: None)
    index = queue.index(readable)
    vector = queue.encoder.encode([words])[0]
    if not index.has_answer(words, vector):
        return []
    found = index.search(words, vector, MOST_FOUND)
    return [
        FilePassage(
            readable[one.document].name,
            ", ".join(filter(None, (one.passage.place, one.passage.heading))),
            one.passage.text,
        )
        for one in found
    ]
