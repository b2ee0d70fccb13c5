"""The gallery: the pictures of all conversations, with where each was made.

Read next: `model/picture.py`.
"""

from dataclasses import dataclass

from model.conversation_file import Entries, messages_of
from model.picture import DETAIL, Picture, pictures_in

_MARK = f'"{DETAIL}"'.encode()


@dataclass(frozen=True)
class Hung:
    """A picture, and the conversation that it was made in."""

    picture: Picture
    conversation_id: str
    conversation_name: str


def gallery(entries: Entries) -> list[Hung]:
    """Return the pictures of all conversations, the newest first; only those that have some are taken apart."""
    newest_first = sorted(entries.items(), key=lambda item: item[1].updated_at, reverse=True)
    return [
        Hung(picture, entry.id, name)
        for name, entry in newest_first
        if entry.id and _MARK in bytes(entry.raw)
        for picture in reversed(pictures_in(messages_of(name, entry)))
    ]
