"""The server itself, over whatever wire: its tools, and conversations as resources.

It is loaded once a client comes: the SDK takes a second.
"""

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, unquote

from mcp import MCPError
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel import Server
from mcp.types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListResourcesResult,
    ListToolsResult,
    PaginatedRequestParams,
    ReadResourceRequestParams,
    ReadResourceResult,
    Resource,
    TextContent,
    TextResourceContents,
    Tool,
    ToolAnnotations,
)
from starlette.concurrency import run_in_threadpool

from controller.history.export import MARKDOWN, export_conversation
from controller.services import Services
from model.chat.titles import title_of
from model.errors import BnaError
from utils.json_tools.schema import schema_problems
from view.mcp.tools import LOOK_UPS, ROWS, Given, answer_of, begin_turn

Context = ServerRequestContext[Any, Any]
ServicesOf = Callable[[Any], Services]
ABOUT = "bnaGPT, a chat program: ask its stages, and look into saved conversations and the documents in them."
FRONT = "bnagpt://conversations/"
ON_A_PAGE = 100
LONGEST_TURN_S = 600.0
LOOK_S, TELL_S = 0.02, 2.0  # how often an answer is looked for, and its growth told


def build_server(services_of: ServicesOf) -> "Server[Any]":
    """Return the server; `services_of` gets the HTTP request, or None, and returns the services of who asks."""
    shown = _Conversations(services_of)
    return Server(
        "bnaGPT",
        version="1",
        instructions=ABOUT,
        on_list_tools=_list_tools,
        on_call_tool=_Tools(services_of).call,
        on_list_resources=shown.list,
        on_read_resource=shown.read,
    )


async def _list_tools(_context: Context, _params: PaginatedRequestParams | None) -> ListToolsResult:
    return ListToolsResult(
        tools=[
            Tool(
                name=row.name,
                title=row.title,
                description=row.description,
                input_schema=row.schema,
                annotations=ToolAnnotations(
                    read_only_hint=row.is_read_only, destructive_hint=False, open_world_hint=not row.is_read_only
                ),
            )
            for row in ROWS
        ]
    )


class _Tools:
    def __init__(self, services_of: ServicesOf) -> None:
        self.services_of = services_of

    async def call(self, context: Context, params: CallToolRequestParams) -> CallToolResult:
        """Do what a client asks for; what goes wrong is told as the tool's result, so that its model reads it."""
        row = next((row for row in ROWS if row.name == params.name), None)
        if row is None:
            raise MCPError(INVALID_PARAMS, "There is no such tool.")
        arguments = params.arguments or {}
        if problems := schema_problems(arguments, row.schema):
            return _failed("; ".join(map(str, problems))[:500])
        try:
            services = await run_in_threadpool(self.services_of, context.request)
            if row.name == "ask":
                given = await _ask(context, services, arguments)
            else:
                given = await run_in_threadpool(LOOK_UPS[row.name], services, arguments)
        except BnaError as error:
            return _failed(f"{error.message} {error.hint}".strip())
        return CallToolResult(content=[_text(given.text)], structured_content=given.data)


async def _ask(context: Context, services: Services, arguments: dict[str, Any]) -> Given:
    """Return an answer once it is whole; a client that cancels, or has left, stops it. Raises: BnaError."""
    turn = await run_in_threadpool(begin_turn, services, arguments)
    loop = asyncio.get_running_loop()
    until_s, tell_at_s = loop.time() + LONGEST_TURN_S, loop.time() + TELL_S
    try:
        while not turn.has_ended:
            await asyncio.sleep(LOOK_S)
            if loop.time() > until_s:
                turn.stop()
            if loop.time() > tell_at_s:
                tell_at_s = loop.time() + TELL_S
                written = f"{len(turn.answer.content):,} characters are written"
                await context.session.report_progress(loop.time(), None, turn.activity or written)
    except asyncio.CancelledError:
        turn.stop()
        raise
    return answer_of(turn)


class _Conversations:
    """Saved conversations as resources, the newest first."""

    def __init__(self, services_of: ServicesOf) -> None:
        self.services_of = services_of

    async def list(self, context: Context, params: PaginatedRequestParams | None) -> ListResourcesResult:
        begin = int(params.cursor) if params and params.cursor and params.cursor.isdecimal() else 0
        services = await run_in_threadpool(self.services_of, context.request)
        rows = await run_in_threadpool(services.conversations.list_conversations)
        shown = [
            Resource(uri=f"{FRONT}{quote(row.id, safe='')}", name=row.name, mime_type="text/markdown")
            for row in rows[begin : begin + ON_A_PAGE]
        ]
        is_last = begin + ON_A_PAGE >= len(rows)
        return ListResourcesResult(resources=shown, next_cursor=None if is_last else str(begin + ON_A_PAGE))

    async def read(self, context: Context, params: ReadResourceRequestParams) -> ReadResourceResult:
        uri = str(params.uri)
        services = await run_in_threadpool(self.services_of, context.request)
        try:
            text = await run_in_threadpool(_markdown, services, unquote(uri.removeprefix(FRONT)))
        except BnaError as error:
            raise MCPError(INVALID_PARAMS, error.message) from error
        return ReadResourceResult(contents=[TextResourceContents(uri=uri, mime_type="text/markdown", text=text)])


def _markdown(services: Services, conversation_id: str) -> str:
    """Return a conversation as Markdown. Raises: ConversationNotFound."""
    conversation = services.conversations.load_conversation(conversation_id)
    return export_conversation(title_of(conversation), conversation, MARKDOWN).decode("utf-8", "replace")


def _text(text: str) -> TextContent:
    return TextContent(type="text", text=text)


def _failed(text: str) -> CallToolResult:
    return CallToolResult(content=[_text(text)], is_error=True)
