"""What an answer took, noted on it: times as we measure them, tokens as the provider counts them.

It leaves out the cost, which follows from the counts: that is `model/prices.py`. Nothing here is done per piece of
text but a comparison; what takes longer waits for the end of the answer.
"""

import time
from collections.abc import Iterator
from typing import Any

from controller.request import digest
from controller.tokens import count_tokens
from model.event import Event, Sent, TextDelta, ThinkingDelta, ToolCall, Usage
from model.message import Message


def measured(answer: Message, events: Iterator[Event]) -> Iterator[Event]:
    """Pass a turn's events on, and note on the answer what they took; `Sent` goes no further."""
    began_at = time.monotonic()
    sent: list[dict[str, Any]] = []
    request_count = 0
    thinking_since: float | None = None
    try:
        for event in events:
            if isinstance(event, Sent):
                sent = event.messages
                request_count += 1
            else:
                _note(answer, event, began_at)
                if thinking_since is not None or isinstance(event, ThinkingDelta):
                    thinking_since = _note_thinking(answer, event, thinking_since, began_at)
                yield event
    finally:
        if thinking_since is not None:
            _add_thinking(answer, thinking_since)
        answer.duration_s = round((answer.duration_s or 0) + time.monotonic() - began_at, 3)
        if answer.request_digest is None:
            answer.request_count = request_count if request_count > 1 else None
        _note_at_end(answer, sent)


def _note(answer: Message, event: Event, began_at: float) -> None:
    """Note what an event tells of an answer."""
    if isinstance(event, TextDelta) and answer.first_token_s is None:
        answer.first_token_s = round(time.monotonic() - began_at, 3)
    elif isinstance(event, Usage):
        _add(answer, event)


def _note_thinking(answer: Message, event: Event, since: float | None, began_at: float) -> float | None:
    """Note how long the model thought, when that ends with text or a call; return since when it thinks."""
    if isinstance(event, ThinkingDelta):
        if event.recasts and answer.first_token_s is not None:
            since, answer.first_token_s = began_at + answer.first_token_s, None
        return time.monotonic() if since is None else since
    if since is None or not isinstance(event, TextDelta | ToolCall):
        return since
    _add_thinking(answer, since)
    return None


def _add_thinking(answer: Message, since: float) -> None:
    answer.thinking_s = round((answer.thinking_s or 0) + time.monotonic() - since, 3)


def _add(answer: Message, usage: Usage) -> None:
    """Add the counts of one request: a turn with tools makes several."""
    answer.prompt_token_count = (answer.prompt_token_count or 0) + usage.prompt_token_count
    answer.completion_token_count = (answer.completion_token_count or 0) + usage.completion_token_count
    if usage.thinking_token_count:
        answer.thinking_token_count = (answer.thinking_token_count or 0) + usage.thinking_token_count


def _note_at_end(answer: Message, sent: list[dict[str, Any]]) -> None:
    """Note what nobody should wait for while the answer comes."""
    if sent and answer.request_digest is None:
        answer.request_digest = digest(sent)
    if answer.content and answer.completion_token_count is None:
        # The provider told nothing, or the person pressed Stop before it could: so we count.
        answer.token_count = None
        count_tokens(answer)
