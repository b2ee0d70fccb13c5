"""The MCP server on this program's input and output: `python -m view.mcp`, as other programs start it.

{"mcpServers": {"bnagpt": {"command": ".venv/bin/python", "args": ["-m", "view.mcp"], "cwd": "/path/to/bnaGPT"}}}
"""

import asyncio
import logging

from mcp.server.stdio import stdio_server

from view.app import RunningApp
from view.mcp.server import build_server


async def serve() -> None:
    """Answer until the input ends."""
    app = RunningApp()
    server = build_server(lambda _request: app.services_of())
    async with stdio_server() as (read_stream, write_stream):
        await server.run(read_stream, write_stream, server.create_initialization_options())


if __name__ == "__main__":
    logging.basicConfig(level=logging.ERROR)  # to stderr; the output belongs to the protocol
    asyncio.run(serve())
