"""A tool that a person calls by hand, on the page Connections: their click is their yes."""

import time
from dataclasses import dataclass
from typing import Any

from controller.resources import Resources
from controller.stages.connections.connection import Connection
from controller.stages.connections.results import result_as_text, structured_table
from controller.stages.connections.tools import ServerTool, as_tool
from controller.tools.tool import checked
from utils.sandbox.report import Table, checked_table
from utils.text.untrusted import harmless
from utils.threads.stop import CancellationToken

TIMEOUT_S = 30.0
MOST_CHARS = 20_000
_LIKE = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}


@dataclass(frozen=True)
class Tried:
    """What a tool gave; files in it are only named."""

    tool: str
    text: str
    duration_s: float
    table: Table | None = None


def try_tool(resources: Resources, connection: Connection, tool: ServerTool, arguments: str) -> Tried:
    """Call a tool with JSON that a person typed. Raises: ToolFailed."""
    wanted = checked(as_tool(resources, connection, tool), arguments)
    began_at = time.monotonic()
    result = connection.call(tool.name, wanted, CancellationToken(), lambda _text: None, TIMEOUT_S)
    table = checked_table(structured_table(result.structured_content))
    text = harmless(result_as_text(result)[:MOST_CHARS])
    text = f"It says that it failed:\n{text}" if result.is_error else text
    return Tried(tool.model_name, text, time.monotonic() - began_at, table)


def arguments_like(tool: ServerTool) -> dict[str, Any]:
    """Return arguments to begin with: those that the tool needs, empty."""
    properties = tool.parameters["properties"]
    return {name: _example(properties[name]) for name in tool.parameters.get("required", ())}


def _example(schema: dict[str, Any]) -> Any:
    if "default" in schema:
        return schema["default"]
    if schema.get("enum"):
        return schema["enum"][0]
    kind = schema.get("type")
    return _LIKE.get(kind[0] if isinstance(kind, list) else str(kind))
