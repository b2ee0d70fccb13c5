"""Conversation: a list of messages, and the name under which it is saved.

`messages` is the branch that is shown, and all that a model may see; what was said on other branches stands beside it.
A conversation's id is that of the message that stood first in the file when it began, so neither a rename nor what is
shown changes it; where that message was deleted, the options keep the id.
"""

from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any

from model.chat.branches import ROOT_ID, children_of, show_before, shown_path, with_new_ids, with_parents
from model.chat.message import STREAMING, Message, now, own_id
from model.chat.options import Options
from model.chat.serialization import from_row, to_row


@dataclass
class Conversation:
    """Messages in their order; `name` is None until it is saved, and a temporary one never is.

    `first_id` names the message that stands first in the file, whether or not it is shown; None while there is only
    one branch, which then begins with it.
    """

    messages: list[Message] = field(default_factory=list)
    name: str | None = None
    beside: list[Message] = field(default_factory=list)
    is_temporary: bool = False
    pending_options: dict[str, Any] = field(default_factory=dict)  # the options, until there is a first message
    first_id: str | None = None

    @classmethod
    def of_all(cls, messages: list[Message], name: str | None = None) -> "Conversation":
        """Return a conversation from all its messages as they stand in the file, shown as it was shown last."""
        path = shown_path(children_of(messages))
        if [message.id for message in path] == [message.id for message in messages]:
            return cls(path, name)
        # Away from the messages around it in the file, a message must name the one that it follows.
        for message, parent in list(with_parents(messages)):
            message.parent = parent
        shown = {message.id for message in path}
        beside = [message for message in messages if message.id not in shown]
        return cls(path, name, beside, first_id=messages[0].id)

    @property
    def all_messages(self) -> list[Message]:
        """Return the messages of all branches, the one that stands first in the file first."""
        everything = [*self.messages, *self.beside]
        return sorted(everything, key=lambda message: message.id != self.first_id) if self.first_id else everything

    @property
    def first(self) -> Message | None:
        """Return the message that stands first in the file and keeps the options; None for an empty conversation."""
        if self.first_id:
            found = (message for message in chain(self.messages, self.beside) if message.id == self.first_id)
            return next(found, None)
        return next(iter(self.messages or self.beside), None)

    @property
    def id(self) -> str | None:
        """Return the id that the options keep, else the first message's; None for an empty conversation."""
        first = self.first
        return (own_id(first) or first.id) if first else self.first_id

    @property
    def options(self) -> Options:
        """Return what was chosen for all of the conversation; it is kept on the first message."""
        return from_row(Options, (self.first.conversation if self.first else self.pending_options) or {})

    def choose(self, **options: Any) -> None:
        """Change options; the first message, which keeps them, has to be saved then."""
        chosen = to_row(replace(self.options, **options))
        if self.first:
            self.first.conversation = chosen or None
        else:
            self.pending_options = chosen

    def ask(self, prompt: str) -> tuple[Message, Message]:
        """Append a question and its still empty answer, and return both."""
        spoken = [message for message in self.messages[-2:] if not message.summary_of]
        parent = spoken[-1].id if spoken else ROOT_ID if self.beside else None
        question = Message("user", prompt, parent=parent, created_at=now())
        question.conversation = (self.pending_options or None) if not self.first else None
        return question, self.answer_to(question)

    def answer_to(self, question: Message) -> Message:
        """Put a question at the end, with a still empty answer, and return the answer."""
        answer = Message("assistant", "", status=STREAMING, parent=question.id, created_at=now())
        is_at_end = bool(self.messages) and self.messages[-1] is question
        self.messages += [answer] if is_at_end else [question, answer]
        self.show_first(question, answer)
        return answer

    def show_first(self, *messages: Message) -> None:
        """Let messages be shown before all other versions of them."""
        if self.beside:
            ids = {message.id for message in messages}
            for versions in children_of(self.all_messages).values():
                spoken = [version for version in versions if not version.summary_of]
                for version in spoken if len(spoken) > 1 else ():
                    if version.id in ids:
                        show_before(version, spoken)

    def name_parents(self) -> None:
        """Let each message name the one that it follows: it will not stand behind it in all cases."""
        self.first_id = self.first.id if self.first else None
        for message, parent in list(with_parents(self.all_messages)):
            message.parent = parent

    def index_of(self, message_id: str) -> int:
        """Return where a message stands. Raises: KeyError when no message has this id."""
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

    def alike(self) -> "Conversation":
        """Return a conversation with the very same messages, to which others may be added."""
        return replace(self, messages=list(self.messages), beside=list(self.beside))

    def copy(self, until: Message | None = None) -> "Conversation":
        """Return the shown branch, up to a message, as a conversation of its own."""
        end = len(self.messages) if until is None else self.index_of(until.id) + 1
        return Conversation(with_new_ids(self.messages[:end]))
