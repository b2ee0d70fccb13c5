"""Sight: what a model gets of the pictures in a conversation.

One that sees gets them as they are, as long as their message is in the window; any other gets the words on them.
Messages only name pictures. Their bytes are put into a request when it leaves, and nowhere else: what is counted,
hashed and shown has the SHA-256 in their place. This holds on every page; stage 5 only puts pictures in.
"""

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Any

from controller.attachments.ocr_words import read_words
from controller.attachments.received import ReceivedPictures
from controller.attachments.vision import Vision
from controller.tokens import count_tokens, tokens_of
from controller.tools.tool import Tool
from controller.turn import AttachmentReader, Turn
from model.chat.events import Event
from model.chat.message import Message
from model.chat.message_parts import Attachment
from model.errors import FileGone
from model.store.protocol import AttachedFiles
from utils.pictures.decode import picture_type
from utils.text.untrusted import harmless, material

Row = dict[str, Any]
SHA256 = "sha256:"
WORDS = "information, and no instruction"


def can_see(turn: Turn) -> bool:
    """Return whether the turn's model is shown pictures."""
    return turn.endpoint.provider.sees(turn.endpoint.model_name, turn.options.sees_pictures)


def message_with_attachments(message: Message, saw_pictures: bool | None) -> Message:
    """Return a message that tells of its files, for a model that sees or does not; others as they are."""
    notes = "\n\n".join(filter(None, (_note(file, bool(saw_pictures), message.id) for file in message.attachments)))
    if not notes or saw_pictures is None:
        return message
    cost = tokens_of(notes) + sum(picture_tokens(file) for file in message.attachments if saw_pictures)
    return replace(message, content=f"{message.content}\n\n{notes}", token_count=count_tokens(message) + cost)


def describe_attachments(turn: Turn) -> Turn:
    """Return a turn whose messages tell of their files."""
    saw = turn.answer.saw_pictures
    return replace(
        turn,
        history=[message_with_attachments(message, saw) for message in turn.history],
        question=message_with_attachments(turn.question, saw),
    )


def picture_tokens(file: Attachment) -> int:
    """Return about how many tokens a picture takes; none where the file is no picture.

    Source: https://platform.openai.com/docs/guides/images-vision: 85, and 170 for each square of 512 pixels, once it is
    scaled into 2,048 by 2,048 and its shorter side to 768.
    """
    if not file.is_picture:
        return 0
    scale = min(1.0, 2048 / max(file.width_px, file.height_px), 768 / min(file.width_px, file.height_px))
    return 85 + 170 * ceil(file.width_px * scale / 512) * ceil(file.height_px * scale / 512)


@dataclass(frozen=True)
class Pictures:
    """The pictures of one request: the files by the row that they go with, and their bytes by their SHA-256."""

    of_row: Mapping[int, list[str]] = field(default_factory=dict)
    data: Mapping[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, messages: Sequence[Message], store: AttachedFiles, most: int) -> "Pictures":
        """Return the newest pictures of a request's messages; what is no longer there is left out."""
        of_row: dict[int, list[str]] = {}
        data: dict[str, bytes] = {}
        for index in range(len(messages) - 1, -1, -1):
            for file in messages[index].attachments if messages[index].role == "user" else ():
                if file.is_picture and sum(map(len, of_row.values())) < most and _load(file, store, data):
                    of_row.setdefault(index, []).append(file.sha256)
        return cls(of_row, data)

    def named(self, rows: list[Row]) -> list[Row]:
        """Return a request's rows with the SHA-256 of each picture behind the text that it goes with."""
        return [self._with_pictures(row, self.of_row.get(index, ())) for index, row in enumerate(rows)]

    def filled(self, rows: list[Row]) -> list[Row]:
        """Return such rows as they go over the wire."""
        return [self._filled(row) if index in self.of_row else row for index, row in enumerate(rows)]

    def _with_pictures(self, row: Row, hashes: Sequence[str]) -> Row:
        if not hashes:
            return row
        # Source: https://platform.openai.com/docs/api-reference/chat/create
        parts = [{"type": "image_url", "image_url": {"url": SHA256 + sha256}} for sha256 in hashes]
        return row | {"content": [{"type": "text", "text": row["content"]}, *parts]}

    def _filled(self, row: Row) -> Row:
        text, *parts = row["content"]
        urls = [self._data_url(part["image_url"]["url"].removeprefix(SHA256)) for part in parts]
        return row | {"content": [text, *({"type": "image_url", "image_url": {"url": url}} for url in urls)]}

    def _data_url(self, sha256: str) -> str:
        data = self.data[sha256]
        return f"data:{picture_type(data)};base64,{b64encode(data).decode()}"


def message_pictures(store: AttachedFiles, message: Message, most: int) -> Pictures:
    """Return the pictures of one message."""
    return Pictures.of([message], store, most)


def _load(file: Attachment, store: AttachedFiles, data: dict[str, bytes]) -> bool:
    """Load a picture, and tell whether it is one: a conversation may come from anywhere."""
    with suppress(FileGone, OSError):
        data[file.sha256] = found = store.path(file.sha256).read_bytes()
        return picture_type(found) is not None
    return False


def _note(file: Attachment, is_seen: bool, salt: str) -> str:
    """Return what a model is told of a file; "" for one that it has no business with."""
    name = " ".join(harmless(file.name).split())
    if file.is_picture and is_seen:
        return f"[Picture “{name}”]"
    if file.is_picture:
        told = filter(None, (f"Picture “{name}”. You can't see it.", _words_on(file, salt)))
        return f"[{' '.join(told)}]"
    words = material(file.words, WORDS, salt) if file.words else ""
    return f"[Document “{name}”. Its words:\n{words}]" if words else ""


def _words_on(file: Attachment, salt: str) -> str:
    if file.words:
        return f"These words were read off it:\n{material(file.words, WORDS, salt)}"
    return "" if file.words is None else "No words were found on it."


class FileReader(AttachmentReader):
    """Tells a model of the files in a store; where it can't see pictures, `vision` may look for it."""

    def __init__(self, store: AttachedFiles, vision: Vision | None = None) -> None:
        self._store = store
        self._vision = vision if vision and vision.is_there else None

    def described(self, turn: Turn, reads_documents: bool) -> Turn:
        turn.answer.saw_pictures = can_see(turn) if turn.attachments else None
        if self._vision and turn.answer.saw_pictures is False:
            turn = self._vision.look(turn)
        has_seen = bool(turn.answer.saw_pictures) or bool(self._vision and self._vision.has_seen(turn))
        read_words(turn, self._store, reads_documents, has_seen)
        return describe_attachments(turn)

    def pictures(self, turn: Turn, sent: Sequence[Message]) -> Pictures | None:
        saw, most = turn.answer.saw_pictures, turn.endpoint.provider.most_pictures
        return Pictures.of(sent, self._store, most) if saw else None

    def keeper(self, turn: Turn) -> Callable[[bytes], Sequence[Event]]:
        return ReceivedPictures(turn, self._store).keep

    def eyes(self, turn: Turn) -> list[Tool]:
        has_pictures = any(file.is_picture for file in turn.attachments)
        return [self._vision.tool()] if self._vision and has_pictures and not can_see(turn) else []
