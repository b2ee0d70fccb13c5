"""What a server's tool gave: text for the model, and for the person tables, pictures and files.

A server may send anything, so pictures are drawn anew, and files are taken for what they are, not for what they are
said to be.
"""

import base64
import binascii
import json
from typing import TYPE_CHECKING, Any

from controller.attachments.intake import keep
from controller.resources import Resources
from controller.tools.tool import ToolContext
from model.errors import BnaError
from utils.files.names import safe_name
from utils.sandbox.report import MAX_COLUMNS, MAX_ROWS, checked_table
from utils.text.characters import one_line
from utils.text.untrusted import harmless

if TYPE_CHECKING:
    from mcp.types import CallToolResult

MOST_FILES = 20
MOST_FILE_BYTES = 10_000_000
_ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "audio/wav": ".wav",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "text/markdown": ".md",
    "text/csv": ".csv",
    "application/json": ".json",
    "application/gzip": ".gz",
    "application/zip": ".zip",
}


def taken(resources: Resources, context: ToolContext, result: "CallToolResult") -> str:
    """Keep and show what a result holds, and return what the model reads of it."""
    texts: list[str] = []
    files: list[dict[str, Any]] = []
    for block in result.content:
        texts.append(_text_of(resources, context, block, files))
    shown: dict[str, Any] = {f"file_{number}": file for number, file in enumerate(files, 1)}
    structured = result.structured_content
    if structured is not None and (table := structured_table(structured)):
        shown["table"] = table
    context.show(**shown)
    text = "\n\n".join(filter(None, texts))
    if structured is not None and not text.strip():
        text = json.dumps(structured, ensure_ascii=False, default=str)
    return text or "It has done it, and said nothing."


def result_as_text(result: "CallToolResult") -> str:
    """Return a result as text alone; pictures and files are only named."""
    texts = [block.text if block.type == "text" else f"({block.type.replace('_', ' ')})" for block in result.content]
    text = "\n\n".join(filter(None, texts))
    if result.structured_content is not None and not text.strip():
        text = json.dumps(result.structured_content, indent=1, ensure_ascii=False, default=str)
    return text or "It has done it, and said nothing."


def _text_of(resources: Resources, context: ToolContext, block: Any, files: list[dict[str, Any]]) -> str:
    """Return a part of a result as text; a picture or a file is kept, and named."""
    match block.type:
        case "text":
            return str(block.text)
        case "image" | "audio":
            name = f"{block.type} {len(files) + 1}{_ENDINGS.get(block.mime_type, '')}"
            return _kept(resources, context, name, block.data, files)
        case "resource_link":
            return f"(A link to {one_line(block.name)[:200]}: {one_line(str(block.uri))[:500]})"
        case "resource":
            found = block.resource
            if (text := getattr(found, "text", None)) is not None:
                return str(text)
            return _kept(resources, context, file_name_of(found), found.blob, files)
    return "(Something that is not understood here was left out.)"


def file_name_of(resource: Any) -> str:
    """Return a name for a resource as a file, with the ending of what it says that it is."""
    ending = _ENDINGS.get(resource.mime_type or "", "")
    name = safe_name(str(resource.uri).rstrip("/").rpartition("/")[2][:80] or "file")
    return name if name.endswith(ending) else f"{name}{ending}"


def _kept(resources: Resources, context: ToolContext, name: str, data: str, files: list[dict[str, Any]]) -> str:
    """Keep a file of a result, and return what the model reads of it."""
    if len(files) >= MOST_FILES or len(data) * 3 // 4 > MOST_FILE_BYTES:
        return f"({name} was left out: there are too many files, or it is larger than 10 MB.)"
    try:
        kept = keep(resources.attachments, name, base64.b64decode(data, validate=True), context.turn.is_temporary)
    except (BnaError, binascii.Error, ValueError) as error:
        why = error.message if isinstance(error, BnaError) else "it is not what it says"
        return f"({name} was left out: {one_line(harmless(why))})"
    for one in kept:
        # Only a picture that was drawn anew is shown as one.
        media_type = one.media_type if one.is_picture else "application/octet-stream"
        files.append({"sha256": one.sha256, "name": one.name, "media_type": media_type, "size_bytes": one.size_bytes})
    return f"(The person is shown {', '.join(one.name for one in kept)}.)"


def structured_table(structured: Any) -> dict[str, Any] | None:
    """Return the table that structured content is: a list of objects, alone or as the only member; None for none."""
    if isinstance(structured, dict) and len(structured) == 1:
        structured = next(iter(structured.values()))
    if not isinstance(structured, list) or not structured or not all(isinstance(row, dict) for row in structured):
        return None
    rows = structured[:MAX_ROWS]
    columns = list(dict.fromkeys(str(key)[:100] for row in rows for key in row))[:MAX_COLUMNS]
    cells = [[_cell(row.get(column)) for column in columns] for row in rows]
    table = {"columns": columns, "rows": cells, "row_count": len(structured)}
    return table if columns and checked_table(table) else None


def _cell(value: Any) -> Any:
    if isinstance(value, str):
        return harmless(value[:500])
    return value if value is None or isinstance(value, bool | int | float) else json.dumps(value, default=str)[:500]
