"""Conversation: a list of messages, and the name under which it is saved.

A conversation's id is its first message's, so a rename changes nothing else.
Read next: `model/store.py`, which keeps conversations on disk.
"""

from dataclasses import dataclass, field

from model.message import FAILED, STREAMING, Message, now


@dataclass
class Conversation:
    """Messages in their order; `name` is None until a person saves it."""

    messages: list[Message] = field(default_factory=list)
    name: str | None = None

    @property
    def id(self) -> str | None:
        """Return the first message's id; None for an empty conversation."""
        return self.messages[0].id if self.messages else None

    def ask(self, prompt: str) -> tuple[Message, Message]:
        """Append a question and its still empty answer, and return both."""
        question = Message("user", prompt, created_at=now())
        answer = Message("assistant", "", status=STREAMING, created_at=now())
        self.messages += [question, answer]
        return question, answer

    def index_of(self, message_id: str) -> int:
        """Return where a message stands.

        Raises: KeyError when no message has this id.
        """
        for index in range(len(self.messages) - 1, -1, -1):
            if self.messages[index].id == message_id:
                return index
        raise KeyError(message_id)

    def question_of(self, answer: Message) -> Message | None:
        """Return the question that an answer belongs to; None where there is none before it."""
        before = self.messages[: self.index_of(answer.id)]
        return before[-1] if before and before[-1].role == "user" else None

    def upsert(self, messages: list[Message]) -> None:
        """Put messages in: in the place of the one with the same id, else at the end."""
        place = {message.id: index for index, message in enumerate(self.messages)}
        for message in messages:
            if message.id in place:
                self.messages[place[message.id]] = message
            else:
                place[message.id] = len(self.messages)
                self.messages.append(message)


def is_sendable(message: Message) -> bool:
    """Tell whether a model may see this message: not what failed, nor what is still coming, nor an empty answer."""
    if message.status in (FAILED, STREAMING):
        return False
    return bool(message.content) or message.role != "assistant" or "tool_calls" in message.extra
