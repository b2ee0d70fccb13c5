"""The questions of the HTTP API: a whole answer, or a stream of events."""

import asyncio
from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from controller.services import Services
from controller.stages import STAGES
from view.http.events import streamed
from view.http.schemas import ChatAnswer, ChatRequest, Choices, Health, ProviderRow, StageRow
from view.http.turns import LONGEST_TURN_S, Asked, ask, services_of

Parts = Annotated[Services, Depends(services_of)]
SEEN_EVERY_S = 0.02  # how often a whole answer is looked for, and whether the client is still there
EXAMPLE = """event: token
data: Warm

event: token
data:  air

event: done
data: {"conversation_id": "b7d1c0de5f3a4c0f8a6f5f3f2d1e9c77"}

"""
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Server-sent events: `token` with text, `done` at the end, and others that may be left out, "
        "such as `thinking` with what the model thinks before it answers.",
        "content": {"text/event-stream": {"schema": {"type": "string"}, "example": EXAMPLE}},
    }
}
router = APIRouter()


@router.get("/", tags=["about"])
async def health() -> Health:
    """Tell that the service runs."""
    return Health()


@router.get("/choices", tags=["about"])
def choices(services: Parts) -> Choices:
    """List the stages, providers and models that a request may name."""
    providers = services.providers
    rows = [
        ProviderRow(
            name=row.name,
            title=row.title,
            default_model=providers.default_model(row),
            models=list(providers.models(row).context_windows),
        )
        for row in providers.offered()
    ]
    return Choices(stages=[StageRow(slug=row.slug, title=row.title, adds=row.adds) for row in STAGES], providers=rows)


@router.post("/chat", tags=["chat"], response_model=ChatAnswer, response_model_exclude_none=True)
async def chat(body: ChatRequest, request: Request, services: Parts) -> Response | ChatAnswer:
    """Answer a question, in a conversation that is new or goes on."""
    asked = await run_in_threadpool(ask, services, body)
    if body.stream:
        return streamed(asked)
    await whole(asked, request)
    answer = asked.turn.answer
    return ChatAnswer(
        response=answer.content,
        conversation_id=asked.conversation_id,
        thinking=answer.thinking,
        thinking_s=answer.thinking_s,
        finish_reason=answer.finish_reason,
    )


@router.post("/chat/stream", tags=["chat"], response_class=Response, responses=STREAM)
def chat_stream(body: ChatRequest, services: Parts) -> Response:
    """Answer a question as server-sent events, piece by piece."""
    return streamed(ask(services, body))


async def whole(asked: Asked, request: Request) -> None:
    """Wait until an answer is whole and saved. Raises: BnaError when it has failed."""
    await watched(asked.turn.stop, request, lambda: asked.turn.has_ended)
    if asked.turn.error:
        raise asked.turn.error


async def watched(stop: Callable[[], None], request: Request, is_enough: Callable[[], bool]) -> None:
    """Wait for so much of an answer; a client that leaves, or stays too long, ends it by `stop`."""
    loop = asyncio.get_running_loop()
    until_s = loop.time() + LONGEST_TURN_S
    try:
        while not is_enough():
            await asyncio.sleep(SEEN_EVERY_S)
            if await request.is_disconnected() or loop.time() > until_s:
                stop()
    except asyncio.CancelledError:
        stop()
        raise
