"""What a server offers beside tools: resources, which a person attaches, and prompts, which a person asks.

A resource goes with a question as a file that was attached, so it is read, fenced and deleted like one. A prompt is
text: the person reads it, changes it, and sends it as their own.
"""

import base64
import binascii
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from controller.attachments.intake import keep
from controller.resources import Resources
from controller.stages.connections.connection import Connection
from controller.stages.connections.results import MOST_FILE_BYTES, MOST_FILES, file_name_of
from model.chat.message_parts import Attachment
from model.errors import InputError, ToolFailed
from utils.text.characters import one_line
from utils.text.untrusted import harmless
from utils.threads.stop import CancellationToken

if TYPE_CHECKING:
    from mcp import Client

TIMEOUT_S = 30.0
MOST_OFFERS, MOST_PAGES = 500, 20
MOST_TITLE_CHARS, MOST_ABOUT_CHARS, MOST_PROMPT_CHARS = 120, 500, 50_000


@dataclass(frozen=True)
class ServerResource:
    """A resource; an address with braces is a pattern, whose gaps a person fills."""

    address: str
    title: str
    about: str = ""

    @property
    def is_pattern(self) -> bool:
        return "{" in self.address


@dataclass(frozen=True)
class PromptField:
    """What a prompt wants to be told."""

    name: str
    about: str
    is_required: bool


@dataclass(frozen=True)
class ServerPrompt:
    """A text that a server writes for a person to ask."""

    name: str
    title: str
    about: str = ""
    fields: tuple[PromptField, ...] = ()


@dataclass(frozen=True)
class Offers:
    """What one server offers beside tools."""

    resources: tuple[ServerResource, ...] = ()
    prompts: tuple[ServerPrompt, ...] = ()


def offers_of(connection: Connection) -> Offers:
    """Ask a server what it offers; it is started for that. Raises: ToolFailed."""
    can = _asked(connection, _abilities)
    resources = _rows(connection, "list_resources", "resources") if can.resources else []
    patterns = _rows(connection, "list_resource_templates", "resource_templates", is_optional=True)
    prompts = _rows(connection, "list_prompts", "prompts") if can.prompts else []
    return Offers(
        (
            *(ServerResource(str(one.uri), _title(one), _about(one)) for one in resources),
            *(ServerResource(one.uri_template, _title(one), _about(one)) for one in patterns if can.resources),
        ),
        tuple(ServerPrompt(one.name, _title(one), _about(one), _fields(one)) for one in prompts),
    )


def attach_resource(resources: Resources, connection: Connection, address: str, is_temporary: bool) -> list[Attachment]:
    """Read a resource, and keep what it holds as files.

    Raises: ToolFailed; InputError where it holds nothing that can be kept; StoreUnwritable.
    """
    if not address.strip() or "{" in address:
        raise InputError("This address has gaps.", "Write what stands in the place of the braces.")
    result = _asked(connection, lambda client: client.read_resource(address.strip()))
    kept: list[Attachment] = []
    for found in list(result.contents)[:MOST_FILES]:
        kept += keep(resources.attachments, *_file(found), is_temporary)
    if not kept:
        raise InputError(f"“{connection.row.name}” gave nothing at this address.", "Pick another resource.")
    return kept


def written_prompt(connection: Connection, prompt: ServerPrompt, told: dict[str, str]) -> str:
    """Let a server write a prompt with what a person told it. Raises: ToolFailed; InputError."""
    told = {name: text for name, text in told.items() if text.strip()}
    missing = [field.name for field in prompt.fields if field.is_required and field.name not in told]
    if missing:
        raise InputError(f"“{prompt.title}” also wants: {', '.join(missing)}.", "Fill that in.")
    result = _asked(connection, lambda client: client.get_prompt(prompt.name, told))
    texts = [_said(message, len(result.messages) > 1) for message in result.messages]
    text = "\n\n".join(filter(None, texts)).strip()
    if not text:
        raise InputError(f"“{connection.row.name}” wrote nothing.", "Pick another prompt.")
    return text[:MOST_PROMPT_CHARS]


async def _abilities(client: "Client") -> Any:
    return client.server_capabilities


def _asked(connection: Connection, ask: Any) -> Any:
    """Ask a server something by hand: a person waits for it. Raises: ToolFailed."""
    return connection.ask(lambda session: session.asked(ask), CancellationToken(), lambda _text: None, TIMEOUT_S)


def _rows(connection: Connection, method: str, key: str, is_optional: bool = False) -> list[Any]:
    """Return all pages of a list; those of one that a server need not have are none. Raises: ToolFailed."""

    async def pages(client: "Client") -> list[Any]:
        rows: list[Any] = []
        cursor = None
        for _ in range(MOST_PAGES):
            page = await getattr(client, method)(cursor=cursor)
            rows += getattr(page, key)
            cursor = page.next_cursor
            if not cursor or len(rows) >= MOST_OFFERS:
                break
        return rows[:MOST_OFFERS]

    try:
        found: list[Any] = _asked(connection, pages)
    except ToolFailed:
        if is_optional:
            return []
        raise
    return found


def _title(one: Any) -> str:
    return one_line(harmless(str(one.title or one.name)[: MOST_TITLE_CHARS * 4]))[:MOST_TITLE_CHARS] or "without a name"


def _about(one: Any) -> str:
    return one_line(harmless(str(one.description or "")[: MOST_ABOUT_CHARS * 4]))[:MOST_ABOUT_CHARS]


def _fields(prompt: Any) -> tuple[PromptField, ...]:
    return tuple(
        PromptField(one.name, _about(one), bool(one.required)) for one in (prompt.arguments or [])[:MOST_FILES]
    )


def _file(found: Any) -> tuple[str, bytes]:
    """Return the name and the bytes of a part of a resource. Raises: InputError."""
    name = file_name_of(found)
    try:
        text = getattr(found, "text", None)
        data = base64.b64decode(found.blob, validate=True) if text is None else str(text).encode()
    except (binascii.Error, ValueError) as error:
        raise InputError(f"“{name}” is not what it says.", "Pick another resource.") from error
    if len(data) > MOST_FILE_BYTES:
        raise InputError(f"“{name}” is larger than 10 MB.", "Pick another resource.")
    return name, data


def _said(message: Any, tells_role: bool) -> str:
    """Return a message of a prompt as text; what is no text is named."""
    block = message.content
    found = getattr(block, "resource", None)
    text = getattr(block, "text", None) or getattr(found, "text", None)
    words = harmless(str(text)) if text else f"({one_line(block.type).replace('_', ' ')})"
    return f"{'You' if message.role == 'assistant' else 'I'}: {words}" if tells_role else words
