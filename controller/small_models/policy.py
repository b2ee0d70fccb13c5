"""The policy for a model too small to be trusted: rules that answer in its place, and a guard over its words.

A model that goes in circles is stopped, and one round of the circle is kept. What looks like the call of a tool,
written as text by a model that has none to call, is never taken for an answer. Both are told by the text alone.
"""

from collections.abc import Callable, Container, Iterator
from contextlib import contextmanager, suppress
from datetime import tzinfo

import regex

from controller.small_models.rules import answered_by_rule
from controller.turn import SmallModelPolicy, Turn
from model.chat.events import AnswerReset, Event, FinishReason, TextDelta
from model.chat.message import LOOP
from model.errors import ReplyInterrupted
from utils.model_output.repetition import loop_begins
from utils.threads.trace import note, traced

LOOK_EVERY_CHARS = 40
# How small models write calls: bare JSON, in a block of code, or between the marks that they were trained with.
_CALL = regex.compile(
    r"\s*(?:```(?:json|xml)?\s*)?(?:<tool_call>|\{\s*\"(?:name|function|tool)\"\s*:\s*\"[\w.-]{1,64}\"\s*,\s*"
    r"\"(?:arguments|parameters|args)\"\s*:)"
)


class SmallModelRules(SmallModelPolicy):
    """Answers by rule what a small model makes up, and guards what it says."""

    def __init__(self, zone: Callable[[], tzinfo | None] = lambda: None) -> None:
        self._zone = zone

    @traced("Does a rule know what a small model would make up?")
    def answer(self, turn: Turn, left_to_tools: Container[str]) -> str:
        words = answered_by_rule(turn, left_to_tools, self._zone())
        note(answer=words or "No: the model is asked.")
        return words

    @contextmanager
    def guarded(self, turn: Turn) -> Iterator[Callable[[Event], None]]:
        if not turn.endpoint.provider.is_small:
            yield turn.emit
            return
        guard = SmallModelGuard(turn)
        with suppress(AnswerEnded):
            yield guard.emit
            guard.end()


class AnswerEnded(Exception):
    """The answer ends here, although the model goes on writing."""


class SmallModelGuard:
    """Looks at the events of one answer on their way to its turn."""

    def __init__(self, turn: Turn) -> None:
        self._turn = turn
        self._begun_length = len(turn.answer.content)
        self._held, self._is_known = "", False  # text that may become a call of a tool, until that is known
        self._looked_at = 0

    def emit(self, event: Event) -> None:
        """Pass an event on, or hold it back.

        Raises: ReplyInterrupted when the answer is the call of a tool; AnswerEnded when it goes in circles.
        """
        if isinstance(event, TextDelta):
            self._take_text(event)
        else:
            self._turn.emit(event)

    def end(self) -> None:
        """Pass on what was held: it never became a call."""
        if self._held and not self._is_known:
            self._turn.emit(TextDelta(self._held))

    def _take_text(self, event: TextDelta) -> None:
        if not self._is_known:
            self._held += event.text
            if _CALL.match(self._held):
                raise ReplyInterrupted("The model wrote the call of a tool, and no answer.", "Ask it in other words.")
            if _CALL.fullmatch(self._held, partial=True):
                return
            self._is_known, event = True, TextDelta(self._held)
        self._turn.emit(event)
        if len(self._turn.answer.content) - self._looked_at >= LOOK_EVERY_CHARS:
            self._look_for_loop(self._turn.answer.content)

    def _look_for_loop(self, text: str) -> None:
        self._looked_at = len(text)
        if (end := loop_begins(text)) is not None:
            self._turn.emit(AnswerReset(""))
            self._turn.emit(TextDelta(text[: max(end, self._begun_length)].rstrip()))
            self._turn.emit(FinishReason(LOOP))
            raise AnswerEnded
