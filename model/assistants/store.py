"""Assistants on disk: a folder of a person's own, and one that comes with bnaGPT and is only read.

A file's name is made once and is the assistant's id. A list outside of the folder tells, by hash, which files may run
tools without asking: no folder that comes from elsewhere can vouch for itself.
"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from itertools import count
from pathlib import Path

from model.assistants.assistant import Assistant
from model.assistants.file import ENDING, MAX_BYTES, from_bytes, tidy, to_text
from model.errors import BnaError, InputError, StoreUnreadable
from model.store.disk_errors import holding, reading, writing
from settings import ROOT
from utils.files import atomic
from utils.files.names import first_free, slug

SHIPPED = ROOT / "assistants"
MOST_FILES = 500
_ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")


class AssistantStore:
    """A person's own assistants, and those that come with bnaGPT; `allowed_file` keeps which of them need not ask."""

    def __init__(self, folder: Path, allowed_file: Path, shipped: Path = SHIPPED) -> None:
        self.folder = folder
        self._allowed_file = allowed_file
        self._shipped = shipped

    def all(self) -> tuple[list[Assistant], list[str]]:
        """Return all assistants by name, the person's own first, and a sentence for each file that can't be used."""
        own: list[Assistant] = []
        problems: list[str] = []
        allowed = self._allowed()
        for path in self._files():
            try:
                own.append(self._read(path, allowed))
            except BnaError as error:
                problems.append(f"{path.name}: {error.message} {error.hint}")
        shipped = [replace(self._shipped_one(path), asks_first=False) for path in sorted(self._shipped.glob("*.md"))]
        return [*_by_name(own), *_by_name(shipped)], problems

    def load(self, assistant_id: str) -> Assistant:
        """Return the assistant with this id.

        Raises: StoreUnreadable when it is gone, InputError when its file can't be used.
        """
        if _ID.fullmatch(assistant_id):
            if (own := self.folder / f"{assistant_id}{ENDING}").is_file():
                return self._read(own, self._allowed())
            if (shipped := self._shipped / f"{assistant_id}{ENDING}").is_file():
                return self._shipped_one(shipped)
        raise StoreUnreadable("This assistant is no longer there.", "Pick another one.")

    def save(self, assistant: Assistant) -> Assistant:
        """Write an assistant, and return it with its id; one that has none, or came with bnaGPT, becomes a new file.

        Raises: InputError, StoreUnwritable.
        """
        assistant = tidy(assistant)
        data = to_text(assistant).encode()
        with self._holding_allowed():
            is_new = assistant.is_shipped or not _ID.fullmatch(assistant.id)
            saved = replace(assistant, id=self._free_id(assistant.name) if is_new else assistant.id, is_shipped=False)
            path = self._inside(f"{saved.id}{ENDING}")
            allowed = {key: value for key, value in self._allowed().items() if key != saved.id}
            if not saved.asks_first:
                allowed[saved.id] = sha256(data).hexdigest()
            with writing(path):
                atomic.write_private(path, data)
            self._allow(allowed)
        return saved

    def delete(self, assistant_id: str) -> None:
        """Delete one of the person's own assistants; one that is not there is no error. Raises: StoreUnwritable."""
        if _ID.fullmatch(assistant_id) and self.folder.is_dir():
            path = self.folder / f"{assistant_id}{ENDING}"
            with self._holding_allowed(), writing(path):
                path.unlink(missing_ok=True)
                atomic.remove_leftovers(self.folder)
                self._allow({key: value for key, value in self._allowed().items() if key != assistant_id})

    def take_in(self, data: bytes) -> Assistant:
        """Save an assistant from a file that came from elsewhere: it gets an id of its own, and asks first.

        Raises: InputError, StoreUnwritable.
        """
        return self.save(replace(from_bytes(data), id="", asks_first=True))

    def _files(self) -> Iterator[Path]:
        with reading(self.folder):
            found = sorted(self.folder.glob(f"*{ENDING}")) if self.folder.is_dir() else []
        yield from found[:MOST_FILES]

    def _read(self, path: Path, allowed: dict[str, str]) -> Assistant:
        if not _ID.fullmatch(path.stem):
            raise InputError("The file's name may have small letters a to z, digits and hyphens only.", "Rename it.")
        if not path.is_file() or path.is_symlink():
            raise InputError("It is a link or a folder, not a file.", "Put the file itself there.")
        with reading(path), path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
        is_allowed = allowed.get(path.stem) == sha256(data).hexdigest()
        return replace(from_bytes(data), id=path.stem, asks_first=not is_allowed)

    def _shipped_one(self, path: Path) -> Assistant:
        with reading(path):
            return replace(from_bytes(path.read_bytes()), id=path.stem, is_shipped=True, asks_first=False)

    def _free_id(self, name: str) -> str:
        """Return an id that no file has yet, whatever the name."""
        taken = {path.stem.casefold() for folder in (self.folder, self._shipped) for path in folder.glob("*")}
        first = slug(name, "assistant")
        return first_free(first, (f"{first}-{number}" for number in count(2)), taken.__contains__)

    def _allowed(self) -> dict[str, str]:
        """Return the hash of each file that may run tools without asking; none where that can't be read."""
        try:
            allowed = json.loads(self._allowed_file.read_bytes())
        except (OSError, ValueError, RecursionError):
            return {}
        return {key: value for key, value in allowed.items() if isinstance(value, str)} if type(allowed) is dict else {}

    def _allow(self, allowed: dict[str, str]) -> None:
        with writing(self._allowed_file):
            atomic.write_private(self._allowed_file, json.dumps(allowed, indent=2).encode())

    @contextmanager
    def _holding_allowed(self) -> Iterator[None]:
        """Hold the lock of the list during the block, and with it that of the folder."""
        with writing(self._allowed_file):
            atomic.make_folder(self._allowed_file.parent)
        with holding(self._allowed_file):
            yield

    def _inside(self, name: str) -> Path:
        with writing(self.folder):
            atomic.make_folder(self.folder)
        return self.folder / name


def _by_name(assistants: list[Assistant]) -> list[Assistant]:
    return sorted(assistants, key=lambda assistant: assistant.name.casefold())
