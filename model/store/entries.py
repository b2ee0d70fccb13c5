"""Finding one's way among saved conversations: by name, by id, by words; and naming them.

Changes to the conversations of a file: put in, renamed, given other options, put back after a deletion.

All work on what the file holds, in memory.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from model.chat.branches import with_new_ids
from model.chat.conversation import Conversation
from model.chat.message import STREAMING, Message
from model.chat.titles import first_words
from model.errors import ConversationExists, ConversationNotFound, InputError, StoreUnreadable
from model.store.file_format import Entries, Stored, StoredConversation, contents_of, merge, messages_of
from model.store.protocol import ConversationSummary, FinishedTurn, message_digest
from utils.files.names import numbered_name


def listed(entries: Entries) -> list[ConversationSummary]:
    """Return what a list shows of all conversations, the newest saved first."""
    return [
        ConversationSummary(name, id_of(name, entry), entry.updated_at, entry.is_pinned)
        for name, entry in reversed(entries.items())
    ]


def id_of(name: str, entry: Stored) -> str:
    """Return a conversation's id; one without messages has one that follows from its name, and meets no other."""
    return entry.id or f"empty:{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()}"


def entry_named(entries: Entries, name: str) -> Stored:
    """Return the conversation with this name."""
    if name not in entries:
        raise ConversationNotFound(f"There is no conversation named “{name}”.", "It may have been renamed or deleted.")
    return entries[name]


def name_of(entries: Entries, conversation_id: str | None, maybe: str | None = None) -> str:
    """Return the name of the conversation with this id; `maybe` is the one that it had, looked at first."""
    if maybe in entries and conversation_id and entries[maybe].id == conversation_id:
        return maybe
    for name, entry in entries.items():
        if conversation_id and id_of(name, entry) == conversation_id:
            return name
    raise not_saved()


def not_saved() -> ConversationNotFound:
    """Return what is raised where no conversation has an id."""
    return ConversationNotFound("This conversation is not saved.", "It may have been deleted in another tab.")


def opened(name: str, entry: Stored) -> Conversation:
    """Return a conversation as it stands in the file."""
    try:
        return Conversation.of_all(messages_of(name, entry), name)
    except (ValueError, RecursionError) as error:
        raise StoreUnreadable(f"“{name}” could not be read.", "Look at it in the file with a text editor.") from error


def chosen_name(wish: str, entries: Entries) -> str:
    """Return the name a person chose: on one line, without spaces around it."""
    name = " ".join(wish.encode("utf-8", "replace").decode().split())
    if not name:
        raise InputError("A conversation needs a name.", "Type a name, then save again.")
    return wish if wish in entries else name  # a file made elsewhere may hold odder names


def check_free(entries: Entries, name: str) -> None:
    """Raise ConversationExists when the name belongs to a conversation that has messages."""
    if name in entries and entries[name].id:
        raise ConversationExists(
            f"There is already a conversation named “{name}”.", "Take another name, or replace it."
        )


@dataclass(frozen=True)
class Snapshot:
    """A conversation as it stood on disk."""

    name: str
    entry: Stored


def kept(entry: Stored) -> StoredConversation:
    """Return an entry that stays as it is, whatever becomes of it where it is kept."""
    return StoredConversation(entry.raw, entry.id, entry.first_id, entry.updated_at, entry.is_pinned)


def packed(name: str, conversation: Conversation) -> Snapshot:
    """Return a conversation as it will stand in the file."""
    return Snapshot(chosen_name(name, {}), merge(name, None, conversation.all_messages))


def put_in(entries: Entries, packed_ones: list[Snapshot]) -> list[str]:
    """Put conversations in, the newest last, and return the names that they got, in the order given."""
    ids = {entry.id for entry in entries.values()}
    names: dict[int, str] = {}
    for index, (wish, entry) in sorted(
        enumerate((one.name, one.entry) for one in packed_ones), key=lambda pair: pair[1][1].updated_at
    ):
        name = numbered_name(wish, entries)
        if entry.id in ids:  # another tab has saved it meanwhile
            entry = merge(name, None, with_new_ids(messages_of(name, entry)))
        entries[name] = entry
        ids.add(entry.id)
        names[index] = name
    return [names[index] for index in range(len(packed_ones))]


def put_in_new(entries: Entries, wish: str | None, conversation: Conversation) -> str:
    """Put a conversation in, and return its name: the one wished for where it is free, else its title."""
    is_free = bool(wish) and (wish not in entries or entries[wish].id is None)
    name = wish if wish and is_free else numbered_name(first_words(conversation), entries)
    if not is_free:
        conversation.choose(is_auto_titled=True)
    entries.pop(name, None)
    entries[name] = merge(name, None, conversation.all_messages)
    return name


