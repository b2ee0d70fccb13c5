"""One turn that runs in another process, as it is followed here."""

from collections.abc import Callable
from threading import Event as Flag
from typing import Any

from controller.chat.turns import Record, RunningTurn
from controller.turn import ToolApproval, TurnControl
from model.chat.conversation import Conversation
from model.chat.event_rows import event_of
from model.chat.events import Event, Started
from model.chat.message import INTERRUPTED, Message
from model.errors import BnaError
from utils.threads.broadcast import Broadcast

TOLD_WITHIN_S = 3.0  # how long a page waits for the process that runs a turn

Note = dict[str, Any]


class TurnElsewhere(RunningTurn):
    """A turn in another process, which tells of it."""

    def __init__(self, conversation: Conversation, started: Started, tell: Callable[..., None]) -> None:
        """Follow a turn; `tell` sends a message about it to its process."""
        super().__init__(conversation, TurnControl(gate=_ApprovalElsewhere(tell)), started, Record())
        self.control.sent.set()
        self._tell = tell
        self._feed: Broadcast[Event] | None = None
        self._is_told = Flag()  # all that had happened

    def stop(self) -> None:
        self._tell("stop")

    def ask_state(self) -> None:
        """Ask how it stands; something may have been lost."""
        self._tell("follow", with_events=self._feed is not None)

    def events(self) -> "Broadcast[Event] | None":
        """Return all its events, numbered as they are there; None where they are not kept."""
        if self._feed is None:
            self._tell("follow", with_events=True)
            self._is_told.wait(TOLD_WITHIN_S)
        return self._feed

    def take_state(self, note: Note, answer: Message) -> None:
        """Take how it stands now."""
        with self.live.still():
            self.answer.__dict__.update(answer.__dict__)
            if note["events"] is not None:
                self._take_events(note["events"])
        self.take_question(note)
        if note["with_events"]:
            self._is_told.set()

    def _take_events(self, rows: list[Note]) -> None:
        """Take all that has happened; part of it may be known."""
        if self._feed is None:
            self._feed = Broadcast()
            self.record.feeds.append(self._feed)
        for row in rows[len(self._feed.so_far()) :]:
            self._feed.put(event_of(row))

    def take_question(self, note: Note) -> None:
        """Take which tool waits for the person's yes."""
        self.gate.call_id, self.gate.reason, self.gate.option = note["call_id"], note["reason"], note["option"]
        self.note()

    def take_end(self, final: Note | None, error: list[str] | None) -> None:
        """Take how the answer stands at the end, where that is known, and what went wrong."""
        self.error = BnaError(*error) if error else None
        with self.live.still():
            if final:
                self.answer.__dict__.update(Message.from_dict(final).__dict__)
            elif error:
                self.answer.status = INTERRUPTED
            self.said = self.answer.content
        self.record.close_feeds()
        self._is_told.set()
        self.note(has_ended=True)


class _ApprovalElsewhere(ToolApproval):
    """The question of a turn in another process: the answer goes there."""

    def __init__(self, tell: Callable[..., None]) -> None:
        super().__init__()
        self._tell = tell

    def answer(self, call_id: str, is_given: bool, arguments: str | None = None, is_for_good: bool = False) -> None:
        self._tell("permit", call=[call_id, is_given, arguments, is_for_good], let=sorted(self.let))
