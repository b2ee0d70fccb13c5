"""The OpenAI-compatible part of the HTTP API: each stage is a model, so that any client of that protocol can use it.

The client holds the conversation, so none is kept here. A stage's own tools run inside, and only text comes out; a
request with the client's own tools goes to the provider as it is. Source:
https://platform.openai.com/docs/api-reference/chat
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import asdict
from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field
from starlette.responses import Response, StreamingResponse

from controller.llm.passthrough import relay
from controller.services import Services
from controller.stages import STAGES, find_stage
from controller.turn import ModelSelection
from model.chat.conversation import Conversation
from model.chat.events import TextDelta, ThinkingDelta
from model.chat.message import Message
from model.errors import BnaError, InputError, ModelNotFound
from utils.net.sse import frame
from utils.threads.broadcast import Broadcast, fed
from utils.threads.stop import CancellationToken
from view.http.chat import Parts, watched, whole
from view.http.errors import as_openai, problem_of
from view.http.events import STREAM_HEADERS
from view.http.schemas import DEFAULT_STAGE, SentFile, keep_files, sent_pictures, whole_text
from view.http.turns import LONGEST_TURN_S, Asked, selection_of, start

PREFIX = "bnagpt"
MODEL_NAMES = {f"{PREFIX}-{row.slug.replace('_', '-')}": row.slug for row in STAGES}
# What a stage does not do by itself: such a request goes to the provider as it is.
_OWN = ("tools", "response_format")
# OpenAI's names for how much a model thinks, and ours.
_EFFORTS = {"none": "off", "minimal": "low", "low": "low", "medium": "medium", "high": "high", "xhigh": "high"}
_ROLES = Literal["system", "developer", "user", "assistant", "tool"]


class Spoken(BaseModel):
    """One message; what else it holds goes along where the provider gets it."""

    model_config = ConfigDict(extra="allow")
    role: _ROLES
    content: str | list[dict[str, Any]] | None = None

    @property
    def pictures(self) -> list[SentFile]:
        """Return the pictures that go with it; raises InputError for one that did not come along."""
        return sent_pictures(self.content) if isinstance(self.content, list) else []

    @property
    def text(self) -> str:
        """Return what it says. Raises: InputError when that is more than text and pictures."""
        parts = [{"type": "text", "text": self.content}] if isinstance(self.content, str) else self.content or []
        texts = [part.get("text") for part in parts if part.get("type") != "image_url"]
        if any(part.get("type") not in ("text", "image_url") for part in parts) or not all(
            isinstance(text, str) for text in texts
        ):
            raise InputError("Only text and pictures can be sent here.", "Leave out sounds and files.")
        return whole_text("".join(map(str, texts)))


class CompletionRequest(BaseModel):
    """A question with all that was said before it; what bnaGPT does not know is left out."""

    model_config = ConfigDict(
        extra="allow",
        json_schema_extra={
            "examples": [
                {
                    "model": "bnagpt-chatbot-with-memory",
                    "messages": [{"role": "user", "content": "How does rain form?"}],
                }
            ]
        },
    )
    model: str = Field(f"{PREFIX}-{DEFAULT_STAGE.replace('_', '-')}", max_length=200)
    messages: list[Spoken] = Field(min_length=1)
    stream: bool | None = False
    stream_options: dict[str, Any] | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    max_tokens: int | None = Field(None, ge=1, le=10**9)
    max_completion_tokens: int | None = Field(None, ge=1, le=10**9)
    n: int | None = Field(None, ge=1, le=1)
    reasoning_effort: str | None = Field(None, max_length=20)
    tools: list[dict[str, Any]] | None = None
    response_format: dict[str, Any] | None = None
    provider: str = ""
    provider_model: str = Field("", max_length=200)

    @property
    def is_relayed(self) -> bool:
        """Return whether it goes to the provider as it is: with the client's own tools, or their results."""
        return any(getattr(self, key) for key in _OWN) or any(m.role == "tool" for m in self.messages)

    @property
    def wants_usage(self) -> bool:
        """Return whether a stream has to end with what it took."""
        return bool((self.stream_options or {}).get("include_usage"))

    def conversation(self) -> tuple[Conversation, str]:
        """Return what was said before, as a conversation that is never saved, and the question. Raises: InputError."""
        *before, last = self.messages
        if last.role != "user":
            raise InputError("The last message has to be the user's.")
        roles = {"developer": "system"}
        said = [Message(roles.get(one.role, one.role), one.text) for one in before]
        conversation = Conversation(said, is_temporary=True)
        # The client holds the conversation, so a summary would be made anew for each question.
        conversation.choose(
            is_summarised=False,
            temperature=self.temperature,
            max_tokens=self.most_tokens,
            reasoning_effort=_EFFORTS.get(self.reasoning_effort or "", ""),
        )
        return conversation, last.text

    @property
    def most_tokens(self) -> int | None:
        """Return how long the answer may be."""
        return self.max_completion_tokens or self.max_tokens


