"""Everything of one person in one ZIP: conversations as Import reads them, and all files under names for people."""

import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from controller.history.saved_conversations import SavedConversations
from controller.people.belongings import files_in
from controller.resources import Resources
from model.chat.conversation import Conversation
from model.errors import ConversationNotFound, FileGone
from model.people.profile import Profile
from model.transfer.export import Named, as_json
from utils.files.names import free_file_name

ATTACHED, PICTURES, MADE = "attachments", "pictures", "files"
README = """What bnaGPT has kept of you.

conversations.json  all conversations; Import reads this file
attachments/        what you have attached
pictures/, files/   what was made in conversations
assistants/         your own assistants; the page Assistants imports them
calendar.ics        your calendar, where it is kept here; any calendar app reads it
batches/            tables that were asked row by row
files.json          which file each SHA-256 in conversations.json stands for
profile.json        what the page You keeps
facts.json          what the page Memory keeps
"""


@dataclass(frozen=True)
class ZipEntry:
    """A file that a conversation refers to: in which folder of the ZIP it belongs, and what it is called."""

    folder: str
    name: str


def export_everything(conversations: SavedConversations, resources: Resources, profile: Profile) -> bytes:
    """Return all that a person has here as a ZIP. Raises: StoreError."""
    saved = list(_all(conversations))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        archive.writestr("README.txt", README)
        archive.writestr("conversations.json", as_json(saved))
        archive.writestr("profile.json", profile.to_json())
        places = dict(_put_files(archive, resources, _named(one for _, one in saved)))
        archive.writestr("files.json", json.dumps(places, indent=1, ensure_ascii=False))
        with suppress(FileNotFoundError):  # there need not be one
            archive.writestr("calendar.ics", resources.calendar_file.read_bytes())
        folders = {"assistants": resources.assistants_folder, "batches": resources.settings.beside("batches")}
        if (facts := resources.settings.beside("facts")).is_file():
            archive.write(facts, "facts.json")
        for name, folder in folders.items():
            for path in files_in([folder]):
                archive.write(path, f"{name}/{path.relative_to(folder).as_posix()}")
    return packed.getvalue()


def _all(conversations: SavedConversations) -> Iterator[Named]:
    for row in reversed(conversations.list_conversations()):
        with suppress(ConversationNotFound):  # it was deleted just now
            yield row.name, conversations.load_conversation(row.id)


def _put_files(archive: zipfile.ZipFile, resources: Resources, named: dict[str, ZipEntry]) -> Iterator[tuple[str, str]]:
    """Put all files into the archive, and yield the SHA-256 and the place of each."""
    taken: dict[str, set[str]] = {ATTACHED: set(), PICTURES: set(), MADE: set()}
    for sha256 in sorted(resources.attachments.digests()):
        file = named.get(sha256, ZipEntry(ATTACHED, sha256))
        path = PurePath(file.name)
        name = free_file_name(path.stem, path.suffix if path.suffix.lstrip(".").isalnum() else "", taken[file.folder])
        with suppress(FileGone):  # it was deleted just now
            archive.write(resources.attachments.path(sha256), f"{file.folder}/{name}", zipfile.ZIP_STORED)
            taken[file.folder].add(name)
            yield sha256, f"{file.folder}/{name}"


def _named(conversations: Iterable[Conversation]) -> dict[str, ZipEntry]:
    """Return the files that conversations refer to, by their SHA-256."""
    found: dict[str, ZipEntry] = {}
    for message in (message for one in conversations for message in one.all_messages):
        for step in message.tool_steps:
            found |= dict(_made(step.details))
        found |= {file.sha256: ZipEntry(ATTACHED, file.name) for file in message.attachments}
    return found


def _made(details: Any) -> Iterator[tuple[str, ZipEntry]]:
    """Yield the files that a tool's step tells of, wherever they stand in its details."""
    if isinstance(details, list):
        for part in details:
            yield from _made(part)
    elif isinstance(details, dict):
        sha256, name = details.get("sha256"), details.get("name")
        if isinstance(sha256, str) and isinstance(name, str):
            is_picture = str(details.get("media_type", "")).startswith("image/")
            yield sha256, ZipEntry(PICTURES if is_picture else MADE, name)
        for part in details.values():
            yield from _made(part)
