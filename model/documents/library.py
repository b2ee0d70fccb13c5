"""The library: what was read of each file, on disk under the hash of the file's content.

A file that is attached twice is read once, whatever its name; when the reader has learned more, or a document is
damaged, it is read anew. It leaves out the reading, and the files themselves.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from threading import Lock

from model.documents.document import FORM, Document
from model.documents.search import PassageIndex
from model.store.disk_errors import reading, writing
from utils.files.atomic import remove_leftovers, temporary_folder, write_private
from utils.threads.once import once

_INDEXES_KEPT = 2  # each holds its vectors in memory: 1.5 kB a passage
_HASH = re.compile(r"[0-9a-f]{64}")


class DocumentLibrary:
    """A folder of documents; `encoder_name` tells whose vectors they hold, for those of two encoders don't mix."""

    def __init__(self, folder: Path, encoder_name: str) -> None:
        self.folder, self.encoder_name = folder, encoder_name
        self._lock = Lock()
        self._indexes: dict[tuple[str, ...], PassageIndex] = {}

    @once
    def _temporary(self) -> Path:
        """Return the folder for documents of temporary conversations; it goes when the program ends."""
        return temporary_folder(self)

    def path(self, sha256: str, is_temporary: bool = False) -> Path:
        """Return where a document is kept, or would be.

        Raises: LookupError when this is no hash, so that no path can be smuggled in: conversations come from anywhere.
        """
        if not _HASH.fullmatch(sha256):
            raise LookupError(f"no hash: {sha256!r}")
        name = f"{sha256}.{self.encoder_name}.{FORM}.npz"
        if is_temporary or any((folder / name).is_file() for folder in self._temporary_folders()):
            return self._temporary / name
        return self.folder / name

    def _temporary_folders(self) -> list[Path]:
        """Return the folder for documents of temporary conversations, if there is one by now."""
        return [self._temporary] if "_temporary" in vars(self) else []

    def has(self, sha256: str) -> bool:
        """Return whether the file with this hash was read."""
        with suppress(LookupError):
            return _is_own(self.path(sha256))
        return False

    def save(self, sha256: str, document: Document, is_temporary: bool = False) -> None:
        """Keep a document. Raises: StoreUnwritable."""
        path = self.path(sha256, is_temporary)
        with writing(path):
            write_private(path, document.to_bytes())
            for older in path.parent.glob(f"{sha256}.{self.encoder_name}.*npz"):
                if older != path:
                    older.unlink(missing_ok=True)

    def load(self, sha256: str) -> Document:
        """Return a document.

        Raises: LookupError when there is none that can be used; then the file must be read again.
        """
        path = self.path(sha256)
        if not _is_own(path):
            raise LookupError(sha256)
        try:
            with reading(path), path.open("rb") as file:
                return Document.from_file(file)
        except ValueError as error:
            path.unlink(missing_ok=True)
            raise LookupError(sha256) from error

    def index(self, hashes: Sequence[str]) -> PassageIndex:
        """Return documents side by side, to be searched together; the last ones stay in memory.

        Raises: LookupError as `load` does.
        """
        key = tuple(hashes)
        with self._lock:
            if key not in self._indexes:
                self._indexes[key] = PassageIndex.of([self.load(sha256) for sha256 in key])
            index = self._indexes[key] = self._indexes.pop(key)  # the newest stands last
            for old in list(self._indexes)[:-_INDEXES_KEPT]:
                del self._indexes[old]
        return index

    def delete(self, sha256: str) -> None:
        """Remove a document from disk and memory, whoever made its vectors; silent where there is none."""
        if not _HASH.fullmatch(sha256):
            return
        with self._lock:
            self._indexes = {key: index for key, index in self._indexes.items() if sha256 not in key}
            for folder in (self.folder, *self._temporary_folders()):
                for path in folder.glob(f"{sha256}.*"):
                    path.unlink(missing_ok=True)
                remove_leftovers(folder)


def _is_own(path: Path) -> bool:
    """Return whether a file is there, and no link to another."""
    return path.is_file() and not path.is_symlink()
