"""Branches: one conversation, several ways it went.

Messages stand in the file in the order in which they were written; `parent` says which one each follows. Where two have
one parent the conversation forks, and the one shown last is the one shown. A plain list needs no parents at all.
Read next: `model/conversation.py`, which keeps the shown branch and the messages beside it.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any

from model.message import Message, new_id

ROOT_ID = ""  # the parent of a first message


def with_parents(messages: Iterable[Message]) -> Iterator[tuple[Message, str]]:
    """Yield each message with the id of the one that it follows."""
    messages = list(messages)
    ids = {message.id for message in messages}
    before = ROOT_ID
    for message in messages:
        named = message.parent
        is_known = named == ROOT_ID or (named in ids and named != message.id)
        yield message, named if named is not None and is_known else before
        if not message.summary_of:
            before = message.id


def children_of(messages: Iterable[Message]) -> dict[str, list[Message]]:
    """Return the messages that follow each id; ROOT_ID stands for the beginning."""
    children: dict[str, list[Message]] = defaultdict(list)
    for message, parent in with_parents(messages):
        children[parent].append(message)
    return children


def shown_path(children: dict[str, list[Message]], begin: str = ROOT_ID) -> list[Message]:
    """Return the messages from a beginning on, at each fork those that were shown last; summaries stand among them."""
    path: list[Message] = []
    current: str | None = begin
    while current is not None:
        followers = children.get(current, [])
        path += [message for message in followers if message.summary_of][-1:]
        versions = [message for message in followers if not message.summary_of]
        path += [max(reversed(versions), key=_shown_at)] if versions else []
        current = path[-1].id if versions else None
    return path


def _shown_at(message: Message) -> str:
    return message.shown_at or message.created_at or ""


def with_new_ids(messages: Iterable[Message], id_for: Callable[[str], str] = lambda _old: new_id()) -> list[Message]:
    """Return copies with ids of their own; where one names another by its id, the copy names the copy."""
    messages = list(messages)
    fresh = {message.id: id_for(message.id) for message in messages}

    def renamed(value: Any) -> Any:
        return fresh.get(value, value) if isinstance(value, str) else value

    keys = ("id", "parent", "view_begins_at", "summary_of")
    return [
        replace(
            message,
            **{key: renamed(getattr(message, key)) for key in keys},
            extra={key: renamed(value) for key, value in message.extra.items()},
        )
        for message in messages
    ]
