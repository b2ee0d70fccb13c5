"""Files that people attach, each kept once under the SHA-256 of its bytes.

They stand in a folder beside the conversation file; messages only name them (`model/chat/message_parts.py`). Files of a
temporary conversation lie in a temporary folder that goes when the program ends.
With ATTACHMENTS_URL they are in storage that many machines share, and a folder is in front of it.
It leaves out what is in the files: the stages read them.
"""

import mimetypes
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import Any

from model.chat.message_parts import Attachment
from model.errors import FileGone, StoreError, StoreUnreadable, StoreUnwritable
from model.store.disk_errors import writing
from model.store.protocol import AttachedFiles
from utils.files import atomic
from utils.threads.once import once

UNREACHABLE = "The storage of attached files can't be reached."
HINT = "Try again; nothing is lost. ATTACHMENTS_URL in .env names the storage."


class AttachmentStore(AttachedFiles):
    """A folder of files under their hashes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @once
    def _temporary(self) -> Path:
        """Return the folder for temporary conversations; it is deleted with this object, or at the program's end."""
        return atomic.temporary_folder(self)

    def put(self, name: str, data: bytes, is_temporary: bool = False) -> Attachment:
        digest = sha256(data).hexdigest()
        path = (self._temporary if is_temporary else self.folder) / digest
        if not _is_own(path):
            with writing(path):
                path.unlink(missing_ok=True)  # a link
                atomic.write_private(path, data)
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Attachment(digest, Path(name).name or "file", media_type, len(data))

    def path(self, digest: str) -> Path:
        if is_digest(digest):  # conversations may come from anywhere
            for path in (folder / digest for folder in self._folders()):
                if _is_own(path):
                    return path
        raise FileGone

    def _folders(self) -> list[Path]:
        """Return where files may be; the folder for temporary conversations is not made only to look into it."""
        return [self.folder, *([self._temporary] if "_temporary" in vars(self) else [])]

    def kept_at_s(self, digest: str) -> float:
        return self.path(digest).stat().st_mtime

    def digests(self) -> set[str]:
        found = self.folder.glob("*") if self.folder.is_dir() else ()
        return {path.name for path in found if is_digest(path.name) and _is_own(path)}

    def remove(self, digest: str) -> None:
        if is_digest(digest) and _is_own(self.folder / digest):
            with writing(self.folder / digest):
                (self.folder / digest).unlink(missing_ok=True)
            atomic.remove_leftovers(self.folder)


class SharedAttachments(AttachmentStore):
    """Files under their hashes in shared storage, with a folder of this machine in front."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(folder)
        self._url = url

    @once
    def _storage(self) -> tuple[Any, str]:
        """Return the file system that the address names, and the folder in it."""
        import fsspec  # half a second, and only who shares files needs it

        storage, folder = fsspec.url_to_fs(self._url)
        return storage, folder

    def put(self, name: str, data: bytes, is_temporary: bool = False) -> Attachment:
        """Keep a file's bytes in the storage before the copy here: a message names only what all can read."""
        if not is_temporary:
            with _told(StoreUnwritable, "The file can't be kept: the storage of attached files does not take it."):
                storage, folder = self._storage
                storage.makedirs(folder, exist_ok=True)
                storage.pipe_file(f"{folder}/{sha256(data).hexdigest()}", data)
        return super().put(name, data, is_temporary)

    def path(self, digest: str) -> Path:
        with suppress(FileGone):
            return super().path(digest)
        if is_digest(digest) and (data := self._read(digest)) is not None:
            with writing(self.folder / digest):
                atomic.write_private(self.folder / digest, data)
        return super().path(digest)

    def _read(self, digest: str) -> bytes | None:
        """Return a file's bytes from the storage; None where it is not there, or holds something else by now."""
        with _told(StoreUnreadable, UNREACHABLE):
            storage, folder = self._storage
            try:
                data: bytes = storage.cat_file(f"{folder}/{digest}")
            except FileNotFoundError:
                return None
        return data if sha256(data).hexdigest() == digest else None

    def kept_at_s(self, digest: str) -> float:
        with _told(StoreUnreadable, UNREACHABLE), suppress(FileNotFoundError):
            storage, folder = self._storage
            return float(storage.modified(f"{folder}/{digest}").timestamp())
        return super().kept_at_s(digest)

    def digests(self) -> set[str]:
        """Return the hashes of all files in the storage, and of copies here that it has no more."""
        with _told(StoreUnreadable, UNREACHABLE):
            storage, folder = self._storage
            storage.invalidate_cache()
            with suppress(FileNotFoundError):
                names = {str(path).rpartition("/")[2] for path in storage.ls(folder, detail=False)}
                return super().digests() | set(filter(is_digest, names))
        return super().digests()

    def remove(self, digest: str) -> None:
        if is_digest(digest):
            with _told(StoreUnwritable, "The storage of attached files does not delete."), suppress(FileNotFoundError):
                storage, folder = self._storage
                storage.rm_file(f"{folder}/{digest}")
        super().remove(digest)


def attachments_folder(conversations_file: Path) -> Path:
    """Return where the files of a conversation file are; each has its own folder, so that the unused can be deleted."""
    stem = conversations_file.stem
    return conversations_file.with_name("attachments" if stem == "conversations" else f"{stem}.attachments")


def is_digest(name: str) -> bool:
    """Return whether this is a SHA-256 as files are named by."""
    return bool(re.fullmatch("[0-9a-f]{64}", name))


def _is_own(path: Path) -> bool:
    """Return whether a file is there, and no link: that would lead to any file of this machine."""
    return path.is_file() and not path.is_symlink()


@contextmanager
def _told(kind: type[StoreError], sentence: str) -> Iterator[None]:
    """Tell what goes wrong in the storage by one sentence: each kind of it has errors of its own."""
    try:
        yield
    except FileNotFoundError:
        raise
    except ImportError as error:
        raise kind("What speaks to the storage of attached files is not installed.", f"Install it: {error}.") from error
    except Exception as error:
        raise kind(sentence, HINT) from error
