"""What the rest of the app may ask of whatever keeps conversations, be it a file or a database."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.message_parts import Attachment, Citation

if TYPE_CHECKING:
    from model.providers.usage import UsageRow


@dataclass(frozen=True)
class ConversationSummary:
    """One saved conversation in a list; `updated_at` is when its newest message was written, "" if none says so."""

    name: str
    id: str
    updated_at: str
    is_pinned: bool


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


class ConversationStore(Protocol):
    """What keeps conversations; every method raises a StoreError when it can't do what it says."""

    def entries(self) -> list[ConversationSummary]:
        """Return what a list shows of all conversations, not to be changed, the newest saved first."""

    def find(self, conversation_id: str | None) -> Conversation:
        """Return the conversation with this id."""

    def has(self, conversation_id: str | None) -> bool:
        """Return whether a conversation is saved, and has messages."""

    def name_of(self, conversation_id: str | None) -> str:
        """Return the name of the conversation with this id."""

    def stamp(self) -> object:
        """Return something that changes whenever a saved conversation does; it costs next to nothing."""

    def digests(self) -> Mapping[str, tuple[str, bytes]]:
        """Return, by id, each conversation's name, and what changes whenever it or its name does.

        The newest saved comes first. It is the same object, not to be changed, as long as all is the same.
        """

    def messages(self, conversation_id: str) -> list[Message]:
        """Return the messages of all branches as they were written; none where `find` can't read them."""

    def messages_of_all(self, conversation_ids: Iterable[str]) -> Iterator[tuple[str, list[Message]]]:
        """Yield conversations with their messages, as `messages` returns them; those that are gone are left out."""

    def contents(self, conversation_id: str | None) -> dict[str, str]:
        """Return what each message says, by its id and in their order; much faster than all of the messages."""

    def texts(self, places: Iterable[tuple[str, str]]) -> dict[tuple[str, str], str]:
        """Return what messages say, by the ids of conversation and message; what is gone is left out."""

    def digest_of(self, conversation_id: str | None, message_id: str) -> str:
        """Return a digest of what a message of a saved conversation says; "" where there is no such message."""

    def mentioning(self, *texts: str) -> Iterator[tuple[ConversationSummary, list[Message]]]:
        """Yield each conversation in whose JSON one of these texts stands, newest words first, with its messages."""

    def references(self) -> set[str]:
        """Return all that looks like the SHA-256 of a file in what is saved, wherever it stands."""

    def save(self, name: str, conversation: Conversation, overwrite: bool = False) -> None:
        """Save a conversation under a name; a name that another one has is taken only with `overwrite`."""

    def add(self, conversations: Iterable[tuple[str, Conversation]]) -> list[str]:
        """Save many conversations in one go, and return their names; one that is taken gets a number."""

    def write_turn(self, turn: FinishedTurn, when_written: Callable[[], None] = lambda: None) -> str:
        """Put a turn into its conversation, and return its name; one that is nowhere, or was deleted, is saved anew.

        Raises: StoreError when that is refused; then it waits in memory, where all who read find it, and is tried again
        until `when_written` is called.
        """

    def settle(self) -> None:
        """Try once more to write what waits; for a program that is about to end."""

    def change(self, conversation_id: str | None, messages: Iterable[Message]) -> None:
        """Put messages into a saved conversation; it keeps its place in the list."""

    def choose(self, conversation_id: str | None, **options: Any) -> None:
        """Change what was chosen for a saved conversation as a whole."""

    def rename(self, old: str, new: str, overwrite: bool = False) -> str:
        """Give a conversation another name, for good, and return it; its place among the others and its ids stay."""

    def retitle(self, conversation_id: str | None, title: str) -> None:
        """Give a conversation another title; a name that a person gave it stays."""

    def take_out(
        self, conversation_id: str | None, without: Iterable[str] | None = None, changed: Iterable[Message] = ()
    ) -> Any:
        """Delete messages, all of them where `without` names none, and write those that this has changed.

        Return how the conversation stood before: something for `put_back`, which nobody else looks into.
        """

    def put_back(self, kept: Any, rest_id: str | None) -> Conversation:
        """Undo a deletion; `rest_id` names what is left of the conversation, to which more may have been said since."""

    def take_notices(self) -> list[str]:
        """Return what a person must be told about what is saved, each sentence once."""


