"""The OpenAI-compatible part of the HTTP API: each stage is a model, so that any client of that protocol can use it.

The client holds the conversation, so none is kept here. A stage's own tools run inside, and only text comes out; a
client's own tools go to the provider as they are, past the stage, and the provider's calls come back.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from starlette.responses import Response

from controller.turn import Choice
from model.errors import ModelNotFound
from model.event import TextDelta, ThinkingDelta
from view.http_chat import Parts, watched, whole
from view.http_errors import as_openai, problem_of
from view.http_files import kept
from view.http_openai_shapes import (
    MODEL_NAMES,
    PREFIX,
    CompletionRequest,
    completion,
    ending,
    has_begun,
    thought,
    usage_of,
)
from view.http_relay import DONE, packed, plain, relayed, streaming
from view.http_shapes import DEFAULT_STAGE
from view.http_turns import LONGEST_TURN_S, Asked, start
from view.http_wishes import choice_of, stage_of
from view.parts import Services

STREAM_DOC: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A completion, or server-sent events.",
        "content": {"application/json": {}, "text/event-stream": {}},
    }
}
router = APIRouter(prefix="/v1", tags=["OpenAI-compatible"])


@router.get("/models")
async def models() -> dict[str, Any]:
    """List the stages as models."""
    rows = [{"id": name, "object": "model", "created": 0, "owned_by": PREFIX} for name in MODEL_NAMES]
    return {"object": "list", "data": rows}


@router.post("/chat/completions", response_class=Response, responses=STREAM_DOC)
async def chat_completions(wish: CompletionRequest, request: Request, services: Parts) -> Response:
    """Answer the last message, knowing all before it."""
    slug = slug_of(wish.model)
    choice = choice_of(services, wish.provider, wish.provider_model)
    if wish.is_relayed:
        return await relayed(services, choice, wish)
    asked, is_held = await run_in_threadpool(asked_of, services, slug, choice, wish)
    if wish.stream:
        # A fault before the first word still becomes the status that clients know.
        await watched(asked, request, lambda: has_begun(asked.turn.answer) or asked.turn.has_ended)
        if asked.turn.error and not has_begun(asked.turn.answer):
            raise asked.turn.error
        return streaming(chunks(asked, wish, is_held))
    await whole(asked, request)
    answer = asked.turn.answer
    message = {"role": "assistant", "content": answer.content} | thought(answer)
    choices = {"index": 0, "message": message, "finish_reason": answer.finish_reason or "stop"}
    return plain(completion(answer, wish.model, "", choices) | {"usage": usage_of(answer)} | ending(answer))


def asked_of(services: Services, slug: str, choice: Choice, wish: CompletionRequest) -> tuple[Asked, bool]:
    """Ask a stage, in a conversation that is not kept; tell, too, whether it may write its answer anew.

    Raises: BnaError.
    """
    conversation, question = wish.conversation()
    stage = stage_of(slug)
    files = [kept(services, stage, one.pictures, is_temporary=True) for one in wish.messages]
    for message, pictures in zip(conversation.messages, files, strict=False):
        message.attachments = pictures
    control = stage.build_controller(services.providers, services.toolbox)
    asked = start(services, conversation, choice, control.reply(conversation, question, choice, files[-1]))
    return asked, control.writes_anew


async def chunks(asked: Asked, wish: CompletionRequest, is_held: bool) -> AsyncIterator[bytes]:
    """Yield an answer's chunks; a client that leaves, or stays too long, ends it.

    This protocol takes no text back: where that may be needed, it is held until the answer is whole.
    """
    answer = asked.turn.answer

    def chunk(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        return completion(answer, wish.model, ".chunk", {"index": 0, "delta": delta, "finish_reason": finish_reason})

    alarm = asyncio.get_running_loop().call_later(LONGEST_TURN_S, asked.turn.stop)
    try:
        yield packed(chunk({"role": "assistant", "content": ""}))
        async for _, event in asked.feed.follow():
            if isinstance(event, TextDelta) and not is_held:
                yield packed(chunk({"content": event.text}))
            elif isinstance(event, ThinkingDelta):
                yield packed(chunk({"reasoning_content": event.text}))
        await asked.ended()
        if asked.turn.error:
            yield packed(as_openai(problem_of(asked.turn.error)))
            return
        if is_held:
            yield packed(chunk({"content": answer.content}))
        yield packed(chunk({}, answer.finish_reason or "stop") | ending(answer))
        if wish.wants_usage:
            yield packed(completion(answer, wish.model, ".chunk") | {"usage": usage_of(answer)})
        yield DONE
    finally:
        alarm.cancel()
        asked.turn.stop()


def slug_of(model: str) -> str:
    """Return the stage that a model's name stands for.

    Raises: ModelNotFound.
    """
    slug = DEFAULT_STAGE if model == PREFIX else MODEL_NAMES.get(model)
    if slug is None:
        raise ModelNotFound("There is no such model.", f"Take one of: {', '.join(MODEL_NAMES)}.")
    return slug
