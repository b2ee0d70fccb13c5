"""One question being answered: what a page may know of it, and how to end it."""

from collections.abc import Iterator
from threading import Condition

from controller.gate import Gate
from controller.turn import Choice
from model.conversation import Conversation
from model.errors import BnaError
from model.event import Anew, Event, ReadingWords, Started, Summarising, ThinkingDelta, ToolProgress

THINKING = "Thinking…"
LOOK_UP_S = 0.2  # how often a waiting page looks up, so that Streamlit can stop it


class RunningTurn:
    """One question being answered; made by `Turns`."""

    def __init__(self, conversation: Conversation, choice: Choice, started: Started) -> None:
        self.conversation = conversation
        self.answer = started.answer
        self.error: BnaError | None = None
        self.activity = ""  # what it does while no text comes
        self.is_whole = False  # all of the text has come
        self.has_ended = False  # and it is saved
        self._choice = choice
        self._change_count = 0
        self._changed = Condition()

    @property
    def gate(self) -> Gate:
        """Return where tools wait for the person's yes."""
        return self._choice.gate

    def stop(self) -> None:
        """End the answer; what had come is kept."""
        self._choice.stop.set()

    def note(self, is_whole: bool = False, has_ended: bool = False) -> None:
        """Wake up whoever follows."""
        with self._changed:
            self._change_count += 1
            self.has_ended = self.has_ended or has_ended
            self.is_whole = self.is_whole or is_whole or has_ended
            self._changed.notify_all()

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end; return whether it came."""
        with self._changed:
            return self._changed.wait_for(lambda: self.has_ended, timeout_s)

    def wait_until_sent(self, timeout_s: float) -> None:
        """Wait until the request has left, so that nothing slows its making."""
        self._choice.sent.wait(timeout_s)

    def follow(self, interval_s: float) -> Iterator[bool]:
        """Yield True when something is new, at most once per interval; False now and then while nothing is.

        The first piece and the end are told at once.
        """
        seen = 0
        while not self.has_ended:
            with self._changed:
                if is_quiet := self._change_count == seen:
                    is_quiet = not self._changed.wait(LOOK_UP_S)
                seen = self._change_count
            yield not is_quiet
            if not is_quiet:
                self._rest(interval_s)
        yield True

    def _rest(self, interval_s: float) -> None:
        """Wait for so long, or until all of the text has come."""
        with self._changed:
            self._changed.wait_for(lambda: self.is_whole, interval_s)


def activity_of(event: Event) -> str:
    """Return what a turn does while no text comes."""
    if isinstance(event, ToolProgress):
        return event.text
    if isinstance(event, ThinkingDelta):
        return THINKING
    if isinstance(event, Anew):
        return event.reason
    if isinstance(event, ReadingWords):
        return f"Reading the words of “{event.name}”…"
    return "Summarising what no longer fits…" if isinstance(event, Summarising) else ""
