"""A turn that has ended, on its way into its conversation.

Two programs may have written under one id meanwhile: an API client chose it for a new conversation twice, or an answer
was asked for again somewhere else. Then both texts stay: what is on disk where it is, ours under an id of its own.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from model.chat.conversation import Conversation
from model.chat.message import STREAMING, Message
from model.errors import ConversationNotFound
from model.store.entries import name_of, put_in_new, with_options_of
from model.store.file_format import Entries, StoredConversation, contents_of, merge, messages_of


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

    def put_into(self, entries: Entries) -> None:
        """Put the turn into its conversation, the last in the list from then on; one that is not there is saved anew.

        Nothing is changed when it raises. Raises: ValueError when the conversation can't be read.
        """
        try:
            name = name_of(entries, self.conversation_id)
        except ConversationNotFound:
            whole = self.conversation.alike()
            whole.upsert([self.question, self.answer, *self.also])
            self.conversation.name = put_in_new(entries, self.conversation.name, whole)
            return
        entry = merge(name, entries[name], with_options_of(name, entries[name], self._beside(name, entries[name])))
        del entries[name]  # taken out and put back, it stands last, where the newest is
        entries[name] = entry

    def _beside(self, name: str, entry: StoredConversation) -> list[Message]:
        """Return the messages to be written; none replaces what somebody else has written under its id."""
        saved = contents_of(name, entry)
        question, answer = self.question, self.answer
        if saved.get(question.id, question.content) != question.content:
            question = replace(question, id=_own_id(question), parent=None, conversation=None)
            answer = replace(answer, id=_own_id(answer, question.id), parent=question.id)
        elif answer.id in saved and not self._may_replace(saved[answer.id], name, entry):
            answer = replace(answer, id=_own_id(answer))
        others = [message for message in self.also if saved.get(message.id, message.content) == message.content]
        return [question, answer, *others]

    def _may_replace(self, content: str, name: str, entry: StoredConversation) -> bool:
        """Return whether the answer on disk is the one that the turn began with, or this very one as it grew."""
        if content == self.answer.content or digest(content) == self.replaces:
            return True
        return any(one.id == self.answer.id and one.status == STREAMING for one in messages_of(name, entry))


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


def _own_id(message: Message, *parts: str) -> str:
    """Return an id for a message whose own is taken; always the same one, so that a second recovery adds nothing."""
    return digest("\n".join([message.id, *parts, message.content]))
