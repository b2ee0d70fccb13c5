"""Export: conversations as Markdown for people, and as JSON, from which Import makes the same conversations again.

Markdown holds the branch that is shown, and its pictures where it comes as a ZIP; JSON holds all there is, in the shape
of the conversation file.
"""

import io
import re
import zipfile
from collections.abc import Callable, Container, Iterable
from datetime import tzinfo
from functools import partial
from itertools import chain
from pathlib import PurePath
from urllib.parse import quote

from model.chat.conversation import Conversation
from model.chat.descriptions import thinking_title
from model.chat.message import COMPLETE, FAILED, Message
from model.chat.message_parts import ToolStep, parts_of
from model.store.file_format import Entries, layout, merge
from model.transfer.pictures import SVG, FileReader, PictureFile, nothing_kept, pictures_of_message, read_picture
from utils.files.names import free_file_name, numbered_name, safe_name
from utils.moments import local_text
from utils.text.markdown_parts import literal

Named = tuple[str, Conversation]
PICTURES = "pictures"
ENDINGS = {"image/png": ".png", "image/jpeg": ".jpg", "image/gif": ".gif", "image/webp": ".webp", SVG: ".svg"}
_BLOCK_TAG = re.compile("<(?=/?(?:details|summary))", re.IGNORECASE)
_SPEAKERS = {"user": "You", "assistant": "Assistant", "system": "Instructions", "tool": "Tool"}


def as_json(conversations: Iterable[Named]) -> bytes:
    """Return conversations in the shape of the conversation file, with all branches and options."""
    entries: Entries = {}
    for title, conversation in conversations:
        name = numbered_name(title, entries)
        entries[name] = merge(name, None, conversation.all_messages)
    return layout(entries)


def as_zip(conversations: Iterable[Named], ending: str, made: Callable[[str, Conversation], bytes]) -> bytes:
    """Return a ZIP with one file for each conversation, as `made` makes it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        names: set[str] = set()
        for title, conversation in conversations:
            name = free_file_name(title, ending, names)
            names.add(name)
            archive.writestr(name, made(title, conversation))
    return packed.getvalue()


def name_line(picture: PictureFile) -> str:
    """Return a line with a picture's name, for a file that has no pictures."""
    return f"*Picture: {literal(picture.caption)}*"


def as_markdown(
    title: str,
    conversation: Conversation,
    zone: tzinfo | None = None,
    lead: str = "",
    line_of: Callable[[PictureFile], str] = name_line,
) -> str:
    """Return the shown branch as Markdown, each message under a heading, its content as it is.

    `lead` is Markdown that stands on top; `line_of` says what stands for a picture.
    """
    heading = literal(title)
    sections = (_section(message, zone, line_of) for message in conversation.messages)
    notes = [f"*{note}*" for note in [beside(conversation)] if note]
    return "\n\n".join(chain([f"# {heading}"], notes, filter(None, [lead]), sections)) + "\n"


def as_markdown_zip(
    conversations: Iterable[Named],
    zone: tzinfo | None = None,
    read: FileReader = nothing_kept,
    lead: str = "",
) -> bytes:
    """Return a ZIP with a Markdown file for each conversation, and their pictures in a folder beside these."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        pictures, names = PicturesFolder(partial(_store, archive), read), set[str]()
        for title, conversation in conversations:
            names.add(name := free_file_name(title, ".md", names))
            text = as_markdown(title, conversation, zone, lead, pictures.line_of)
            archive.writestr(name, text.encode("utf-8", "replace"))
    return packed.getvalue()


def _store(archive: zipfile.ZipFile, place: str, data: bytes) -> None:
    archive.writestr(place, data, zipfile.ZIP_STORED)


class PicturesFolder:
    """A folder beside Markdown, into which pictures are written as they come, each once."""

    def __init__(self, write: Callable[[str, bytes], None], read: FileReader, folder: str = PICTURES) -> None:
        """Write with `write`, which gets a place and the bytes."""
        self._write, self._read, self._folder = write, read, folder
        self._places: dict[str, str] = {}

    def line_of(self, picture: PictureFile) -> str:
        """Return Markdown that shows a picture; of one that can't be read, a line that says so."""
        caption = literal(picture.caption)
        try:
            place = self._places.get(picture.sha256) or self._put(picture)
        except ValueError as error:
            return f"*{caption}: {error}*"
        return f"![{caption}]({quote(place)})"

    def _put(self, picture: PictureFile) -> str:
        """Write a picture, and return its place. Raises: ValueError."""
        drawn = read_picture(picture, self._read)
        name = f"{len(self._places) + 1}-{safe_name(PurePath(picture.name).stem)}{ENDINGS[drawn.media_type]}"
        place = f"{self._folder}/{name}"
        self._write(place, drawn.data)
        self._places[picture.sha256] = place
        return place


