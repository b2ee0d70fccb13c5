"""A turn that has ended, on its way into its conversation."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from model.chat.conversation import Conversation
from model.chat.message import Message


@dataclass
class FinishedTurn:
    """Question and answer as they ended, and what the turn made beside them.

    `conversation` is all of it, for where it is not saved yet. `replaces` is the digest of what stood under the
    answer's id when the turn began; "" where nothing did.
    """

    conversation_id: str
    conversation: Conversation
    question: Message
    answer: Message
    replaces: str = ""
    also: Iterable[Message] = ()


def frozen(turn: FinishedTurn) -> FinishedTurn:
    """Return a turn that nothing changes any more, whatever is said in its conversation next."""
    messages = {message.id: replace(message) for message in turn.conversation.all_messages}
    shown = [messages[message.id] for message in turn.conversation.messages]
    beside = [messages[message.id] for message in turn.conversation.beside]
    conversation = replace(turn.conversation, messages=shown, beside=beside)
    also = [replace(message) for message in turn.also]
    question, answer = replace(turn.question), replace(turn.answer)
    return FinishedTurn(turn.conversation_id, conversation, question, answer, turn.replaces, also)


def digest(content: str) -> str:
    """Return a short digest of what a message says."""
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]
