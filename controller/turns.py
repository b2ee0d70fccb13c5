"""Turns: questions being answered, apart from the page that asked.

A turn runs in a worker thread and belongs to its conversation, not to a page: reload, switch page or close the tab, and
it goes on; whoever opens the conversation follows it again. The question is on disk before the request leaves, and the
answer's text as it grows. The worker never draws: pages look at `turn.answer` when `follow` says that it has changed.
"""

import logging
from collections.abc import Iterator
from contextlib import suppress
from threading import Lock, Thread

from controller.base import ChatController, Choice, mark_failed
from controller.running_turn import RunningTurn
from model.conversation import Conversation
from model.errors import BnaError, StoreError
from model.event import Event, Finished, Started, TextDelta
from model.journal import Journal
from model.message import Message
from model.turn_log import TurnLog


class Turns:
    """All turns that run in this process."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._running: list[RunningTurn] = []
        self._lock, self._starting = Lock(), Lock()

    def of(self, conversation_id: str | None) -> RunningTurn | None:
        """Return the turn that runs in a conversation, if one does."""
        with self._lock:
            return next((turn for turn in self._running if turn.conversation.id == conversation_id), None)

    def ask(self, controller: ChatController, conversation: Conversation, prompt: str, choice: Choice) -> RunningTurn:
        """Start to answer a prompt.

        Raises: BnaError when it can't be begun, because there is nothing to send or it can't be saved.
        """
        return self._start(conversation, choice, controller.reply(conversation, prompt, choice))

    def retry(
        self, controller: ChatController, conversation: Conversation, answer: Message, choice: Choice
    ) -> RunningTurn:
        """Start to answer a question again, in the place of an answer; raises what `ask` does."""
        return self._start(conversation, choice, controller.retry(conversation, answer, choice))

    def _start(self, conversation: Conversation, choice: Choice, events: Iterator[Event]) -> RunningTurn:
        """Begin one turn at a time, so that two tabs can't begin one in the same conversation."""
        with self._starting:
            if self.of(conversation.id):
                raise BnaError("An answer is still being written.", "Wait for it, or press Stop.")
            return self._begin(conversation, choice, events)

    def _begin(self, conversation: Conversation, choice: Choice, events: Iterator[Event]) -> RunningTurn:
        """Write the turn down, and only then let it run."""
        started = next(events)
        assert isinstance(started, Started)
        try:
            log = self._journal.begin(conversation, started.question, started.answer)
        except BnaError as error:
            mark_failed(started.question, started.answer, error)
            raise
        turn = RunningTurn(conversation, choice, started)
        with self._lock:
            self._running.append(turn)
        Thread(target=self._run, args=(turn, events, log), daemon=True).start()
        return turn

    def _run(self, turn: RunningTurn, events: Iterator[Event], log: TurnLog) -> None:
        """Take the events to the end, then fold the turn into the store."""
        try:
            for event in events:
                _keep(event, log)
                turn.note(is_whole=isinstance(event, Finished))
        except BnaError as error:
            turn.error = error
        except Exception:
            turn.error = BnaError("bnaGPT has a bug here.", "The terminal tells more. What had come is kept.")
            logging.getLogger(__name__).exception("A turn failed")
        finally:
            self._end(turn, log)

    def _end(self, turn: RunningTurn, log: TurnLog) -> None:
        """Save the turn, and let go of it."""
        try:
            log.end()
        except BnaError as error:
            turn.error = turn.error or error
        finally:
            with self._lock:
                self._running.remove(turn)
            turn.note(has_ended=True)

    def end(self, conversation_id: str, timeout_s: float = 2.0) -> None:
        """Stop the turn that runs in a conversation, if one does, and wait until it is saved."""
        if turn := self.of(conversation_id):
            turn.stop()
            turn.wait(timeout_s)


def _keep(event: Event, log: TurnLog) -> None:
    """Put new text on disk; where that fails, it is in memory, and the turn's end tells of it."""
    if isinstance(event, TextDelta):
        with suppress(StoreError):
            log.grow(event.text)
