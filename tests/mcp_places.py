"""Where tests have their MCP servers: an `mcp.json`, and a peer whose tools a test chooses."""

import json
import shutil
import sys
from pathlib import Path
from typing import Any

from settings import ROOT

# From npm, which a test asks once; afterwards they are in its cache.
EVERYTHING = "@modelcontextprotocol/server-everything@2026.8.31"
FILESYSTEM = "@modelcontextprotocol/server-filesystem@2026.8.31"
INSPECTOR = "@modelcontextprotocol/inspector@2.12.0"
READ_ONLY = {"readOnlyHint": True}


def program(name: str) -> str:
    """Return a program that was installed beside this Python."""
    found = shutil.which(name, path=str(Path(sys.executable).parent))
    assert found, f"{name} is not installed: pip install -r requirements-dev.txt"
    return found


def told(name: str, is_read_only: bool = True, **more: Any) -> dict[str, Any]:
    """Return a tool as a server tells it."""
    notes = READ_ONLY if is_read_only else {}
    return {
        "name": name,
        "description": f"Does {name}.",
        "inputSchema": {"type": "object"},
        "annotations": notes,
        **more,
    }


class Peer:
    """A row of `mcp.json` with the peer of tests, and what it was told."""

    def __init__(self, folder: Path, *tools: dict[str, Any], **spec: Any) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._spec, self._record = folder / "spec.json", folder / "record.jsonl"
        self.offer(*tools, **spec)

    def offer(self, *tools: dict[str, Any], **spec: Any) -> None:
        """Let it have these tools from now on."""
        self._spec.write_text(json.dumps({"tools": tools, **spec}))

    @property
    def row(self) -> dict[str, Any]:
        env = {"SPEC": str(self._spec), "RECORD": str(self._record)}
        return {"command": sys.executable, "args": [str(ROOT / "tests/mcp_peer.py")], "env": env}

    @property
    def record(self) -> list[dict[str, Any]]:
        lines = self._record.read_text().splitlines() if self._record.exists() else []
        return [json.loads(line) for line in lines]

    def heard(self, method: str) -> list[dict[str, Any]]:
        """Return what it was told of one kind."""
        return [one["params"] for one in self.record if one.get("method") == method]

    @property
    def called(self) -> list[str]:
        """Return which tools were called."""
        return [params["name"] for params in self.heard("tools/call")]


def write_config(path: Path, **rows: dict[str, Any]) -> Path:
    """Write an `mcp.json` with these servers."""
    path.write_text(json.dumps({"mcpServers": rows}))
    return path
