"""Import: conversations out of any file that holds some, into the store, and a report of what was taken.

A file is known by what is in it, not by its name. It is read as a stream, one conversation at a time, and written to
the store once, at the end: when something fails before, nothing has changed.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from types import ModuleType
from typing import IO, Any

from model import import_chatgpt, import_librechat, import_openwebui, import_own, imported
from model.conversation import Conversation
from model.errors import UnsupportedFile
from model.import_files import DAMAGE, json_files
from model.imported import Imported, clean, dict_of, told
from model.known import Known
from model.store import JsonStore
from utils import json_stream

TAKEN, HERE, NOTHING = "taken", "already here", "with nothing to take"
TITLE_CHARS = 200
# The order says who is asked first; what none of them knows is read as our own.
READERS: tuple[ModuleType, ...] = (import_chatgpt, import_openwebui, import_librechat)
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


def import_all(file: IO[bytes], store: JsonStore, on_progress: OnProgress = lambda _fraction, _count: None) -> Report:
    """Put all conversations of a file into the store; `on_progress` hears how far it is, and how many there were.

    Raises: UnsupportedFile or FileTooLarge when the file is of no use; the store is then as it was.
    """
    report = Report()
    names = store.add(_new_ones(file, Known(store), report, on_progress))
    taken = [row for row in report.rows if row.outcome == TAKEN]
    for row, name in zip(taken, names, strict=True):
        row.name = name
    return report


def _new_ones(
    file: IO[bytes], known: Known, report: Report, on_progress: OnProgress
) -> Iterator[tuple[str, Conversation]]:
    """Yield name and conversation of all that is not in the store yet, and write the report."""
    for found in _conversations(file, report, on_progress):
        conversation = known.take(found.conversation) if found.conversation.id else None
        outcome = TAKEN if conversation else HERE if found.conversation.id else NOTHING
        report.rows.append(Row(_name_of(found), outcome, told(found.left_out)))
        if conversation:
            yield report.rows[-1].name, conversation
    if not any(row.outcome in (TAKEN, HERE) for row in report.rows):
        raise UnsupportedFile("There are no conversations in this file.", _hint(report))


def _conversations(file: IO[bytes], report: Report, on_progress: OnProgress) -> Iterator[Imported]:
    """Yield what each conversation of a file becomes; where the file is damaged, say so in the report and end."""
    for json_file, size_bytes in json_files(file):
        try:
            for found in read(json_file):
                on_progress(min(json_file.tell() / max(size_bytes, 1), 1.0), len(report.rows))
                yield found
        except DAMAGE as error:
            after = f"after conversation {len(report.rows):,}" if report.rows else "from its beginning"
            report.damage = f"The file can't be read {after}: {error}. What follows there is missing."


def read(file: IO[bytes]) -> Iterator[Imported]:
    """Yield what each conversation of a JSON file becomes.

    Raises: ValueError where the file is damaged.
    """
    members = json_stream.members(file)
    first = next(members, None)
    if first is None:
        return
    key, value = first
    everything = chain([first], members)
    if key is None and import_own.is_message(value):
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
        found: Imported = reader.read(data) if reader else import_own.read(data, name)
        return found
    except (ValueError, OverflowError, RecursionError):
        return Imported(
            name or clean(dict_of(data).get("title")), Conversation(), Counter({imported.NO_CONVERSATION: 1})
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