def frozen(turn: FinishedTurn) -> FinishedTurn:
    """Return a turn that nothing changes any more, whatever is said in its conversation next."""
    messages = {message.id: replace(message) for message in turn.conversation.all_messages}
    shown = [messages[message.id] for message in turn.conversation.messages]
    beside = [messages[message.id] for message in turn.conversation.beside]
    conversation = replace(turn.conversation, messages=shown, beside=beside)
    also = [replace(message) for message in turn.also]
    question, answer = replace(turn.question), replace(turn.answer)
    return FinishedTurn(turn.conversation_id, conversation, question, answer, turn.replaces, also)


def message_digest(content: str) -> str:
    """Return a short digest of what a message says."""
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()[:32]


class AnswerLog(Protocol):
    """What keeps one running turn; every method but `gather` raises a StoreError when nothing could be written."""

    also: list[Message]  # other messages that the turn has changed

    def gather(self, text: str = "", thinking: str = "") -> None:
        """Take what the answer says or thinks next; it may be written a little later."""

    def mark(self) -> None:
        """Write the answer as it is now."""

    def mark_steps(self, call_id: str) -> None:
        """Write a tool step that has begun or ended."""

    def mark_citation(self, citation: Citation) -> None:
        """Write a source."""

    def end(self) -> None:
        """Write the turn into its conversation."""


class TurnJournal(Protocol):
    """What lets turns outlive the program."""

    def begin(self, conversation: Conversation, question: Message, answer: Message) -> AnswerLog:
        """Write down a turn that stands in the conversation; once this has returned, the request may leave.

        Raises: StoreUnwritable when it can't be written down.
        """

    def is_crowded(self) -> bool:
        """Return whether so many turns run that not every piece of each is written at once."""

    def recover(self) -> int:
        """Save what programs left that were killed, and return how many turns that were."""

    def settle(self) -> None:
        """Try once more to save what could not be saved; for a program that is about to end."""

    def take_notices(self) -> list[str]:
        """Return what a person must be told about what is saved, each sentence once."""


@dataclass(frozen=True)
class Hit:
    """A conversation that was found, and where; `message_id` is "" when it was its name.

    `snippet` is plain text with the words between MARK_BEGIN and MARK_END of `utils/text/words.py`.
    """

    conversation_id: str
    name: str
    message_id: str
    snippet: str


class ConversationIndex(Protocol):
    """What finds conversations by their words, and knows what they took; raises a StoreError when it can't be used."""

    def sync(self) -> None:
        """Take in what changed in the store."""

    def search(self, text: str, limit: int = 50) -> list[Hit]:
        """Return the conversations where the name or one message has all the words, or words that begin with them."""

    def usage(self) -> "list[UsageRow]":
        """Return what all conversations took, one row for each day, kind and model, the oldest day first."""


class AttachedFiles(Protocol):
    """What keeps attached files, each under the SHA-256 of its bytes."""

    folder: Path

    def put(self, name: str, data: bytes, is_temporary: bool = False) -> Attachment:
        """Keep a file's bytes, and return what refers to them.

        Raises: StoreUnwritable.
        """

    def path(self, digest: str) -> Path:
        """Return where a file is on this machine.

        Raises: FileGone; StoreError when it can't be had.
        """

    def kept_at_s(self, digest: str) -> float:
        """Return when a file was kept last, in Unix seconds.

        Raises: FileGone; StoreUnreadable.
        """

    def digests(self) -> set[str]:
        """Return the hashes of all files that are kept on disk.

        Raises: StoreUnreadable.
        """

    def remove(self, digest: str) -> None:
        """Delete a file for good; one that is not there is no error.

        Raises: StoreUnwritable.
        """
