"""Conversation: a list of messages, and the name under which it is saved.

`messages` is the branch that is shown, and all that a model may see; what was said on other branches stands beside it.
A conversation's id is its first message's, so a rename changes nothing else.
Read next: `model/branches.py`, then `model/store.py`, which keeps conversations on disk.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from model.branches import ROOT_ID, children_of, shown_path, with_new_ids, with_parents
from model.message import STREAMING, Message, now
from model.options import Options


@dataclass
class Conversation:
    """Messages in their order; `name` is None until it is saved, and a temporary one never is."""

    messages: list[Message] = field(default_factory=list)
    name: str | None = None
    beside: list[Message] = field(default_factory=list)
    is_temporary: bool = False
    wishes: dict[str, Any] = field(default_factory=dict)  # the options, until there is a first message

    @classmethod
    def of_all(cls, messages: list[Message], name: str | None = None) -> "Conversation":
        """Return a conversation from all its messages as they stand in the file, shown as it was shown last."""
        path = shown_path(children_of(messages))
        if len(path) == len(messages):
            return cls(path, name)
        shown = {message.id for message in path}
        # Away from the messages around it in the file, a message must name the one that it follows.
        beside = []
        for message, parent in with_parents(messages):
            if message.id not in shown:
                message.parent = parent
                beside.append(message)
        return cls(path, name, beside)

    @property
    def all_messages(self) -> list[Message]:
        """Return the messages of all branches, as they stand in the file: the one that gives the id is first."""
        return [*self.beside, *self.messages] if self._starts_anew else [*self.messages, *self.beside]

    @property
    def first(self) -> Message | None:
        """Return the oldest message, which gives the id and keeps the options; None for an empty conversation."""
        front = self.beside if self._starts_anew and self.beside else self.messages or self.beside
        return front[0] if front else None

    @property
    def id(self) -> str | None:
        """Return the first message's id; None for an empty conversation."""
        return self.first.id if self.first else None

    @property
    def _starts_anew(self) -> bool:
        """Tell whether the shown branch begins with a question that was worded anew."""
        return bool(self.messages) and self.messages[0].parent == ROOT_ID

    @property
    def options(self) -> Options:
        """Return what was chosen for all of the conversation; it is kept on the first message."""
        return Options.from_dict(self.first.conversation if self.first else self.wishes)

    def choose(self, **wishes: Any) -> None:
        """Change options; the first message, which keeps them, has to be saved then."""
        chosen = replace(self.options, **wishes).to_dict()
        if self.first:
            self.first.conversation = chosen or None
        else:
            self.wishes = chosen

    def ask(self, prompt: str) -> tuple[Message, Message]:
        """Append a question and its still empty answer, and return both."""
        spoken = [message for message in self.messages[-2:] if not message.summary_of]
        question = Message("user", prompt, parent=spoken[-1].id if spoken else None, created_at=now())
        question.conversation = (self.wishes or None) if not self.first else None
        return question, self.answer_to(question)

    def answer_to(self, question: Message) -> Message:
        """Put a question at the end, with a still empty answer, and return the answer."""
        answer = Message("assistant", "", status=STREAMING, parent=question.id, created_at=now())
        is_at_end = bool(self.messages) and self.messages[-1] is question
        self.messages += [answer] if is_at_end else [question, answer]
        return answer

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
        before = [m for m in self.messages[: self.index_of(answer.id)] if not m.summary_of]
        return before[-1] if before and before[-1].role == "user" else None

    def insert(self, message: Message) -> None:
        """Put a message behind its parent."""
        self.messages.insert(self.index_of(message.parent or "") + 1, message)

    def upsert(self, messages: list[Message]) -> None:
        """Put messages in: in the place of the one with the same id, else at the end."""
        place = {message.id: index for index, message in enumerate(self.messages)}
        for message in messages:
            if message.id in place:
                self.messages[place[message.id]] = message
            else:
                place[message.id] = len(self.messages)
                self.messages.append(message)

    def with_file(self, sha256: str) -> list[Message]:
        """Return the messages, on all branches, that a file is attached to."""
        return [m for m in self.all_messages if any(file.sha256 == sha256 for file in m.attachments)]

    def copy(self, until: Message | None = None) -> "Conversation":
        """Return the shown branch, up to a message, as a conversation of its own."""
        end = len(self.messages) if until is None else self.index_of(until.id) + 1
        return Conversation(with_new_ids(self.messages[:end]))
