"""What becomes of a turn's events: they go into the conversation, piece by piece.

What an answer took, noted on it: times as we measure them, tokens as the provider counts them.

It leaves out the cost, which follows from the counts: that is `model/usage/prices.py`. Nothing here is done per piece
of text but a comparison; what takes longer waits for the end of the answer.
"""

import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from controller.chat.request import digest
from controller.tokens import count_tokens
from model.chat.conversation import Conversation
from model.chat.events import (
    AnswerReset,
    Event,
    FinishReason,
    Sent,
    Summarised,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    ToolResult,
    Usage,
    WordsRead,
)
from model.chat.message import COMPLETE, CONTENT_FILTER, FAILED, LENGTH, Message
from model.chat.message_parts import Citation, step_of, take_result
from model.errors import BnaError, InputError, ReplyInterrupted
from model.providers.provider import Endpoint


def apply_event(event: Event, conversation: Conversation, answer: Message) -> None:
    """Put what an event brings into the conversation."""
    match event:
        case TextDelta():  # first, because there are many
            answer.content += event.text
        case ThinkingDelta():
            answer.thinking = (answer.thinking or "") + event.text
        case AnswerReset():
            answer.content = ""
        case Citation():
            answer.citations.append(event)
        case ToolCall() | ToolResult():
            _take_step(event, answer)
        case FinishReason():
            answer.finish_reason = event.reason
        case Summarised():
            conversation.insert(event.summary)
        case WordsRead():
            for message in conversation.with_file(event.sha256):
                take_words(message, event)


def _take_step(event: ToolCall | ToolResult, answer: Message) -> None:
    """Put a call, or its result, on the answer; how the request before it ended says nothing about the answer."""
    if isinstance(event, ToolCall):
        answer.finish_reason = None
        answer.tool_steps.append(step_of(event, at=len(answer.content)))
    else:
        take_result(answer.tool_steps, event)


def take_words(message: Message, read: WordsRead) -> None:
    """Put the words of a file on a message; in its very list, which the turn's copy of the message has, too."""
    for place, file in enumerate(message.attachments):
        if file.sha256 == read.sha256:
            message.attachments[place] = replace(file, words=read.words)


def with_paragraph_gaps(answer: Message, events: Iterator[Event]) -> Iterator[Event]:
    """Yield events whose text begins with the gap that belongs behind the text before it.

    A model that goes on with an answer begins with a word, and leaves out the space; what it says after it has called
    a tool is a paragraph of its own. So is what it thinks after it has said or called something. Text that turns out to
    be thoughts is taken back.
    """
    is_new, is_thinking, before = True, False, ""
    for event in events:
        if isinstance(event, TextDelta):
            if is_new:
                before = answer.content
                event = TextDelta(_gap(answer, event.text) + event.text)
        elif isinstance(event, ThinkingDelta):
            if event.recasts:
                yield AnswerReset("")
                if before:
                    yield TextDelta(before)
                is_new = True
            if answer.thinking and not is_thinking:
                event = ThinkingDelta("\n\n" + event.text)
        is_new = isinstance(event, ToolCall) or (is_new and not isinstance(event, TextDelta))
        is_thinking = isinstance(event, ThinkingDelta)
        yield event


def _gap(answer: Message, text: str) -> str:
    """Return what has to stand between an answer's text and the next piece."""
    before = answer.content
    if before and any(step.at == len(before) for step in answer.tool_steps):
        return "\n\n"
    return " " if before[-1:].isalnum() and text[:1].isalnum() else ""


def check_whole(answer: Message, endpoint: Endpoint) -> None:
    """Refuse an empty answer that nobody asked to end.

    Raises: ReplyInterrupted.
    """
    if answer.content or answer.status != COMPLETE:
        return
    title = endpoint.provider.title
    if answer.finish_reason == LENGTH:
        what = "thought until there was no room left for an answer" if answer.thinking else "had no room for an answer"
        raise ReplyInterrupted(
            f"{endpoint.model_name} {what}.",
            "Set a longer answer, or less thinking, in the conversation's settings, then try again.",
        )
    if answer.finish_reason == CONTENT_FILTER:
        raise ReplyInterrupted(
            f"{title} held the answer back: its content filter stepped in.",
            "Say it in other words, or pick another model.",
        )
    if answer.thinking:
        raise ReplyInterrupted(f"{endpoint.model_name} thought, and then gave no answer.", "Try again.")
    raise ReplyInterrupted(f"{title} sent an empty answer.", "Try again, or say it in other words.")


def mark_failed(question: Message, answer: Message, error: BnaError) -> None:
    """Mark both messages, so that neither is sent to a model again unless the person retries."""
    question.status = answer.status = FAILED
    answer.error, answer.hint = error.message, error.hint


def question_of(conversation: Conversation, answer: Message) -> Message:
    """Return the question of an answer.

    Raises: InputError when it has none.
    """
    question = conversation.question_of(answer)
    if question is None:
        raise InputError("This answer has no question to ask again.", "Write a message instead.")
    return question


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
