"""What one turn is made of: who shall answer, all that a stage needs for it, and what helps from outside.

The approval belongs to a turn, not to a page: the question waits through a reload, for whoever opens the conversation.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import tzinfo
from threading import Condition
from threading import Event as Flag
from typing import Any, Protocol

from model.chat.events import Event
from model.chat.message import Message
from model.chat.message_parts import Attachment
from model.chat.options import Options
from model.providers.provider import Endpoint, Provider
from utils.threads.stop import CancellationToken
from utils.threads.trace import Trace

SENDS, WRITES = "sends_unasked", "writes_unasked"  # options of a conversation
CALLS = "calls_unasked"  # another one: a permission names one tool behind it, as `calls_unasked:mark`


@dataclass(frozen=True)
class Permission:
    """What the person said; `arguments` is JSON that runs in place of the model's, where they changed it.

    `why_not` tells why it is not given, where that is not because they said so. `is_for_good`: in all conversations.
    """

    is_given: bool
    arguments: str | None = None
    why_not: str = ""
    is_for_good: bool = False


class ToolApproval:
    """One turn's questions to the person, one at a time."""

    def __init__(self) -> None:
        self.call_id = ""  # the call that waits for an answer; "" for none
        self.reason = ""  # why just this call is asked about, whatever the settings say
        self.option = SENDS  # which of the conversation's options would let it run unasked
        self.let: set[str] = set()  # options that count as chosen in the rest of this turn
        self.when_asked: Callable[[], None] = lambda: None  # called whenever `call_id` has changed
        self._permission: Permission | None = None
        self._changed = Condition()

    def ask(self, call_id: str, stop: CancellationToken, reason: str = "") -> Permission:
        """Wait for the person's answer; a Stop is a no."""
        stop.when_set(lambda: self.answer(call_id, False))
        with self._changed:
            self.reason = reason
            self.call_id, self._permission = call_id, Permission(False) if stop.is_set else None
            self.when_asked()
            self._changed.wait_for(lambda: self._permission is not None)
            self.call_id = ""
            self.when_asked()
            return self._permission or Permission(False)

    def lets(self, option: str) -> bool:
        """Return whether what an option allows goes unasked in the rest of this turn."""
        return option in self.let

    def let_always(self) -> None:
        """Let what is asked about now, and all like it, go unasked in the rest of this turn."""
        self.let.add(self.option)

    @property
    def can_be_for_good(self) -> bool:
        """Return whether what is asked about now may be allowed in all conversations, too."""
        return self.option.startswith(f"{CALLS}:")

    def answer(self, call_id: str, is_given: bool, arguments: str | None = None, is_for_good: bool = False) -> None:
        """Say yes or no to a call; what no longer waits is left alone."""
        with self._changed:
            if call_id == self.call_id:
                self._permission = Permission(is_given, arguments, is_for_good=is_for_good)
                self._changed.notify_all()


@dataclass(frozen=True)
class ModelSelection:
    """Who shall answer; an empty provider or model name means the default."""

    provider: Provider | None = None
    model_name: str = ""


@dataclass(frozen=True)
class TurnControl:
    """A turn from outside: how to end it, how to know that its request has left, where tools wait, and who looks."""

    stop: CancellationToken = field(default_factory=CancellationToken)
    sent: Flag = field(default_factory=Flag)
    gate: ToolApproval = field(default_factory=ToolApproval)
    trace: Trace | None = None  # takes each step of the turn; None where nobody looks inside


@dataclass(frozen=True)
class Turn:
    """All that a stage needs to answer one question.

    `history` is what was said before it, as a request tells it; `said` the same as the conversation shows it, with all
    that tools have left on answers. All that happens is told to `emit`, as it happens.
    """

    history: list[Message]
    question: Message
    answer: Message
    endpoint: Endpoint
    control: TurnControl
    options: Options = Options()
    conversation_id: str = ""
    is_temporary: bool = False
    asks_first: bool = False  # whether a tool waits for the person's yes
    is_going_on: bool = False  # with an answer that was broken off
    said: list[Message] = field(default_factory=list)
    emit: Callable[[Event], None] = lambda _event: None

    @property
    def stop(self) -> CancellationToken:
        return self.control.stop

    @property
    def asked(self) -> str:
        """Return the question as the person wrote it: in the request the time may stand before it."""
        return next((message.content for message in self.said if message.id == self.question.id), self.question.content)

    @property
    def said_before(self) -> list[Message]:
        """Return the messages before the question, as they are shown."""
        ids = [message.id for message in self.said]
        return self.said[: ids.index(self.question.id)] if self.question.id in ids else self.said

    @property
    def attachments(self) -> list[Attachment]:
        """Return the files of the conversation as it is shown, oldest first."""
        return [attachment for message in [*self.history, self.question] for attachment in message.attachments]


Rows = list[dict[str, Any]]


class RequestPictures(Protocol):
    """The pictures that go with a request's rows."""

    @property
    def data(self) -> Mapping[str, bytes]:
        """Return the bytes of each, by their SHA-256."""

    def named(self, rows: Rows) -> Rows:
        """Return the rows with the SHA-256 of each picture."""

    def filled(self, rows: Rows) -> Rows:
        """Return such rows as they go over the wire."""


class SmallModelPolicy:
    """What a program does better than a model that is often wrong; this one leaves all to the model."""

    def answer(self, turn: Turn, left_to_tools: Container[str]) -> str:
        """Return an answer that needs no model; "" where the model is asked."""
        del turn, left_to_tools
        return ""

    def guarded(self, turn: Turn) -> AbstractContextManager[Callable[[Event], None]]:
        """Lend what takes the events of an answer; where that ends the answer early, the block is left."""
        return nullcontext(turn.emit)


class AttachmentReader:
    """What a model gets of attached files; this one gives it nothing."""

    def described(self, turn: Turn, reads_documents: bool) -> Turn:
        """Return a turn whose messages tell of their files, as far as its model does not see them."""
        del reads_documents
        return turn

    def pictures(self, turn: Turn, sent: Sequence[Message]) -> RequestPictures | None:
        """Return the pictures that go with a request's messages; None for a model that does not see."""
        del turn, sent
        return None

    def keeper(self, turn: Turn) -> Callable[[bytes], Sequence[Event]]:
        """Return what keeps a picture that came with the answer, and tells what puts it there; nothing if it can't."""
        del turn
        return lambda _picture: ()

    def eyes(self, turn: Turn) -> list[Any]:
        """Return the tool by which a model that does not see lets another one look; none where nobody can."""
        del turn
        return []


@dataclass(frozen=True)
class TurnHelpers:
    """What the composition root hands to every turn, so that a turn can be read, and run, without it.

    `summarised` returns a summary of what stands before a message, by its id; None where there is nothing to tell.
    `zone` returns the person's time zone; None for this machine's.
    """

    small_models: SmallModelPolicy = SmallModelPolicy()
    attachments: AttachmentReader = AttachmentReader()
    summarised: Callable[[Turn, str], Message | None] = lambda _turn, _begins_at: None
    zone: Callable[[], tzinfo | None] = lambda: None
