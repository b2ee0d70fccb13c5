"""The MCP server over HTTP, as a part of the HTTP API, which looks at keys, Host and Origin before it comes here."""

import asyncio
import logging
from collections.abc import Callable
from importlib import import_module
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.types import Receive, Scope, Send

from controller.services import Services

LARGEST_BODY_BYTES = 1_000_000


class McpEndpoint:
    """An ASGI app; each request stands for itself, so that each is looked at for its key (streamable HTTP, stateless).

    Source: https://modelcontextprotocol.io/specification/2025-11-25/basic/transports
    """

    def __init__(self, services_of: Callable[[Any], Services]) -> None:
        self._services_of = services_of
        self._manager: Any = None
        self._running: asyncio.Task[None] | None = None
        self._lock = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request; the first one waits until the SDK is loaded."""
        async with self._lock:
            if self._running is None or self._running.done():
                await self._begin()
        await self._manager.handle_request(scope, receive, send)

    async def _begin(self) -> None:
        manager = (
            await run_in_threadpool(import_module, "mcp.server.streamable_http_manager")
        ).StreamableHTTPSessionManager
        server = (await run_in_threadpool(import_module, "view.mcp.server")).build_server(self._services_of)
        logging.getLogger("mcp").setLevel(logging.ERROR)
        self._manager = manager(server, stateless=True, max_request_body_size=LARGEST_BODY_BYTES)
        ready = asyncio.Event()
        self._running = asyncio.create_task(self._run(ready))
        await ready.wait()

    async def _run(self, ready: asyncio.Event) -> None:
        async with self._manager.run():
            ready.set()
            await asyncio.Event().wait()  # as long as the loop lives
