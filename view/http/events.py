"""Events as clients get them: the kind's name, and text or an object; the same over HTTP and WebSocket.

A client that knows only `token` and `done` may leave out all others.
"""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any

from starlette.responses import StreamingResponse

from model.chat.events import (
    AnswerReset,
    Event,
    FinishReason,
    LoadingModel,
    Started,
    Summarising,
    TextDelta,
    ThinkingDelta,
    ToolCall,
    ToolProgress,
    ToolResult,
    Usage,
)
from model.chat.message_parts import Attachment, Citation
from utils.net.sse import frame
from utils.threads.trace import Span
from view.http.errors import problem_of
from view.http.turns import LONGEST_TURN_S, Asked

Told = tuple[str, str | dict[str, Any]]
NAMES: dict[type, str] = {
    ToolCall: "tool_call",
    ToolProgress: "tool_progress",
    ToolResult: "tool_result",
    Citation: "citation",
    Attachment: "attachment",
    Usage: "usage",
    FinishReason: "finish_reason",
    LoadingModel: "loading_model",
    Summarising: "summarising",
    AnswerReset: "anew",
}
# Buffers between here and the client would hold tokens back.
STREAM_HEADERS = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}


def told_as(event: Event) -> Told | None:
    """Return what a client is told of an event; None for what is none of its business."""
    if isinstance(event, TextDelta):
        return "token", event.text
    if isinstance(event, ThinkingDelta):
        return "thinking", event.text
    if isinstance(event, Started):
        return "started", {"question_id": event.question.id, "answer_id": event.answer.id}
    if isinstance(event, Span):
        return "trace", {**asdict(event), "docstring": event.docstring, "source": event.source}
    name = NAMES.get(type(event))
    return (name, asdict(event)) if name else None


async def told(asked: Asked, after: int = 0) -> AsyncIterator[list[tuple[int, Told]]]:
    """Yield a turn's events, numbered, as many as have come; the last one is `done`, or `error` with the problem."""
    number = after
    async for batch in asked.feed.batches(after):
        number = batch[-1][0]
        yield [(place, known) for place, event in batch if (known := told_as(event))]
    await asked.ended()
    rest = list(enumerate(asked.feed.so_far()[number:], number + 1))  # how it was saved, for who looks inside
    yield [(place, known) for place, event in rest if (known := told_as(event))]
    error = asked.turn.error
    done: Told = ("done", {"conversation_id": asked.conversation_id})
    yield [(number + len(rest) + 1, ("error", problem_of(error)) if error else done)]


async def frames(asked: Asked) -> AsyncIterator[bytes]:
    """Yield a turn as server-sent events; a client that leaves, or stays too long, ends it."""
    alarm = asyncio.get_running_loop().call_later(LONGEST_TURN_S, asked.turn.stop)
    try:
        async for batch in told(asked):
            # One write for all that has come: where many answers stream at once, writes are what takes long.
            if packed := b"".join(frame(name, as_text(data)) for _, (name, data) in batch):
                yield packed
    finally:
        alarm.cancel()
        asked.turn.stop()


def as_text(data: str | dict[str, Any]) -> str:
    return data if isinstance(data, str) else json.dumps(data)


def streamed(asked: Asked) -> StreamingResponse:
    """Return a turn as a response of server-sent events."""
    return StreamingResponse(frames(asked), media_type="text/event-stream", headers=STREAM_HEADERS)
