"""A client's own tools over HTTP: its request goes to the provider as it is, and what comes back goes to the client."""

import json
from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import Response, StreamingResponse

from controller.turn import Choice
from model.errors import BnaError
from utils.feed import Feed, fed
from utils.sse import frame
from view.http_errors import as_openai, problem_of
from view.http_events import STREAM_HEADERS
from view.http_openai_shapes import CompletionRequest
from view.parts import Services

DONE = frame("", "[DONE]")


async def relayed(services: Services, choice: Choice, wish: CompletionRequest) -> Response:
    """Hand a request to the provider; a fault before the first piece becomes the status that clients know.

    Raises: BnaError.
    """
    # Imported here: it brings LlamaIndex, which takes a second.
    from controller.relay import relay

    feed = fed(relay(services.providers, choice, wish.model_dump(exclude_unset=True)))
    parts = pieces(feed, choice)
    first = await anext(parts)
    return streaming(framed(first, parts)) if wish.stream else plain(first)


async def pieces(feed: Feed[dict[str, Any]], choice: Choice) -> AsyncIterator[dict[str, Any]]:
    """Yield what the provider answers; a client that leaves ends it."""
    try:
        async for _, piece in feed.follow():
            yield piece
    finally:
        choice.stop.set()


async def framed(first: dict[str, Any], others: AsyncIterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    """Yield a provider's chunks as server-sent events."""
    yield packed(first)
    try:
        async for piece in others:
            yield packed(piece)
        yield DONE
    except BnaError as error:
        yield packed(as_openai(problem_of(error)))


def packed(chunk: dict[str, Any]) -> bytes:
    """Return a chunk as a server-sent event."""
    return frame("", json.dumps(chunk))


def plain(whole: dict[str, Any]) -> Response:
    """Return a response of JSON, in which escapes keep even half a surrogate pair."""
    return Response(json.dumps(whole), media_type="application/json")


def streaming(body: AsyncIterator[bytes]) -> StreamingResponse:
    """Return a response of server-sent events."""
    return StreamingResponse(body, media_type="text/event-stream", headers=STREAM_HEADERS)
