"""The answer that is being written: every event of its turn goes through `LiveAnswer.emit`.

An event changes the answer and its conversation there, under one lock; then it is told to whoever keeps the turn on
disk and wakes the pages that follow it. What an answer took is noted on it: times as we measure them, tokens as the
provider counts them. It leaves out the cost, which follows from the counts: that is `model/providers/prices.py`.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from threading import Lock
from typing import Any

from controller.chat.apply_events import apply_event
from controller.chat.request import digest
from controller.tokens import count_tokens
from model.chat.conversation import Conversation
from model.chat.events import AnswerReset, Event, Finished, Sent, Started, TextDelta, ThinkingDelta, ToolCall, Usage
from model.chat.message import Message


class LiveAnswer:
    """One question and its answer, from `Started` to `Finished`; the only one who changes their conversation then."""

    def __init__(self, conversation: Conversation, started: Started, tell: Callable[[Event], None]) -> None:
        self.conversation = conversation
        self.question, self.answer = started.question, started.answer
        self._tell = tell
        self._notes = _Notes(started.answer)
        self._lock = Lock()
        self._has_ended = False
        self._flows = False  # text came last, so there is nothing to note of more
        self._begins = True  # the next text begins the answer, or a paragraph of it
        self._is_thinking = False
        self._before = ""  # what the answer said before the text that comes

    def emit(self, event: Event) -> None:
        """Take an event, from whichever thread; what comes behind the end is left alone."""
        with self._lock:
            if self._has_ended:
                return
            if self._flows and type(event) is TextDelta:  # as nearly always
                self.answer.content += event.text
                self._tell(event)
                return
            for one in self._completed(event):
                self._take(one)
            self._flows = type(event) is TextDelta

    def repeat(self, event: Event) -> None:
        """Take an event as another process tells it: there it has been completed and noted."""
        with self._lock:
            apply_event(event, self.conversation, self.answer)
            self._tell(event)

    def still(self) -> AbstractContextManager[object]:
        """Let no event come in the block."""
        return self._lock

    def end(self) -> None:
        """Take no more events, and note what the answer took."""
        with self._lock:
            self._has_ended = True
            self._notes.end()

    def tell_end(self) -> None:
        """Tell that the answer is whole."""
        self._tell(Finished(replace(self.answer)))

    def copy(self) -> Conversation:
        """Return the conversation as it is now for another reader; they share the answer as long as it grows."""
        with self._lock:
            shared = None if self._has_ended else self.answer
            messages, beside = (
                [message if message is shared else replace(message) for message in some]
                for some in (self.conversation.messages, self.conversation.beside)
            )
            return replace(self.conversation, messages=messages, beside=beside)

    def _take(self, event: Event) -> None:
        if isinstance(event, Sent):  # it goes no further
            self._notes.take_request(event)
            return
        self._notes.take(event)
        apply_event(event, self.conversation, self.answer)
        self._tell(event)

    def _completed(self, event: Event) -> Iterator[Event]:
        """Yield an event with the gap that belongs before its text, and with what takes text back.

        A model that goes on with an answer begins with a word, and leaves out the space; what it says after it has
        called a tool is a paragraph of its own. So is what it thinks after it has said or called something. Text that
        turns out to be thoughts is taken back.
        """
        if isinstance(event, TextDelta):
            if self._begins:
                self._before = self.answer.content
                event = TextDelta(_gap(self.answer, event.text) + event.text)
        elif isinstance(event, ThinkingDelta):
            if event.recasts:
                yield AnswerReset("")
                if self._before:
                    yield TextDelta(self._before)
                self._begins = True
            if self.answer.thinking and not self._is_thinking:
                event = ThinkingDelta("\n\n" + event.text)
        self._begins = isinstance(event, ToolCall) or (self._begins and not isinstance(event, TextDelta))
        self._is_thinking = isinstance(event, ThinkingDelta)
        yield event


def _gap(answer: Message, text: str) -> str:
    """Return what has to stand between an answer's text and the next piece."""
    before = answer.content
    if before and any(step.at == len(before) for step in answer.tool_steps):
        return "\n\n"
    return " " if before[-1:].isalnum() and text[:1].isalnum() else ""


class _Notes:
    """What an answer took; what takes longer than a comparison waits for its end."""

    def __init__(self, answer: Message) -> None:
        self._answer = answer
        self._began_at = time.monotonic()
        self._sent: list[dict[str, Any]] = []
        self._request_count = 0
        self._thinking_since: float | None = None

    def take_request(self, event: Sent) -> None:
        """Note that a request has left."""
        self._sent = event.messages
        self._request_count += 1

    def take(self, event: Event) -> None:
        """Note what an event tells."""
        if isinstance(event, ThinkingDelta):
            self._begin_thinking(event)
        elif isinstance(event, TextDelta | ToolCall):
            self._end_thinking()
        if isinstance(event, TextDelta) and self._answer.first_token_s is None:
            self._answer.first_token_s = round(time.monotonic() - self._began_at, 3)
        elif isinstance(event, Usage):
            _add(self._answer, event)

    def end(self) -> None:
        """Note what nobody should wait for while the answer comes."""
        answer = self._answer
        self._end_thinking()
        answer.duration_s = round((answer.duration_s or 0) + time.monotonic() - self._began_at, 3)
        if answer.request_digest is None:
            answer.request_count = self._request_count if self._request_count > 1 else None
            answer.request_digest = digest(self._sent) if self._sent else None
        if answer.content and answer.completion_token_count is None:
            # The provider told nothing, or the person pressed Stop before it could: so we count.
            answer.token_count = None
            count_tokens(answer)

    def _begin_thinking(self, event: ThinkingDelta) -> None:
        if event.recasts and self._answer.first_token_s is not None:
            self._thinking_since, self._answer.first_token_s = self._began_at + self._answer.first_token_s, None
        if self._thinking_since is None:
            self._thinking_since = time.monotonic()

    def _end_thinking(self) -> None:
        if self._thinking_since is not None:
            thought_s = (self._answer.thinking_s or 0) + time.monotonic() - self._thinking_since
            self._answer.thinking_s, self._thinking_since = round(max(0.0, thought_s), 3), None


def _add(answer: Message, usage: Usage) -> None:
    """Add the counts of one request: a turn with tools makes several."""
    answer.prompt_token_count = (answer.prompt_token_count or 0) + usage.prompt_token_count
    answer.completion_token_count = (answer.completion_token_count or 0) + usage.completion_token_count
    if usage.thinking_token_count:
        answer.thinking_token_count = (answer.thinking_token_count or 0) + usage.thinking_token_count