def _section(message: Message, zone: tzinfo | None, line_of: Callable[[PictureFile], str]) -> str:
    """Return a message under its heading, with what was thought before it, and its pictures."""
    pictures = pictures_of_message(message)
    body = body_of(message, without={picture.sha256 for picture in pictures})
    heading = f"## {literal(role_heading(message, zone))}"
    return "\n\n".join(filter(None, (heading, folded_thinking(message), body, *map(line_of, pictures))))


def role_heading(message: Message, zone: tzinfo | None = None) -> str:
    """Return who wrote a message, with which model, when (in a zone, else this machine's), and how it ended."""
    summary = "Summary of what was said before" if message.summary_of else ""
    speaker = message.kind or summary or _SPEAKERS.get(message.role, "Other")
    moment = local_text(message.created_at, zone)
    ending = (message.finish_reason and "cut off") if message.status == COMPLETE else message.status
    notes = [note for note in (message.model_name, moment, ending) if note]
    return f"{speaker} ({', '.join(notes)})" if notes else speaker


def folded_thinking(message: Message) -> str:
    """Return what was thought before an answer as a block that opens with a click; "" where nothing was.

    It is quoted, so that a fence that was never closed ends with it; and it can't end the block itself.
    """
    if not message.thinking:
        return ""
    text = _BLOCK_TAG.sub("&lt;", message.thinking.replace("\r\n", "\n").replace("\r", "\n").strip("\n"))
    quoted = "\n".join(f"> {line}".rstrip() for line in text.split("\n"))
    return f"<details>\n<summary>{thinking_title(message)}</summary>\n\n{quoted}\n\n</details>"


def body_of(message: Message, without: Container[str] = ()) -> str:
    """Return what a message says, with its files, tool steps and sources; of one that failed also why.

    `without` are the SHA-256 of files that are shown elsewhere.
    """
    reason = f"The answer failed: {message.error}" if message.status == FAILED and message.error else ""
    said = [part if isinstance(part, str) else _told(part) for part in parts_of(message.content, message.tool_steps)]
    attached = (attachment for attachment in message.attachments if attachment.sha256 not in without)
    files = [f"*Attached: {literal(attachment.name)}*" for attachment in attached]
    sources = [
        f"{citation.number}. {literal(' · '.join(filter(None, (citation.title, citation.place, citation.address))))}"
        for citation in message.citations
    ]
    if message.tool_steps:
        said = [text.strip() for text in said]
    return "\n\n".join(text for text in (*said, *files, "\n".join(sources), reason) if text)


def _told(steps: list[ToolStep]) -> str:
    return "\n".join(f"> {literal(step.label or step.name)}: `{_one_line(step.arguments)[:200]}`" for step in steps)


def _one_line(text: str) -> str:
    """Return a text without line breaks and marks that would end a quotation."""
    return " ".join(text.replace("`", "'").split())


def beside(conversation: Conversation) -> str:
    """Return a sentence about the messages on other branches; "" when there are none."""
    count = len(conversation.beside)
    left = f"{count:,} message{'s' * (count > 1)} on other branches {'are' if count > 1 else 'is'} not in this file"
    return f"{left}; the JSON export has everything." if count else ""
