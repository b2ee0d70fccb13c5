"""The guard: what stands between a small model's words and the person.

A model that goes in circles is stopped, and one round of the circle is kept. What looks like the call of a tool,
written as text by a model that has none to call, is never taken for an answer. Both are told by the text alone.
"""

from collections.abc import Callable, Iterator

import regex

from controller.turn import Turn
from model.errors import ReplyInterrupted
from model.event import Anew, Event, FinishReason, TextDelta
from model.message import LOOP
from utils.loops import loop_begins

LOOK_EVERY_CHARS = 40
# How small models write calls: bare JSON, in a block of code, or between the marks that they were trained with.
_CALL = regex.compile(
    r"\s*(?:```(?:json|xml)?\s*)?(?:<tool_call>|\{\s*\"(?:name|function|tool)\"\s*:\s*\"[\w.-]{1,64}\"\s*,\s*"
    r"\"(?:arguments|parameters|args)\"\s*:)"
)


def guarded(turn: Turn, events: Iterator[Event], cut: Callable[[], None]) -> Iterator[Event]:
    """Yield an answer's events; end it where it goes in circles, for which `cut` is called.

    Raises: ReplyInterrupted when the answer is the call of a tool.
    """
    begun, looked_at = turn.answer.content, 0
    for event in _without_calls(events, cut):
        yield event
        if not isinstance(event, TextDelta):
            continue
        text = turn.answer.content
        if len(text) - looked_at < LOOK_EVERY_CHARS:
            continue
        looked_at = len(text)
        if (end := loop_begins(text)) is not None:
            cut()
            yield Anew("")
            yield TextDelta(text[: max(end, len(begun))].rstrip())
            yield FinishReason(LOOP)
            return


def _without_calls(events: Iterator[Event], cut: Callable[[], None]) -> Iterator[Event]:
    """Yield events; text that may still become a call of a tool is held back until that is known."""
    held, is_known = "", False
    for event in events:
        if is_known or not isinstance(event, TextDelta):
            yield event
            continue
        held += event.text
        if _CALL.match(held):
            cut()
            raise ReplyInterrupted("The model wrote the call of a tool, and no answer.", "Ask it in other words.")
        if not _CALL.fullmatch(held, partial=True):
            is_known = True
            yield TextDelta(held)
    if held and not is_known:
        yield TextDelta(held)
