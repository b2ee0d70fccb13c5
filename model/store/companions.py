"""What the rest of the app may ask of what stands beside saved conversations: journal, index and attached files."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.message_parts import Attachment, Citation

if TYPE_CHECKING:
    from model.usage.rows import UsageRow


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


class AttachedFiles(Protocol):
    """What keeps attached files, each under the SHA-256 of its bytes."""

    folder: Path

    def put(self, name: str, data: bytes, is_temporary: bool = False) -> Attachment:
        """Keep a file's bytes, and return what refers to them.

        Raises: StoreUnwritable.
        """

    def path(self, digest: str) -> Path:
        """Return where a file is.

        Raises: StoreUnreadable when it is gone.
        """

    def digests(self) -> set[str]:
        """Return the hashes of all files that are kept on disk."""

    def remove(self, digest: str) -> None:
        """Delete a file for good; one that is not there is no error.

        Raises: StoreUnwritable.
        """
