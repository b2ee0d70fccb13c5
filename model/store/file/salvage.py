"""What can be saved out of a damaged conversation file.

Everything up to the damage is read, and of a conversation all messages that have a role and a content. The damaged
file itself is not touched here: `shared_file.py` keeps it under another name.
"""

import glob
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec

from model.chat.message import Message
from model.store.file_format import Entries, entry_of, merge
from utils.files.names import numbered_name
from utils.json_tools import text as json_text
from utils.json_tools.members import outer_pairs, string_of


def salvage(data: bytes) -> Entries:
    """Return the conversations that can still be read; a name that stands twice gives two."""
    entries: Entries = {}
    ids: set[str] = set()
    for key, value in outer_pairs(string_of(data)):
        name = numbered_name(key.encode("utf-8", "replace").decode(), entries)
        try:
            checked = entry_of(name, msgspec.Raw(json_text.json_line(_mended(value))), ids)
        except (ValueError, RecursionError):
            continue
        entries[name] = merge(name, checked, [])
        ids |= {checked.id} if checked.id else set()
    return entries


def notice(file_name: str, aside_name: str, count: int) -> str:
    """Return the sentence that tells a person what was done."""
    return f"{file_name} was damaged and is kept as {aside_name}. {_saved(count)} saved out of it."


def notice_of_damage(file_name: str, count: int) -> str:
    """Return the sentence that tells a person what was found, while nothing was done yet."""
    return f"{file_name} is damaged. {_saved(count)} read. Before anything is written it is kept under another name."


def _saved(count: int) -> str:
    return {0: "Nothing could be", 1: "One conversation could be"}.get(count, f"{count} conversations could be")


def damaged_copies_with(path: Path, messages: Iterable[Message]) -> list[str]:
    """Return the names of files that were set aside, of conversations or of turns, where one of these messages stands.

    One that can't be read is left out.
    """
    aside = [*path.parent.glob(f"{glob.escape(path.stem)}.unreadable-*")]
    aside += path.parent.glob(f"{glob.escape(path.name)}.journal/*.unreadable-*")
    if not aside:
        return []
    sought = [text for message in messages for text in (message.id.encode(), _beginning(message)) if text]
    found: list[str] = []
    for copy in sorted(aside):
        with suppress(OSError):
            data = copy.read_bytes()
            found += [copy.name] if any(text in data for text in sought) else []
    return found


def _beginning(message: Message) -> bytes:
    """Return how a message's text begins in a file; nothing where that could be any text."""
    return json_text.json_line(message.content[:200])[1:-1] if len(message.content) > 20 else b""


def _mended(value: Any) -> Any:
    """Return a conversation, in the shape it has, with its readable messages only.

    Raises: ValueError when there are none.
    """
    messages = value.get("messages") if isinstance(value, dict) else value
    if not isinstance(messages, list):
        raise ValueError("not a conversation")
    good = [message for message in messages if _is_readable(message)]
    if messages and not good:
        raise ValueError("no message can be read")
    return value | {"messages": good} if isinstance(value, dict) else good


def _is_readable(message: Any) -> bool:
    """Return whether something is a message with a role and a content."""
    return (
        isinstance(message, dict) and isinstance(message.get("role"), str) and isinstance(message.get("content"), str)
    )
