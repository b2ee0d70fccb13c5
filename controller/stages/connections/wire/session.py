"""One session with a server, on the loop of connections: from the handshake to the end, and the calls between.

What the SDK would check by itself with a schema of the server's, it is not asked to: to match a hostile pattern may
take for ever, and all of Python waits for it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

from mcp import Client, MCPError
from mcp.types import (
    CallToolRequest,
    CallToolRequestParams,
    CallToolResult,
    Implementation,
    InputRequiredResult,
    LoggingMessageNotificationParams,
    ToolListChangedNotification,
)
from mcp.types import Tool as ListedTool
from pydantic import TypeAdapter

from controller.stages.connections.config import ServerRow
from controller.stages.connections.wire.http import http_wire
from controller.stages.connections.wire.stdio import Streams, stdio_wire

MOST_PAGES, MOST_TOOLS = 20, 200
CLOSED, TERMINATED = -32000, "Session terminated"  # the SDK's code, and its words for a session that is gone
_RESULT: TypeAdapter[Any] = TypeAdapter(CallToolResult | InputRequiredResult)


class Died(Exception):
    """The server is gone; with what is known of the reason."""


@dataclass
class Session:
    """A server that has been reached, or is being reached."""

    row: ServerRow
    environment: Mapping[str, str]
    log: Callable[[str], None]
    when_listed: Callable[[list[ListedTool]], None]
    ready: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())
    over: asyncio.Event = field(default_factory=asyncio.Event)
    why: str = ""
    client: Client | None = None
    changes: asyncio.Queue[None] = field(default_factory=lambda: asyncio.Queue(1))

    async def run(self) -> None:
        """Hold the session until `over` is set or the server ends; then, or at a failure, let go of all of it."""
        logging.getLogger("mcp").setLevel(logging.CRITICAL)  # what goes wrong is told in our words
        try:
            async with self._client() as client:
                self.client = client
                self.when_listed(await self._list())
                self.ready.set_result(None)
                await self._watch()
        except Exception as error:  # whatever the SDK, the system or the server makes of it
            self.why = (_is_closed(error) and self.why) or why_unreachable(error)
            if not self.ready.done():
                self.ready.set_exception(Died(self.why))
            self.log(f"Ended: {self.why}")
        finally:
            self.client = None
            self.over.set()

    def _client(self) -> Client:
        return Client(
            self._wire(),
            client_info=Implementation(name="bnaGPT", version="1"),
            logging_callback=self._take_log,
            message_handler=self._take_message,
            cache=None,
        )

    def _wire(self) -> AbstractAsyncContextManager[Streams]:
        if self.row.url:
            return http_wire(self.row)
        return stdio_wire(self.row, self.environment, self.log, self._ended)

    def _ended(self, why: str) -> None:
        self.why = self.why or why or "its program ended"
        self.over.set()

    async def _watch(self) -> None:
        """Wait for the end, and list the tools anew whenever the server says that they have changed."""
        over = asyncio.create_task(self.over.wait())
        try:
            while not self.over.is_set():
                change = asyncio.create_task(self.changes.get())
                await asyncio.wait({over, change}, return_when=asyncio.FIRST_COMPLETED)
                if change.done():
                    await self._list_again()
                change.cancel()
        finally:
            over.cancel()

    async def _list_again(self) -> None:
        """List the tools anew; where that fails, they stay as they were, for the server may be good at all else."""
        try:
            self.when_listed(await self._list())
        except Exception as error:  # as above
            self.log(f"Its tools can't be listed again: {why_unreachable(error)}")

    def note_change(self) -> None:
        """Let the tools be listed anew soon."""
        if self.changes.empty():
            self.changes.put_nowait(None)

    async def _list(self) -> list[ListedTool]:
        assert self.client
        tools: list[ListedTool] = []
        cursor = None
        for _ in range(MOST_PAGES):
            page = await self.client.list_tools(cursor=cursor)
            tools += page.tools
            cursor = page.next_cursor
            if not cursor or len(tools) >= MOST_TOOLS:
                break
        if len(tools) > MOST_TOOLS or cursor:
            self.log(f"It has more than {MOST_TOOLS} tools; the others are left out.")
        return tools[:MOST_TOOLS]

    async def call(self, name: str, arguments: dict[str, Any], tell_progress: Callable[[str], None]) -> CallToolResult:
        """Call a tool; a cancelled task tells the server to stop. Raises: as `asked` does."""

        async def tell(progress: float, total: float | None, message: str | None) -> None:
            tell_progress(message or (f"{progress:g} of {total:g}" if total else f"{progress:g}"))

        request = CallToolRequest(params=CallToolRequestParams(name=name, arguments=arguments))
        found: CallToolResult = await self.asked(
            lambda client: client.session.send_request(request, _RESULT, progress_callback=tell)
        )
        return found

    async def asked(self, ask: Callable[[Client], Awaitable[Any]]) -> Any:
        """Return what the server answers. Raises: Died; ValueError with a sentence."""
        if self.client is None or self.over.is_set():
            raise Died(self.why)
        try:
            result = await ask(self.client)
        except MCPError as error:
            if error.code == CLOSED or self.over.is_set() or str(error) == TERMINATED:
                self.over.set()
                raise Died(self.why) from error
            raise ValueError(f"It refused: {error}") from error
        except Exception as error:  # what the SDK makes of nonsense
            raise ValueError(f"There was no answer: {why_unreachable(error)}.") from error
        if isinstance(result, InputRequiredResult):
            raise ValueError("It asks something back, which is not understood here.")
        return result

    async def _take_log(self, params: LoggingMessageNotificationParams) -> None:
        self.log(f"{params.level}: {params.data}"[:500])

    async def _take_message(self, message: Any) -> None:
        if isinstance(message, ToolListChangedNotification):
            self.note_change()


def _is_closed(error: BaseException) -> bool:
    """Return whether an error only says that the server is gone; why it is, its wire knows."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return isinstance(error, MCPError) and error.code == CLOSED


def why_unreachable(error: BaseException) -> str:
    """Return in a few words why a server can't be reached."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    if isinstance(error, FileNotFoundError):
        return f"there is no program “{error.filename}”"
    if isinstance(error, PermissionError):
        return "its program may not be run"
    if isinstance(error, TimeoutError):
        return "it did not answer in time"
    name = type(error).__name__
    if "ValidationError" in name:
        return "it sent what is not MCP"
    if "Connect" in name:
        return "nothing answers at its address"
    return (str(error) or name)[:200]
