"""The gallery: the pictures of all conversations, with where each was made."""

from dataclasses import dataclass

from model.conversation_file import Entries, messages_of
from model.picture import DETAIL, Picture
from model.plots import DETAIL as FILES
from model.plots import all_pictures_in

_MARK, _MARKS_OF_PLOTS = f'"{DETAIL}"'.encode(), (f'"{FILES}"'.encode(), b'"image/')


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
        if entry.id and _has_some(bytes(entry.raw))
        for picture in reversed(all_pictures_in(messages_of(name, entry)))
    ]


def _has_some(raw: bytes) -> bool:
    """Tell whether a conversation may have pictures; this is quicker than to read it."""
    return _MARK in raw or all(mark in raw for mark in _MARKS_OF_PLOTS)
