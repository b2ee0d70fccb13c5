"""Import: conversations out of any file that holds some, into the store, and a report of what was taken.

A file, also one in a ZIP, is known by what is in it; the store is written once, at the end. A
conversation that is here under its id but says more comes in as a copy.
"""

import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path, PurePosixPath
from types import ModuleType
from typing import IO, Any

from model.chat.branches import with_new_ids
from model.chat.conversation import Conversation
from model.errors import FileTooLarge, UnsupportedFile
from model.store.protocol import ConversationStore
from model.transfer import foreign, from_bnagpt, from_chatgpt, from_librechat, from_openwebui
from model.transfer.foreign import Imported, clean, derived_id, dict_of, in_words
from utils.files.archives import DAMAGE
from utils.json_tools.members import members as members_of

MAX_BYTES = 2 << 30  # one file is in memory as it is
MAX_RATIO = 200  # chats shrink to a tenth; what shrinks to nothing is made to do harm
_TAKE_JSON = "Give it the .json file, or the .zip as the other program wrote it."


def open_import(path: str) -> IO[bytes]:
    """Open a file on this machine. Raises: UnsupportedFile when there is none, or it can't be opened."""
    try:
        return Path(path.strip().strip("'\"")).expanduser().open("rb")
    except (OSError, ValueError, RuntimeError) as error:
        raise UnsupportedFile(f"“{path}” could not be opened.", "Look at the path, or upload the file.") from error