def completion(answer: Message, model: str, suffix: str, *choices: dict[str, Any]) -> dict[str, Any]:
    """Return a completion, or with the suffix ".chunk" a piece of one."""
    head = {"id": f"chatcmpl-{answer.id}", "object": f"chat.completion{suffix}", "created": int(time.time())}
    return head | {"model": model, "choices": list(choices)}


def ending(answer: Message) -> dict[str, Any]:
    """Return what comes with the end of an answer: the sources it rests on, if there are any."""
    return {"citations": [asdict(citation) for citation in answer.citations]} if answer.citations else {}


def has_begun(answer: Message) -> bool:
    """Return whether some of an answer, or of what is thought before it, has come."""
    return bool(answer.content or answer.thinking)


def thought(answer: Message) -> dict[str, str]:
    """Return what was thought before an answer, if anything was, under the name that most servers give it."""
    return {"reasoning_content": answer.thinking} if answer.thinking else {}


def completion_usage(answer: Message) -> dict[str, Any]:
    """Return what an answer took as the provider counts, else as we do."""
    prompt = answer.prompt_token_count or answer.window_token_count or 0
    written = answer.completion_token_count or answer.token_count or 0
    usage = {"prompt_tokens": prompt, "completion_tokens": written, "total_tokens": prompt + written}
    if answer.thinking_token_count is None:
        return usage
    return usage | {"completion_tokens_details": {"reasoning_tokens": answer.thinking_token_count}}


DONE = frame("", "[DONE]")


async def relayed(services: Services, selection: ModelSelection, body: CompletionRequest, request: Request) -> Response:
    """Hand a request to the provider; a fault before the first piece becomes the status that clients know.

    Raises: BnaError.
    """
    stop = CancellationToken()
    feed = fed(relay(services.providers, selection, body.model_dump(exclude_unset=True), stop))
    await watched(stop.set, request, lambda: feed.has_begun)
    parts = provider_chunks(feed, stop)
    first = await anext(parts)
    return streaming(framed(first, parts)) if body.stream else json_response(first)


async def provider_chunks(feed: Broadcast[dict[str, Any]], stop: CancellationToken) -> AsyncIterator[dict[str, Any]]:
    """Yield what the provider answers; a client that leaves ends it."""
    try:
        async for _, piece in feed.follow():
            yield piece
    finally:
        stop.set()


