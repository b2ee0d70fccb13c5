"""Branches: what can be done where a conversation went two ways, and what a deletion leaves behind; all in memory."""

from collections.abc import Iterable
from dataclasses import replace

from model.chat.branches import ROOT_ID, children_of, shown_path, with_parents
from model.chat.conversation import Conversation
from model.chat.message import Message, now
from utils.moments import moment_of


def all_versions(conversation: Conversation) -> dict[str, list[Message]]:
    """Return for each message that is not the only one in its place all that stand there, the oldest first."""
    if not conversation.beside:
        return {}
    found: dict[str, list[Message]] = {}
    for followers in children_of(conversation.all_messages).values():
        versions = sorted((m for m in followers if not m.summary_of), key=_written_at)
        if len(versions) > 1:
            found |= dict.fromkeys([version.id for version in versions], versions)
    return found


def _written_at(message: Message) -> float:
    moment = moment_of(message.created_at)
    return moment.timestamp() if moment else 0.0


def show_message(conversation: Conversation, message_id: str) -> None:
    """Show the branch on which a message stands, without keeping that it was shown."""
    parents = {message.id: (message, parent) for message, parent in with_parents(conversation.all_messages)}
    branch = []
    while message_id in parents:
        message, message_id = parents.pop(message_id)
        branch.append(message)
    conversation.show_first(*branch)
    _arrange(conversation)


def show(conversation: Conversation, version: Message) -> None:
    """Show the branch that goes through a message."""
    conversation.show_first(version)
    _arrange(conversation)


def _arrange(conversation: Conversation) -> None:
    """Put what is to be shown now among the messages, and all else beside them."""
    whole = Conversation.of_all(conversation.all_messages)
    conversation.messages, conversation.beside = whole.messages, whole.beside
    conversation.first_id = conversation.first_id or whole.first_id


def set_aside(conversation: Conversation, message: Message) -> None:
    """Put a message, and what follows it, beside what is shown."""
    conversation.name_parents()
    index = conversation.index_of(message.id)
    conversation.beside += conversation.messages[index:]
    conversation.messages = conversation.messages[:index]


def add_question_version(conversation: Conversation, question: Message, text: str) -> Message:
    """Return a new version of a question, with what was said on the old one beside it."""
    before = conversation.messages[: conversation.index_of(question.id)]
    spoken = [message for message in before if not message.summary_of]
    set_aside(conversation, question)
    parent = spoken[-1].id if spoken else ROOT_ID
    return Message("user", text, parent=parent, created_at=now(), attachments=question.attachments)


def merge_messages(conversation: Conversation, others: Iterable[Message]) -> None:
    """Add what was said elsewhere: behind what is shown where it goes on from there, else beside it."""
    known = {message.id for message in conversation.all_messages}
    new = [replace(other, parent=parent) for other, parent in with_parents(others) if other.id not in known]
    if not new:
        return
    conversation.name_parents()
    conversation.beside += new
    begin = conversation.messages[-1].id if conversation.messages else ROOT_ID
    conversation.messages += shown_path(children_of(conversation.all_messages), begin)
    shown = {message.id for message in conversation.messages}
    conversation.beside = [message for message in conversation.beside if message.id not in shown]


def without(conversation: Conversation, message_ids: Iterable[str], first_id: str | None = None) -> Conversation:
    """Return the conversation without some messages; what followed one of them follows what it followed.

    `first_id` names the message that stands first then, where the file knows that.
    """
    gone = set(message_ids)
    parents = {message.id: parent for message, parent in with_parents(conversation.all_messages)}
    kept = [replace(message) for message in conversation.all_messages if message.id not in gone]
    kept.sort(key=lambda message: message.id != first_id)
    for message in kept:
        while (parent := parents[message.id]) in gone:
            parents[message.id] = parents[parent]
            message.parent = parents[message.id]
    if kept and conversation.all_messages[0].id in gone:
        kept[0].conversation = (conversation.all_messages[0].conversation or {}) | {"id": conversation.id}
    return Conversation.of_all(kept, conversation.name)
