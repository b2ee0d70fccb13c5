"""Saved conversations as files: one of them, or all."""

from datetime import tzinfo
from importlib import import_module

from controller.history.saved_conversations import SavedConversations
from model.chat.conversation import Conversation
from model.store.protocol import AttachedFiles
from model.transfer.export import as_json, as_markdown, as_markdown_zip, as_zip
from model.transfer.pictures import FileReader, has_pictures, nothing_kept

# The first keeps everything, the others the branch that is shown; a ZIP is Markdown with its pictures.
JSON, MARKDOWN, MARKDOWN_ZIP, HTML, PDF = ".json", ".md", ".zip", ".html", ".pdf"
LATE = {HTML: ("model.transfer.export_html", "as_html"), PDF: ("model.transfer.export_pdf", "as_pdf")}


def file_reader(files: AttachedFiles) -> FileReader:
    """Return what reads an attached or made file by its SHA-256; it raises FileGone and OSError."""
    return lambda sha256: files.path(sha256).read_bytes()


def fitting_ending(conversation: Conversation, ending: str) -> str:
    """Return how a file's name ends: Markdown with pictures is a ZIP."""
    is_zipped = ending == MARKDOWN and has_pictures(conversation.messages)
    return MARKDOWN_ZIP if is_zipped else ending


def export_conversation(
    title: str,
    conversation: Conversation,
    ending: str,
    zone: tzinfo | None = None,
    read: FileReader = nothing_kept,
    lead: str = "",
) -> bytes:
    """Return a conversation as a file, with moments in a zone, else in this machine's.

    `read` reads its pictures, as `file_reader` does. `lead` is Markdown that stands on top, where people read it.
    """
    if ending == JSON:
        return as_json([(title, conversation)])
    if ending == MARKDOWN_ZIP:
        return as_markdown_zip([(title, conversation)], zone, read, lead)
    if ending in LATE:  # they take a second and 20 MB to load, so not before somebody wants one
        module, name = LATE[ending]
        made: bytes = getattr(import_module(module), name)(title, conversation, zone, read, lead)
        return made
    return as_markdown(title, conversation, zone, lead).encode("utf-8", "replace")


def export_all(
    conversations: SavedConversations, ending: str, zone: tzinfo | None = None, read: FileReader = nothing_kept
) -> bytes:
    """Return all conversations as one JSON file, or a ZIP of files in another format."""
    rows = reversed(conversations.list_conversations())
    found = ((row.name, conversations.load_conversation(row.id)) for row in rows)
    if ending == JSON:
        return as_json(found)
    if ending == MARKDOWN:
        return as_markdown_zip(found, zone, read)
    return as_zip(found, ending, lambda title, one: export_conversation(title, one, ending, zone, read))
