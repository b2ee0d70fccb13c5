"""What the rest of the app may ask of whatever keeps conversations, be it a file or a database, and finds them."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.message_parts import Citation
from model.store.finished_turn import FinishedTurn

if TYPE_CHECKING:
    from model.usage.rows import UsageRow


@dataclass(frozen=True)
class ConversationSummary:
    """One saved conversation in a list; `updated_at` is when its newest message was written, "" if none says so."""

    name: str
    id: str
    updated_at: str
    is_pinned: bool


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

    def contents(self, conversation_id: str | None) -> dict[str, str]:
        """Return what each message says, by its id and in their order; much faster than all of the messages."""

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

    def write_turn(self, turn: FinishedTurn, when_written: Callable[[], None] = lambda: None) -> None:
        """Put a turn into its conversation; a conversation that is nowhere, or was deleted, is saved anew.

        Raises: StoreError when that is refused; then it waits in memory, where all who read find it, and is tried again
        until `when_written` is called.
        """

    def settle(self) -> None:
        """Try once more to write what waits; for a program that is about to end."""

    def change(self, conversation_id: str | None, messages: Iterable[Message]) -> None:
        """Put messages into a saved conversation; it keeps its place in the list."""

    def choose(self, conversation_id: str | None, **wishes: Any) -> None:
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
