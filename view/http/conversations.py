"""The saved conversations of the HTTP API: the same file as the pages show."""

from typing import Annotated, Literal
from urllib.parse import quote, unquote

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from controller.history.export import HTML, JSON, MARKDOWN, MARKDOWN_ZIP, PDF, export_conversation, file_reader
from model.chat.titles import title_of
from utils.files.names import safe_name
from utils.text.words import MARK_BEGIN, MARK_END
from view.http.chat import Parts
from view.http.schemas import Deleted, Found, History, Rename, Said, Saved

FORMATS = {
    "json": (JSON, "application/json"),
    "markdown": (MARKDOWN, "text/markdown"),
    "markdown_zip": (MARKDOWN_ZIP, "application/zip"),
    "html": (HTML, "text/html"),
    "pdf": (PDF, "application/pdf"),
}
router = APIRouter(tags=["conversations"])


def whole_id(conversation_id: Annotated[str, Path()]) -> str:
    """Return an id of whatever characters, from the part of a path that has kept its escapes."""
    return unquote(conversation_id, errors="replace")


ConversationId = Annotated[str, Depends(whole_id)]


@router.get("/conversations")
def conversations(
    services: Parts, limit: Annotated[int, Query(ge=1, le=1000)] = 100, offset: Annotated[int, Query(ge=0)] = 0
) -> list[Saved]:
    """List the saved conversations, the newest first."""
    return [
        Saved(conversation_id=row.id, name=row.name, updated_at=row.updated_at, is_pinned=row.is_pinned)
        for row in services.conversations.list_conversations()[offset : offset + limit]
    ]


@router.get("/search")
def search(
    services: Parts,
    q: Annotated[str, Query(min_length=1, max_length=500, examples=["rain"])],
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> list[Found]:
    """Search all names and messages."""
    return [
        Found(
            conversation_id=hit.conversation_id,
            name=hit.name,
            message_id=hit.message_id,
            snippet=hit.snippet.replace(MARK_BEGIN, "").replace(MARK_END, ""),
        )
        for hit in services.conversations.search(q, limit)
    ]


@router.get("/conversations/{conversation_id}", response_model_exclude_none=True)
def history(conversation_id: ConversationId, services: Parts) -> History:
    """Return a conversation's messages, also while an answer is being written."""
    messages = services.conversations.load_conversation(conversation_id).messages
    said = [
        Said(
            role=one.role,
            content=one.content,
            thinking=one.thinking,
            thinking_s=one.thinking_s,
            finish_reason=one.finish_reason,
        )
        for one in messages
    ]
    return History(conversation_id=conversation_id, messages=said)


@router.patch("/conversations/{conversation_id}")
def rename(conversation_id: ConversationId, body: Rename, services: Parts) -> Saved:
    """Give a conversation another name, for good."""
    row = services.conversations.rename_conversation(conversation_id, body.name)
    return Saved(conversation_id=row.id, name=row.name, updated_at=row.updated_at, is_pinned=row.is_pinned)


@router.delete("/conversations/{conversation_id}")
def delete(conversation_id: ConversationId, services: Parts) -> Deleted:
    """Delete a conversation for good; an answer that is being written ends."""
    services.conversations.delete_conversation(conversation_id)
    return Deleted(conversation_id=conversation_id)


@router.get("/conversations/{conversation_id}/export", response_class=Response)
def export(
    conversation_id: ConversationId,
    services: Parts,
    format: Literal["json", "markdown", "markdown_zip", "html", "pdf"] = "json",
) -> Response:
    """Return a conversation as a file; JSON keeps everything, the others hold what is shown.

    All but `markdown` have its pictures.
    """
    conversation = services.conversations.load_conversation(conversation_id)
    title, (ending, media_type) = title_of(conversation), FORMATS[format]
    name = quote(f"{safe_name(title)}{ending}", errors="replace")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    data = export_conversation(title, conversation, ending, read=file_reader(services.resources.attachments))
    return Response(data, media_type=media_type, headers=headers)
