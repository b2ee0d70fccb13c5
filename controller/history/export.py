"""Saved conversations as files: one of them, or all."""

from datetime import tzinfo
from importlib import import_module

from controller.history.saved_conversations import SavedConversations
from model.chat.conversation import Conversation
from model.transfer.export import as_json, as_markdown, as_zip

JSON, MARKDOWN, PDF = ".json", ".md", ".pdf"  # the first keeps everything, the others the branch that is shown


def export_conversation(title: str, conversation: Conversation, ending: str, zone: tzinfo | None = None) -> bytes:
    """Return a conversation as a file, with moments in a zone, else in this machine's."""
    if ending == JSON:
        return as_json([(title, conversation)])
    if ending == PDF:  # it takes a second and 20 MB to load, so not before somebody wants one
        pdf: bytes = import_module("model.transfer.export_pdf").as_pdf(title, conversation, zone)
        return pdf
    return as_markdown(title, conversation, zone).encode("utf-8", "replace")


def export_all(conversations: SavedConversations, ending: str, zone: tzinfo | None = None) -> bytes:
    """Return all conversations as one JSON file, or a ZIP of files in another format."""
    rows = reversed(conversations.list_conversations())
    found = ((row.name, conversations.load_conversation(row.id)) for row in rows)
    if ending == JSON:
        return as_json(found)
    return as_zip(found, ending, lambda title, conversation: export_conversation(title, conversation, ending, zone))
