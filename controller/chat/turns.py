"""Turns: questions being answered, apart from the page that asked.

A turn runs in a worker thread and belongs to its conversation, not to a page: reload, switch page or close the tab, and
it goes on; whoever opens the conversation follows it again. The question is on disk before the request leaves, and the
answer's text as it grows. The worker never draws: pages look at `turn.answer` when `follow` says that it has changed.

One question being answered: what a page may know of it, and how to end it.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Condition, Lock, Thread

from controller.chat.apply_events import mark_failed
from controller.turn import Choice, ToolApproval
from model.chat.conversation import Conversation
from model.chat.events import (
    AnswerReset,
    Event,
    Finished,
    ReadingWords,
    Started,
    Summarised,
    Summarising,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    ToolProgress,
    ToolResult,
    WordsRead,
)
from model.chat.message_parts import Citation
from model.errors import BnaError, StoreError, TurnUnderWay
from model.store.journal import Journal
from model.store.turn_log import TurnLog

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
    def gate(self) -> ToolApproval:
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
    if isinstance(event, AnswerReset):
        return event.reason
    if isinstance(event, ReadingWords):
        return f"Reading the words of “{event.name}”…"
    return "Summarising what no longer fits…" if isinstance(event, Summarising) else ""


MOST_UNTOLD = 100  # of clients that never look
JUST_NOW_S = 60.0


class Turns:
    """All turns that run in this process."""

    def __init__(
        self,
        journal: Journal,
        after: Callable[[Conversation], None] = lambda _conversation: None,
        before: Callable[[], None] = lambda: None,
    ) -> None:
        """Keep turns in a journal.

        `after` is called in the worker when one has ended without an error, `before` before one begins.
        """
        self._journal = journal
        self._after, self._before = after, before
        self._running: list[RunningTurn] = []
        self._workers: list[Thread] = []
        self._untold: OrderedDict[str | None, tuple[float, BnaError]] = OrderedDict()
        self._lock, self._starting = Lock(), Lock()

    def of(self, conversation_id: str | None) -> RunningTurn | None:
        """Return the turn that runs in a conversation, if one does."""
        with self._lock:
            return next((turn for turn in self._running if turn.conversation.id == conversation_id), None)

    def running(self) -> list[RunningTurn]:
        """Return all turns that run now."""
        with self._lock:
            return list(self._running)

    def is_crowded(self) -> bool:
        """Return whether so many turns run that not every piece of each is on disk at once."""
        return self._journal.is_crowded()

    def start(self, conversation: Conversation, choice: Choice, events: Iterator[Event]) -> RunningTurn:
        """Start a turn: take a controller's events in a worker.

        Nothing of the conversation may change before the first event is taken, for until then a turn can be refused.
        Raises: BnaError when it can't be begun, because there is nothing to send or it can't be saved.
        """
        # One at a time, so that two tabs can't begin one in the same conversation.
        with self._starting:
            if self.of(conversation.id):
                raise TurnUnderWay("An answer is still being written.", "Wait for it, or stop it.")
            self._before()
            return self._begin(conversation, choice, events)

    def _begin(self, conversation: Conversation, choice: Choice, events: Iterator[Event]) -> RunningTurn:
        """Write the turn down, and only then let it run."""
        started = next(events)
        assert isinstance(started, Started)
        try:
            log = self._log(conversation, started)
        except BnaError as error:
            mark_failed(started.question, started.answer, error)
            raise
        turn = RunningTurn(conversation, choice, started)
        with self._lock:
            self._running.append(turn)
        worker = Thread(target=self._run, args=(turn, events, log), daemon=True)
        self._workers = [*(one for one in self._workers if one.is_alive()), worker]
        worker.start()
        return turn

    def _log(self, conversation: Conversation, started: Started) -> TurnLog | None:
        """Return what keeps the turn on disk; a temporary conversation is never there."""
        if conversation.is_temporary:
            return None
        return self._journal.begin(conversation, started.question, started.answer)

    def _run(self, turn: RunningTurn, events: Iterator[Event], log: TurnLog | None) -> None:
        """Take the events to the end, then fold the turn into the store."""
        try:
            for event in events:
                _keep(event, log, turn.conversation)
                turn.activity = activity_of(event)
                turn.note(is_whole=isinstance(event, Finished))
        except BnaError as error:
            turn.error = error
        except Exception:
            turn.error = BnaError("bnaGPT has a bug here.", "The terminal tells more. What had come is kept.")
            logging.getLogger(__name__).exception("A turn failed")
        finally:
            self._end(turn, log)
        if turn.error is None:
            self._after(turn.conversation)

    def _end(self, turn: RunningTurn, log: TurnLog | None) -> None:
        """Save the turn, and let go of it."""
        try:
            if log:
                log.end()
        except BnaError as error:
            turn.error = turn.error or error
        finally:
            with self._lock:
                self._running.remove(turn)
                if turn.error and not turn.answer.error:
                    self._untold[turn.conversation.id] = time.monotonic(), turn.error
                    while len(self._untold) > MOST_UNTOLD:
                        self._untold.popitem(last=False)
            turn.note(has_ended=True)

    def take_error(self, conversation_id: str | None) -> BnaError | None:
        """Return, once, what went wrong at a turn's end just now and does not stand on its answer."""
        with self._lock:
            ended_at, error = self._untold.pop(conversation_id, (0.0, None))
        return error if time.monotonic() - ended_at < JUST_NOW_S else None

    def settle(self, timeout_s: float) -> None:
        """Wait until turns, and what comes after them, have ended; for a program that is about to end itself."""
        for worker in self._workers:
            worker.join(timeout_s)
        self._journal.settle()

    def end(self, conversation_id: str, timeout_s: float = 2.0) -> None:
        """Stop the turn that runs in a conversation, if one does, and wait until it is saved.

        Raises: TurnUnderWay when that takes too long; what is deleted before would be saved anew at its end.
        """
        if turn := self.of(conversation_id):
            turn.stop()
            if not turn.wait(timeout_s):
                raise TurnUnderWay("The answer that is being written here does not end yet.", "Try again in a moment.")


def _keep(event: Event, log: TurnLog | None, conversation: Conversation) -> None:
    """Put what is new on disk; where that fails, it is in memory, and the turn's end tells of it."""
    if log is None:
        return
    if isinstance(event, Summarised):
        log.also.append(event.summary)
    if isinstance(event, WordsRead):
        log.also += conversation.with_file(event.sha256)
    with suppress(StoreError):
        if isinstance(event, TextDelta):
            log.gather(event.text)
        if isinstance(event, ThinkingDelta):
            log.gather(thinking=event.text)
        if isinstance(event, AnswerReset):
            log.mark()
        if isinstance(event, ToolCall | ToolResult):
            log.mark_steps(event.id)
        if isinstance(event, Citation):
            log.mark_citation(event)