async def framed(first: dict[str, Any], others: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    """Yield a provider's chunks as server-sent events."""
    yield sse_event(first)
    try:
        async for piece in others:
            yield sse_event(piece)
        yield DONE
    except BnaError as error:
        yield sse_event(as_openai(problem_of(error)))


def sse_event(chunk: dict[str, Any]) -> bytes:
    """Return a chunk as a server-sent event."""
    return frame("", json.dumps(chunk))


def json_response(whole: dict[str, Any]) -> Response:
    """Return a response of JSON, in which escapes keep even half a surrogate pair."""
    return Response(json.dumps(whole), media_type="application/json")


def streaming(body: AsyncIterator[bytes]) -> StreamingResponse:
    """Return a response of server-sent events."""
    return StreamingResponse(body, media_type="text/event-stream", headers=STREAM_HEADERS)


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
async def chat_completions(body: CompletionRequest, request: Request, services: Parts) -> Response:
    """Answer the last message, knowing all before it."""
    slug = slug_of(body.model)
    selection = selection_of(services, body.provider, body.provider_model)
    if body.is_relayed:
        return await relayed(services, selection, body, request)
    asked, is_held = await run_in_threadpool(asked_of, services, slug, selection, body)
    if body.stream:
        # A fault before the first word still becomes the status that clients know.
        await watched(asked.turn.stop, request, lambda: has_begun(asked.turn.answer) or asked.turn.has_ended)
        if asked.turn.error and not has_begun(asked.turn.answer):
            raise asked.turn.error
        return streaming(completion_chunks(asked, body, is_held))
    await whole(asked, request)
    answer = asked.turn.answer
    message = {"role": "assistant", "content": answer.content} | thought(answer)
    choices = {"index": 0, "message": message, "finish_reason": answer.finish_reason or "stop"}
    return json_response(
        completion(answer, body.model, "", choices) | {"usage": completion_usage(answer)} | ending(answer)
    )


def asked_of(services: Services, slug: str, selection: ModelSelection, body: CompletionRequest) -> tuple[Asked, bool]:
    """Ask a stage, in a conversation that is not kept; tell, too, whether it may write its answer anew.

    Raises: BnaError.
    """
    conversation, question = body.conversation()
    stage = find_stage(slug)
    files = [keep_files(services, stage, one.pictures, is_temporary=True) for one in body.messages]
    for message, pictures in zip(conversation.messages, files, strict=False):
        message.attachments = pictures
    controller = stage.build_controller(services.resources)
    asked = start(
        services, controller, conversation, lambda: controller.ask(conversation, question, files[-1]), selection
    )
    return asked, controller.writes_anew


async def completion_chunks(asked: Asked, body: CompletionRequest, is_held: bool) -> AsyncIterator[bytes]:
    """Yield an answer's chunks; a client that leaves, or stays too long, ends it.

    This protocol takes no text back: where that may be needed, it is held until the answer is whole.
    """
    answer = asked.turn.answer

    def chunk(delta: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
        return completion(answer, body.model, ".chunk", {"index": 0, "delta": delta, "finish_reason": finish_reason})

    alarm = asyncio.get_running_loop().call_later(LONGEST_TURN_S, asked.turn.stop)
    try:
        yield sse_event(chunk({"role": "assistant", "content": ""}))
        async for _, event in asked.feed.follow():
            if isinstance(event, TextDelta) and not is_held:
                yield sse_event(chunk({"content": event.text}))
            elif isinstance(event, ThinkingDelta):
                yield sse_event(chunk({"reasoning_content": event.text}))
        await asked.ended()
        if asked.turn.error:
            yield sse_event(as_openai(problem_of(asked.turn.error)))
            return
        if is_held:
            yield sse_event(chunk({"content": answer.content}))
        yield sse_event(chunk({}, answer.finish_reason or "stop") | ending(answer))
        if body.wants_usage:
            yield sse_event(completion(answer, body.model, ".chunk") | {"usage": completion_usage(answer)})
        yield DONE
    finally:
        alarm.cancel()
        asked.turn.stop()


def slug_of(model: str) -> str:
    """Return the stage that a model's name stands for. Raises: ModelNotFound."""
    slug = DEFAULT_STAGE if model == PREFIX else MODEL_NAMES.get(model)
    if slug is None:
        raise ModelNotFound("There is no such model.", f"Take one of: {', '.join(MODEL_NAMES)}.")
    return slug
