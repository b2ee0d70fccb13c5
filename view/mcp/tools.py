"""What the server can do: ask a stage, search and read conversations, search the documents in them."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from threading import Lock
from typing import Any

from controller.chat.turns import RunningTurn
from controller.services import Services
from controller.stages import STAGES, find_stage, new_conversation, search_files
from controller.turn import ModelSelection, Permission, ToolApproval, TurnControl
from model.chat.conversation import Conversation
from model.chat.events import Started
from model.chat.message_parts import Attachment
from model.errors import InputError
from utils.text.words import MARK_BEGIN, MARK_END
from utils.threads.stop import CancellationToken

LONGEST_QUESTION = 100_000
MOST_HITS, MOST_MESSAGES = 50, 200
MOST_CHARS = 200_000  # of what is read at once
MOST_FILES = 200  # that are searched at once
NOBODY_TO_ASK = "Over MCP nobody can be asked, so the tool did not run. On the page it can be allowed."
_STARTING = Lock()
_TEXT = {"type": "string", "minLength": 1, "maxLength": 500}
_ID = {"type": "string", "minLength": 1, "maxLength": 200}


@dataclass(frozen=True)
class Given:
    """What a tool gives: text, and the same as data."""

    text: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Row:
    """One tool as clients are told of it."""

    name: str
    title: str
    description: str
    properties: dict[str, Any]
    required: tuple[str, ...]
    is_read_only: bool = True

    @property
    def schema(self) -> dict[str, Any]:
        told = {"type": "object", "properties": self.properties, "required": list(self.required)}
        return told | {"additionalProperties": False}


ROWS = (
    Row(
        "ask",
        "Ask bnaGPT",
        "Asks bnaGPT a question and returns its answer. The stage says what it may use, such as web_search, documents"
        " or all_together. The conversation is saved; name its conversation_id to go on with it.",
        {
            "question": {"type": "string", "minLength": 1, "maxLength": LONGEST_QUESTION},
            "stage": {"type": "string", "enum": [row.slug for row in STAGES], "default": "chatbot_with_memory"},
            "conversation_id": _ID,
        },
        ("question",),
        is_read_only=False,
    ),
    Row(
        "search_conversations",
        "Search conversations",
        "Finds saved conversations in whose name or messages all of some words stand.",
        {"query": _TEXT, "limit": {"type": "integer", "minimum": 1, "maximum": MOST_HITS, "default": 10}},
        ("query",),
    ),
    Row(
        "read_conversation",
        "Read a conversation",
        "Returns the newest messages of a saved conversation.",
        {
            "conversation_id": _ID,
            "last": {"type": "integer", "minimum": 1, "maximum": MOST_MESSAGES, "default": 50},
        },
        ("conversation_id",),
    ),
    Row(
        "search_documents",
        "Search documents",
        "Finds the passages that fit a question best in the documents that are attached to a conversation; without a"
        " conversation_id, in those of the newest conversations.",
        {"query": _TEXT, "conversation_id": _ID},
        ("query",),
    ),
)


class RefusingGate(ToolApproval):
    """Says no to tools that wait for a person's yes."""

    def ask(self, call_id: str, stop: CancellationToken, reason: str = "") -> Permission:
        del call_id, stop
        return Permission(False, why_not=f"{reason} {NOBODY_TO_ASK}".strip())


def begin_turn(services: Services, arguments: dict[str, Any]) -> RunningTurn:
    """Ask a question; when this returns, it is on disk, and the answer is being written. Raises: BnaError."""
    stage = find_stage(arguments.get("stage", "chatbot_with_memory"))
    controller = stage.build_controller(services.resources)
    with _STARTING:  # one at a time, so that two can't begin in the same conversation
        known = arguments.get("conversation_id")
        conversation = services.conversations.load_conversation(known) if known else new_conversation(stage, services)

        def begin() -> Started:
            return controller.ask(conversation, arguments["question"])

        selection = _selection(services, conversation)
        return services.turns.start(controller, conversation, begin, selection, TurnControl(gate=RefusingGate()))


def _selection(services: Services, conversation: Conversation) -> ModelSelection:
    """Return the conversation's own model, else the default."""
    options = conversation.options
    provider = services.providers.named(options.provider) if options.provider else None
    return ModelSelection(provider, options.model_name)


def answer_of(turn: RunningTurn) -> Given:
    """Return what a turn that has ended gave. Raises: BnaError."""
    if turn.error:
        raise turn.error
    answer = turn.answer
    sources = [{"number": one.number, "title": one.title, "address": one.address} for one in answer.citations]
    told = "\n".join(f"[{one['number']}] {one['title']} {one['address']}".strip() for one in sources)
    data = {"answer": answer.content, "conversation_id": turn.conversation.id, "sources": sources}
    return Given("\n\n".join(filter(None, (answer.content, told))), data)


def search_conversations(services: Services, arguments: dict[str, Any]) -> Given:
    hits = services.conversations.search(arguments["query"], arguments.get("limit", 10))
    rows = [
        {
            "conversation_id": hit.conversation_id,
            "name": hit.name,
            "snippet": hit.snippet.replace(MARK_BEGIN, "").replace(MARK_END, ""),
        }
        for hit in hits
    ]
    text = "\n".join(f"{row['name']} ({row['conversation_id']}): {row['snippet']}" for row in rows)
    return Given(text or "No conversation has these words.", {"conversations": rows})


def read_conversation(services: Services, arguments: dict[str, Any]) -> Given:
    """Return the newest messages, as many as there is room for. Raises: ConversationNotFound."""
    conversation = services.conversations.load_conversation(arguments["conversation_id"])
    rows: list[dict[str, str]] = []
    room = MOST_CHARS
    for message in reversed(conversation.messages[-arguments.get("last", 50) :]):
        room -= len(message.content)
        if room < 0 and rows:
            break
        rows.insert(0, {"role": message.role, "content": message.content[:MOST_CHARS]})
    name = services.conversations.title_of(conversation)
    text = "\n\n".join(f"{row['role']}: {row['content']}" for row in rows)
    return Given(text, {"conversation_id": conversation.id, "name": name, "messages": rows})


def search_documents(services: Services, arguments: dict[str, Any]) -> Given:
    """Return the passages that fit. Raises: BnaError."""
    files = _files_of(services, arguments.get("conversation_id"))
    if not files:
        raise InputError("There are no documents there.", "Attach some to a conversation first.")
    found = search_files(services.resources, files, arguments["query"])
    rows = [asdict(one) for one in found]
    text = "\n\n".join(f"[{number}] {one.file}, {one.place}:\n{one.text}" for number, one in enumerate(found, 1))
    return Given(text or "No passage is about this.", {"passages": rows})


def _files_of(services: Services, conversation_id: str | None) -> list[Attachment]:
    """Return the documents of a conversation, or of the newest ones, each once. Raises: ConversationNotFound."""
    ids = [conversation_id] if conversation_id else [row.id for row in services.conversations.list_conversations()]
    files: dict[str, Attachment] = {}
    for one in ids:
        for message in services.conversations.load_conversation(one).messages:
            files |= {file.sha256: file for file in message.attachments if not file.is_picture}
        if len(files) >= MOST_FILES:
            break
    return list(files.values())[:MOST_FILES]


LOOK_UPS: dict[str, Callable[[Services, dict[str, Any]], Given]] = {
    "search_conversations": search_conversations,
    "read_conversation": read_conversation,
    "search_documents": search_documents,
}
