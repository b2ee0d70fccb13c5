"""What becomes of a turn's events: they go into the conversation, piece by piece. And how an answer ends."""

from dataclasses import replace

from model.chat.conversation import Conversation
from model.chat.events import (
    AnswerReset,
    Event,
    FinishReason,
    Summarised,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    ToolResult,
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
        case Citation() if all(one.number != event.number for one in answer.citations):
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


def check_whole(answer: Message, endpoint: Endpoint) -> None:
    """Refuse an empty answer that nobody asked to end. Raises: ReplyInterrupted."""
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
        raise ReplyInterrupted(f"{endpoint.model_name} stopped after thinking, without an answer.", "Try again.")
    raise ReplyInterrupted(f"{title} sent an empty answer.", "Try again, or say it in other words.")


def mark_failed(question: Message, answer: Message, error: BnaError) -> None:
    """Mark both messages, so that neither is sent to a model again unless the person retries."""
    question.status = answer.status = FAILED
    answer.error, answer.hint = error.message, error.hint


def question_of(conversation: Conversation, answer: Message) -> Message:
    """Return the question of an answer. Raises: InputError when it has none."""
    question = conversation.question_of(answer)
    if question is None:
        raise InputError("This answer has no question to ask again.", "Write a message instead.")
    return question
