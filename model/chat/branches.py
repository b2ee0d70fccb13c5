"""Branches: one conversation, several ways it went.

Messages stand in the file in the order in which they were written; `parent` says which one each follows. Where two have
one parent the conversation forks, and the one shown last is the one shown. A plain list needs no parents at all.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from model.chat.message import Message, new_id
from utils.moments import moment_of

ROOT_ID = ""  # the parent of a first message
_NEVER = datetime.min.replace(tzinfo=UTC)


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
        path += [max(reversed(versions), key=_shown_at)] if len(versions) > 1 else versions
        current = path[-1].id if versions else None
    return path


def show_before(version: Message, others: Iterable[Message]) -> None:
    """Let a version be the one that was shown last, whatever the clock says now and said when others were written."""
    newest = max((_shown_at(other) for other in others if other is not version), default=_NEVER)
    if newest >= _shown_at(version):
        moment = max(datetime.now(UTC), newest + timedelta(microseconds=1))
        version.shown_at = moment.isoformat(timespec="microseconds")


def _shown_at(message: Message) -> datetime:
    return moment_of(message.shown_at or message.created_at) or _NEVER


def without_id(options: dict[str, Any] | None) -> dict[str, Any] | None:
    """Return a conversation's options for another one, which has an id of its own."""
    return {key: value for key, value in options.items() if key != "id"} or None if options else options


def with_new_ids(messages: Iterable[Message], id_for: Callable[[str], str] = lambda _old: new_id()) -> list[Message]:
    """Return copies with ids of their own, which no options name; where one names another, the copy names the copy."""
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
            conversation=without_id(message.conversation),
        )
        for message in messages
    ]
