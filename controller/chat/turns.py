"""Turns: questions being answered, apart from the page that asked.

A turn runs in a worker thread and belongs to its conversation, not to a page: reload, switch page or close the tab, and
it goes on; whoever opens the conversation follows it again. The question is on disk before the request leaves, and the
answer's text as it grows. The worker never draws: pages look at `turn.answer` when `follow` says that it has changed.
"""

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from threading import Condition, Lock, Thread
from typing import Protocol

from controller.chat.apply_events import mark_failed
from controller.chat.controller import ChatController
from controller.chat.live_answer import LiveAnswer
from controller.turn import ModelSelection, ToolApproval, TurnControl
from model.chat.conversation import Conversation
from model.chat.events import (
    AnswerReset,
    Event,
    Finished,
    LoadingModel,
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
from model.chat.message_parts import Attachment, Citation
from model.errors import AllDeleted, BnaError, StoreError, TurnUnderWay
from model.store.protocol import AnswerLog, TurnJournal
from utils.threads.trace import traced, tracing

THINKING = "Thinking…"
LOOK_UP_S = 0.2  # how often a waiting page looks up, so that Streamlit can stop it


class RunningTurn:
    """One question being answered, and the one owner of its conversation meanwhile; made by `Turns`."""

    def __init__(
        self, conversation: Conversation, control: TurnControl, started: Started, record: "Record | None" = None
    ) -> None:
        self.conversation = conversation
        self.answer = started.answer
        self.error: BnaError | None = None
        self.activity = ""  # what it does while no text comes
        self.said: str | None = None  # what the answer said when it was whole
        self.is_whole = False  # all of the text has come
        self.has_ended = False  # and it is saved
        self.live = LiveAnswer(conversation, started, self._take)
        self.record = record or Record()
        self.control = control
        self._change_count = 0
        self._changed = Condition()

    def _take(self, event: Event) -> None:
        """Keep an event on disk, and wake whoever follows."""
        self.record.take(event, self.conversation)
        self.activity = "" if type(event) is TextDelta else activity_of(event)
        self.note(is_whole=type(event) is Finished)

    @property
    def gate(self) -> ToolApproval:
        """Return where tools wait for the person's yes."""
        return self.control.gate

    def copy(self) -> Conversation:
        """Return the conversation for another tab: two must not change one object, but both see the answer grow."""
        return self.live.copy()

    def stop(self) -> None:
        """End the answer; what had come is kept."""
        self.control.stop.set()

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
        self.control.sent.wait(timeout_s)

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
    if isinstance(event, LoadingModel):
        after = f" once {event.waits_for} has answered" if event.waits_for else ""
        return f"Loading {event.name}{after}…"
    if isinstance(event, ReadingWords):
        return f"Reading the words of “{event.name}”…"
    return "Summarising what no longer fits…" if isinstance(event, Summarising) else ""


MOST_UNTOLD = 100  # of clients that never look
JUST_NOW_S = 60.0


class OtherProcesses:
    """What is to be known of turns in other processes, and they of ours; by itself one knows of none."""

    def tell_begin(self, turn: RunningTurn) -> None: ...

    def tell_end(self, turn: RunningTurn) -> None: ...

    def turn_of(self, conversation_id: str | None) -> RunningTurn | None:
        del conversation_id
        return None

    def conversations(self) -> list[Conversation]:
        """Return at least the first words of each conversation in which a turn runs there."""
        return []


class Turns:
    """A person's turns; those that run in this process are here, and are told to others."""

    def __init__(
        self,
        journal: TurnJournal,
        after: Callable[[Conversation], None] = lambda _conversation: None,
        before: Callable[[], None] = lambda: None,
        others: OtherProcesses | None = None,
    ) -> None:
        """Keep turns in a journal.

        `after` is called in the worker when one has ended without an error, `before` before one begins.
        """
        self._journal = journal
        self._after, self._before = after, before
        self._others = others or OtherProcesses()
        self._running: list[RunningTurn] = []
        self._workers: list[Thread] = []
        self._untold: OrderedDict[str | None, tuple[float, BnaError]] = OrderedDict()
        self._lock, self._starting = Lock(), Lock()
        self._is_closed = False

    def of(self, conversation_id: str | None) -> RunningTurn | None:
        """Return the turn that runs in a conversation, here or in another process."""
        return self.here(conversation_id) or self._others.turn_of(conversation_id)

    def here(self, conversation_id: str | None) -> RunningTurn | None:
        with self._lock:
            return next((turn for turn in self._running if turn.conversation.id == conversation_id), None)

    def running(self) -> list[RunningTurn]:
        """Return all turns that run in this process now."""
        with self._lock:
            return list(self._running)

    def conversations(self) -> list[Conversation]:
        """Return the conversations in which a turn runs; of those in other processes perhaps the first words alone."""
        return [*(turn.conversation for turn in self.running()), *self._others.conversations()]

    def ask(
        self,
        controller: ChatController,
        conversation: Conversation,
        prompt: str,
        selection: ModelSelection | None = None,
        attachments: Sequence[Attachment] = (),
    ) -> RunningTurn:
        """Ask a stage a question: when this returns, it is on disk, and a worker is about to send the request.

        Raises: BnaError when it can't be begun, because there is nothing to send or it can't be saved.
        """
        selection = selection or ModelSelection()
        return self.start(
            controller, conversation, lambda: controller.ask(conversation, prompt, attachments), selection
        )

    def start(
        self,
        controller: ChatController,
        conversation: Conversation,
        begin: Callable[[], Started],
        selection: ModelSelection,
        control: TurnControl | None = None,
        feed: "Feed | None" = None,
    ) -> RunningTurn:
        """Start a turn; `begin` puts question and answer into the conversation, once no turn runs there.

        A feed gets all events. Raises: BnaError, as `ask` does.
        """
        control = control or TurnControl()
        # One at a time, so that two tabs can't begin one in the same conversation.
        with self._starting, tracing(control.trace):
            if self._is_closed:
                raise AllDeleted()
            if self.of(conversation.id):
                raise TurnUnderWay("An answer is still being written.", "Wait for it, or stop it.")
            self._before()
            started = begin()
            record = Record(self._log(conversation, started), self._journal.is_crowded)
            record.feeds += [feed] if feed else []
            turn = RunningTurn(conversation, control, started, record)
            record.take(started, conversation)
            with self._lock:
                self._running.append(turn)
            self._others.tell_begin(turn)
        worker = Thread(target=self._run, args=(turn, controller, selection), daemon=True)
        self._workers = [*(one for one in self._workers if one.is_alive()), worker]
        worker.start()
        return turn

    def _log(self, conversation: Conversation, started: Started) -> AnswerLog | None:
        """Return what keeps the turn on disk; a temporary conversation is never there.

        Raises: StoreError; question and answer are marked failed.
        """
        if conversation.is_temporary:
            return None
        try:
            return self._journal.begin(conversation, started.question, started.answer)
        except BnaError as error:
            mark_failed(started.question, started.answer, error)
            raise

    def _run(self, turn: RunningTurn, controller: ChatController, selection: ModelSelection) -> None:
        """Let the answer be written to its end, then fold the turn into the store."""
        try:
            with tracing(turn.control.trace):
                self._write(turn, controller, selection)
        finally:
            turn.note(has_ended=True)
        if turn.error is None:
            self._after(turn.conversation)

    def _write(self, turn: RunningTurn, controller: ChatController, selection: ModelSelection) -> None:
        try:
            controller.answer(turn.live, selection, turn.control)
        except BnaError as error:
            turn.error = error
        except Exception:
            turn.error = BnaError("bnaGPT has a bug here.", "The terminal shows details. What came before is kept.")
            logging.getLogger(__name__).exception("A turn failed")
        finally:
            turn.said = turn.answer.content
            turn.record.close_feeds()
            self._end(turn, turn.record.log)

    @traced("The turn ends")
    def _end(self, turn: RunningTurn, log: AnswerLog | None) -> None:
        """Save the turn, and let go of it."""
        try:
            if log:
                log.end()
        except BnaError as error:
            turn.error = turn.error or error
        finally:
            self._others.tell_end(turn)
            with self._lock:
                self._running.remove(turn)
                if turn.error and not turn.answer.error:
                    self._untold[turn.conversation.id] = time.monotonic(), turn.error
                    while len(self._untold) > MOST_UNTOLD:
                        self._untold.popitem(last=False)

    def take_error(self, conversation_id: str | None) -> BnaError | None:
        """Return, once, what went wrong at a turn's end just now and does not stand on its answer."""
        with self._lock:
            ended_at, error = self._untold.pop(conversation_id, (0.0, None))
        return error if time.monotonic() - ended_at < JUST_NOW_S else None

    def recover(self) -> None:
        """Save what another process of this machine left that is gone."""
        self._journal.recover()

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
                raise TurnUnderWay("The answer that is being written here has not ended yet.", "Try again in a moment.")

    def close(self, timeout_s: float = 5.0) -> None:
        """Stop all turns, here and in other processes, wait until they are saved, and let none begin here any more.

        Raises: TurnUnderWay when that takes too long; then turns may begin again.
        """
        with self._starting:
            self._is_closed = True
        elsewhere = (self._others.turn_of(conversation.id) for conversation in self._others.conversations())
        running, until_s = [*self.running(), *filter(None, elsewhere)], time.monotonic() + timeout_s
        for turn in running:
            turn.stop()
        if not all(turn.wait(max(0.0, until_s - time.monotonic())) for turn in running):
            self._is_closed = False
            raise TurnUnderWay("An answer that is being written has not ended yet.", "Try again in a moment.")


class Feed(Protocol):
    """Whoever wants a turn's events as they are: a view that sends them on."""

    def put(self, item: Event) -> None:
        """Take an event."""

    def close(self) -> None:
        """Take no more."""


class Record:
    """Where the events of one turn are written down: on disk, and in feeds."""

    def __init__(self, log: AnswerLog | None = None, is_crowded: Callable[[], bool] = lambda: False) -> None:
        self.log = log
        self.feeds: list[Feed] = []
        self._is_crowded = is_crowded

    def take(self, event: Event, conversation: Conversation) -> None:
        """Write an event down; feeds get it when it is on disk, unless so many turns run that this takes long."""
        is_first = bool(self.feeds) and self._is_crowded()
        if is_first:
            self._feed(event)
        if self.log:
            with suppress(StoreError):  # then it is in memory, and the turn's end tells of it
                _keep(event, self.log, conversation)
        if not is_first:
            self._feed(event)

    def _feed(self, event: Event) -> None:
        for feed in self.feeds:
            feed.put(event)

    def close_feeds(self) -> None:
        """Tell the feeds that nothing more comes."""
        for feed in self.feeds:
            feed.close()


def _keep(event: Event, log: AnswerLog, conversation: Conversation) -> None:
    """Put on disk what an event has changed. Raises: StoreError."""
    match event:
        case TextDelta():
            log.gather(event.text)
        case ThinkingDelta():
            log.gather(thinking=event.text)
        case Summarised():
            log.also.append(event.summary)
        case WordsRead():
            log.also += conversation.with_file(event.sha256)
        case AnswerReset():
            log.mark()
        case ToolCall() | ToolResult():
            log.mark_steps(event.id)
        case Citation():
            log.mark_citation(event)