def rename_entry(entries: Entries, old: str, new: str, overwrite: bool = False) -> str:
    """Give an entry another name, and return it; its place and its ids stay."""
    entry = entry_named(entries, old)
    new = chosen_name(new, entries)
    if new != old:
        if not overwrite:
            check_free(entries, new)
        entries.pop(new, None)
    entries[old] = merge(old, entry, [])  # writes down the ids that follow from the old name
    renamed = {new if name == old else name: entries[name] for name in entries}
    entries.clear()
    entries.update(renamed)
    return new


def retitle(entries: Entries, name: str, title: str) -> None:
    """Give an entry another title, with a number where that is taken; a name that a person gave it stays."""
    if opened(name, entries[name]).options.is_auto_titled and title != name:
        rename_entry(entries, name, numbered_name(chosen_name(title, entries), entries))


def with_options(name: str, entry: Stored, **options: Any) -> Stored:
    """Return an entry whose first message keeps changed options."""
    conversation = opened(name, entry)
    conversation.choose(**options)
    return merge(name, entry, conversation.all_messages[:1])


def with_options_of(name: str, entry: Stored, messages: Iterable[Message]) -> Iterator[Message]:
    """Yield messages to be written; the first keeps the options that the file has, for a turn never changes them."""
    for message in messages:
        if message.id == entry.first_id:
            yield replace(message, conversation=messages_of(name, entry)[0].conversation)
        else:
            yield message


def with_changes(name: str, before: Stored, messages: Iterable[Message], without: set[str]) -> Stored:
    """Return an entry with messages put in and others taken out; its id and options outlive its first message."""
    after = merge(name, before, with_options_of(name, before, messages), without)
    if after.first_id in (None, before.first_id):
        return after
    first = messages_of(name, after)[0]
    first.conversation = (messages_of(name, before)[0].conversation or {}) | {"id": before.id}
    return merge(name, after, [first])


def put_back(entries: Entries, kept: Snapshot, rest_id: str | None) -> str:
    """Undo a deletion, and return the name; `rest_id` names what is left, to which more may have been said since."""
    rest = next((name for name, entry in entries.items() if entry.id and entry.id == rest_id), None)
    known = {message.id for message in messages_of(kept.name, kept.entry)}
    said_since = [m for m in messages_of(rest, entries.pop(rest)) if m.id not in known] if rest else []
    name = rest or numbered_name(kept.name, entries)
    entries[name] = merge(name, kept.entry, said_since)
    return name


def put_turn(entries: Entries, turn: FinishedTurn) -> str:
    """Put a turn into its conversation, the last in the list from then on, and return its name.

    One that is not there is saved anew.

    Two programs may have written under one id meanwhile: an API client chose it for a new conversation twice, or an
    answer was asked for again somewhere else. Then both texts stay: what is on disk where it is, ours under an id of
    its own. Nothing is changed when it raises. Raises: ValueError when the conversation can't be read.
    """
    try:
        name = name_of(entries, turn.conversation_id, turn.conversation.name)
    except ConversationNotFound:
        whole = turn.conversation.alike()
        whole.upsert([turn.question, turn.answer, *turn.also])
        turn.conversation.name = put_in_new(entries, turn.conversation.name, whole)
        return turn.conversation.name
    entry = merge(name, entries[name], with_options_of(name, entries[name], _beside(turn, name, entries[name])))
    del entries[name]  # taken out and put back, it stands last, where the newest is
    entries[name] = entry
    return name


def _beside(turn: FinishedTurn, name: str, entry: Stored) -> list[Message]:
    """Return the messages to be written; none replaces what somebody else has written under its id."""
    saved = contents_of(name, entry)
    question, answer = turn.question, turn.answer
    if saved.get(question.id, question.content) != question.content:
        question = replace(question, id=_own_id(question), parent=None, conversation=None)
        answer = replace(answer, id=_own_id(answer, question.id), parent=question.id)
    elif answer.id in saved and not _may_replace(turn, saved[answer.id], name, entry):
        answer = replace(answer, id=_own_id(answer))
    others = [message for message in turn.also if saved.get(message.id, message.content) == message.content]
    return [question, answer, *others]


def _may_replace(turn: FinishedTurn, content: str, name: str, entry: Stored) -> bool:
    """Return whether the answer on disk is the one that the turn began with, or this very one as it grew."""
    if content == turn.answer.content or message_digest(content) == turn.replaces:
        return True
    return any(one.id == turn.answer.id and one.status == STREAMING for one in messages_of(name, entry))


def _own_id(message: Message, *parts: str) -> str:
    """Return an id for a message whose own is taken; always the same one, so that a second recovery adds nothing."""
    return message_digest("\n".join([message.id, *parts, message.content]))