def json_files(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """Yield each JSON file.

    Raises: UnsupportedFile when a ZIP is damaged, locked, or holds none; FileTooLarge when it would swell too much.
    """
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    if head in (b"PK\x03\x04", b"PK\x05\x06"):
        yield from _packed_files(file)
    else:
        yield file


def _packed_files(file: IO[bytes]) -> Iterator[IO[bytes]]:
    try:
        archive = zipfile.ZipFile(file)
        members = [archive.open(info) for info in _chosen(archive.infolist())]
    except DAMAGE as error:
        raise UnsupportedFile("This ZIP file is damaged, or packed in an unknown way.", _TAKE_JSON) from error
    yield from members


def _chosen(found: list[zipfile.ZipInfo]) -> list[zipfile.ZipInfo]:
    """Return the files with conversations: those that ChatGPT names so, else every JSON file."""
    every = [info for info in found if info.filename.lower().endswith(".json")]
    infos = [info for info in every if PurePosixPath(info.filename).name.startswith("conversations")] or every
    if not infos:
        raise UnsupportedFile("There is no .json file in this ZIP file.", _TAKE_JSON)
    if any(info.flag_bits & 1 for info in infos):
        raise UnsupportedFile("This ZIP file is locked with a password.", "Unpack it, and give it the .json file.")
    # What is read stops at these sizes, even where a ZIP lies about them.
    size_bytes, packed_bytes = sum(i.file_size for i in infos), sum(i.compress_size for i in infos)
    if size_bytes > MAX_BYTES or size_bytes > MAX_RATIO * packed_bytes + (1 << 20):
        raise FileTooLarge("This ZIP file would unpack to a size that no export has.", _TAKE_JSON)
    return infos


class DuplicateDetector:
    """What is in the store, and what has come in since."""

    def __init__(self, store: ConversationStore) -> None:
        self._store = store
        self._stored_ids = {entry.id for entry in store.entries()}
        self._digests: dict[str | None, str] = {}  # of what has come in: one short text each, however long they are

    def take(self, conversation: Conversation) -> Conversation | None:
        """Return the conversation as it can come in, with ids that nothing else has; None when it is here."""
        digest = derived_id(*(message.id for message in conversation.all_messages))
        if self._has(conversation, digest):
            return None
        if conversation.id in self._stored_ids or conversation.id in self._digests:
            messages = with_new_ids(conversation.all_messages, lambda old: derived_id(digest, old))
            conversation = Conversation.of_all(messages)
            if self._has(conversation, digest):
                return None
        self._digests[conversation.id] = digest
        return conversation

    def _has(self, conversation: Conversation, digest: str) -> bool:
        if self._digests.get(conversation.id) == digest:
            return True
        if conversation.id not in self._stored_ids:
            return False
        stored = {message.id for message in self._store.find(conversation.id).all_messages}
        return all(message.id in stored for message in conversation.all_messages)


TAKEN, HERE, NOTHING = "taken", "already here", "with nothing to take"
TITLE_CHARS = 200
# The order says who is asked first; what none of them knows is read as our own.
READERS: tuple[ModuleType, ...] = (from_chatgpt, from_openwebui, from_librechat)
OnProgress = Callable[[float, int], None]


@dataclass
class Row:
    """What became of one conversation."""

    name: str
    outcome: str
    left_out: str


@dataclass
class Report:
    """What became of a file: a row for each conversation, and a sentence if its end could not be read."""

    rows: list[Row] = field(default_factory=list)
    damage: str = ""

    def count(self, outcome: str) -> int:
        """Return how many conversations ended like this."""
        return sum(row.outcome == outcome for row in self.rows)


def import_all(
    file: IO[bytes], store: ConversationStore, on_progress: OnProgress = lambda _fraction, _count: None
) -> Report:
    """Put all conversations of a file into the store; `on_progress` hears how far it is, and how many there were.

    Raises: UnsupportedFile or FileTooLarge when the file is of no use; the store is then as it was.
    """
    report = Report()
    names = store.add(_new_ones(file, DuplicateDetector(store), report, on_progress))
    taken = [row for row in report.rows if row.outcome == TAKEN]
    for row, name in zip(taken, names, strict=True):
        row.name = name
    return report


def _new_ones(
    file: IO[bytes], known: DuplicateDetector, report: Report, on_progress: OnProgress
) -> Iterator[tuple[str, Conversation]]:
    """Yield name and conversation of all that is not in the store yet, and write the report."""
    for found in _conversations(file, report, on_progress):
        conversation = known.take(found.conversation) if found.conversation.id else None
        outcome = TAKEN if conversation else HERE if found.conversation.id else NOTHING
        report.rows.append(Row(_name_of(found), outcome, in_words(found.left_out)))
        if conversation:
            yield report.rows[-1].name, conversation
    if not any(row.outcome in (TAKEN, HERE) for row in report.rows):
        raise UnsupportedFile("There are no conversations in this file.", _hint(report))


def _conversations(file: IO[bytes], report: Report, on_progress: OnProgress) -> Iterator[Imported]:
    """Yield what each conversation of a file becomes; where the file is damaged, say so in the report and end."""
    for json_file in json_files(file):
        try:
            yield from read(json_file, lambda share: on_progress(share, len(report.rows)))
        except DAMAGE as error:
            after = f"after conversation {len(report.rows):,}" if report.rows else "from its beginning"
            report.damage = f"The file can't be read {after}: {error}. What follows there is missing."


def read(file: IO[bytes], tell: Callable[[float], None] = lambda _share: None) -> Iterator[Imported]:
    """Yield what each conversation of a JSON file becomes; `tell` hears the share that is done.

    Raises: ValueError where the file is damaged.
    """
    data = bytearray()
    try:
        while piece := file.read(1 << 20):
            data += piece
    finally:  # of a ZIP that breaks off, what came before is taken
        yield from _read_all(data, tell)


def _read_all(data: bytearray, tell: Callable[[float], None]) -> Iterator[Imported]:
    members = members_of(data, tell)
    first = next(members, None)
    if first is None:
        return
    key, value = first
    everything = chain([first], members)
    if key is None and from_bnagpt.is_message(value):
        yield _read_one([message for _, message in everything])
    elif key is None or isinstance(value, list | dict):
        for name, element in everything:
            yield _read_one(element, name or "")
    else:
        yield _read_one({name: element for name, element in everything if name is not None})


def _read_one(data: Any, name: str = "") -> Imported:
    """Return a conversation of any shape; an empty one when it has none that is known."""
    reader = next((reader for reader in READERS if not name and reader.matches(data)), None)
    try:
        found: Imported = reader.read(data) if reader else from_bnagpt.read(data, name)
        return found
    except (ValueError, OverflowError, RecursionError):
        return Imported(
            name or clean(dict_of(data).get("title")), Conversation(), Counter({foreign.NO_CONVERSATION: 1})
        )


def _name_of(found: Imported) -> str:
    """Return the conversation's name, else its first words."""
    questions = [message.content for message in found.conversation.messages if message.role == "user"]
    name = " ".join(clean(found.name).split()) or " ".join(" ".join(questions[:1]).split())[:60]
    return name[:TITLE_CHARS].strip() or "Imported conversation"


def _hint(report: Report) -> str:
    """Return what may mend a file of which nothing could be taken."""
    own = "bnaGPT, ChatGPT, Open WebUI and LibreChat: give it the .json file that they export."
    return f"{report.damage} Import reads what comes from {own}".strip()
