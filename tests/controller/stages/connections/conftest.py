"""Connections as a test wants them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from controller.stages.connections.config import ConfigFile
from controller.stages.connections.connection import Connection
from controller.stages.connections.registry import Connections
from settings import Settings
from tests.mcp_places import Peer, write_config
from utils.threads.stop import CancellationToken

Connect = Callable[..., Connection]


@pytest.fixture
def connect(tmp_path: Path) -> Iterator[Connect]:
    """Return what connects to a server that a row of `mcp.json` names, or to a peer with these tools."""
    opened: list[Connections] = []

    def connected(*tools: dict[str, Any], row: dict[str, Any] | None = None, **environment: str) -> Connection:
        path = write_config(tmp_path / "mcp.json", mine=row or Peer(tmp_path / "peer", *tools).row)
        import os

        settings = Settings.from_env({**os.environ, "MCP_CONFIG": str(path), **environment})
        opened.append(Connections(ConfigFile(settings), dict(settings.environment)))
        assert not opened[-1].config().problems
        return opened[-1].all()[0]

    yield connected
    for one in opened:
        one.end()


def call(
    connection: Connection, name: str, stop: CancellationToken | None = None, timeout_s: float = 30.0, **arguments: Any
) -> str:
    """Call a tool, and return its text. Raises: ToolFailed."""
    result = connection.call(name, arguments, stop or CancellationToken(), lambda _text: None, timeout_s)
    return "\n".join(block.text for block in result.content if block.type == "text")
