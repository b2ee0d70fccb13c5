"""The wire to a server at an address: streamable HTTP, with a limit on what comes back."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2
from mcp.client.streamable_http import streamable_http_client

from controller.stages.connections.config import ServerRow
from controller.stages.connections.wire.stdio import MOST_LINE_BYTES, TOO_LONG, Streams

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 300.0  # a stream may be silent for so long; a call's own limit is shorter


class CappedTransport(httpx2.AsyncHTTPTransport):
    """Gives up an answer that is too long, or compressed, for a little may then unpack to anything."""

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await super().handle_async_request(request)
        if response.headers.get("content-encoding", "identity") != "identity":
            await response.aclose()
            raise httpx2.ReadError("It sent what is compressed, although it was asked not to.")
        if "event-stream" not in response.headers.get("content-type", ""):  # there each event has a limit
            response.stream = _Capped(response.stream)
        return response


class _Capped(httpx2.AsyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        length = 0
        async for chunk in self._stream:
            length += len(chunk)
            if length > MOST_LINE_BYTES:
                raise httpx2.StreamError(TOO_LONG)
            yield chunk

    async def aclose(self) -> None:
        await self._stream.aclose()


@asynccontextmanager
async def http_wire(row: ServerRow) -> AsyncIterator[Streams]:
    """Lend what the SDK reads from and writes to. A redirect is followed only to the same host."""
    timeout = httpx2.Timeout(CONNECT_TIMEOUT_S, read=READ_TIMEOUT_S)
    headers = {"Accept-Encoding": "identity", **row.headers}
    async with (
        httpx2.AsyncClient(headers=headers, timeout=timeout, transport=CappedTransport()) as client,
        streamable_http_client(row.url, http_client=client, max_sse_event_size=MOST_LINE_BYTES) as streams,
    ):
        yield streams
