"""Files that people attach, each kept once under the SHA-256 of its bytes.

They stand in a folder beside the conversation file; messages only name them (`model/chat/message_parts.py`). Files of a
temporary conversation lie in a temporary folder that goes when the program ends.
It leaves out what is in the files: the stages read them.
"""

import mimetypes
import re
from hashlib import sha256
from pathlib import Path

from model.chat.message_parts import Attachment
from model.errors import StoreUnreadable
from model.store.disk_errors import writing
from model.store.protocol import AttachedFiles
from utils.files import atomic
from utils.threads.once import once


class AttachmentStore(AttachedFiles):
    """A folder of files under their hashes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def beside(cls, conversations_file: Path) -> "AttachmentStore":
        """Return the files of a conversation file; each has a folder of its own, so that the unused can be deleted."""
        stem = conversations_file.stem
        return cls(conversations_file.with_name("attachments" if stem == "conversations" else f"{stem}.attachments"))

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
        if re.fullmatch("[0-9a-f]{64}", digest):  # conversations may come from anywhere
            for path in (folder / digest for folder in self._folders()):
                if _is_own(path):
                    return path
        raise StoreUnreadable("An attached file is no longer there.", "Attach it again.")

    def _folders(self) -> list[Path]:
        """Return where files may be; the folder for temporary conversations is not made only to look into it."""
        return [self.folder, *([self._temporary] if "_temporary" in vars(self) else [])]

    def digests(self) -> set[str]:
        found = self.folder.glob("*") if self.folder.is_dir() else ()
        return {path.name for path in found if re.fullmatch("[0-9a-f]{64}", path.name) and _is_own(path)}

    def remove(self, digest: str) -> None:
        if digest in self.digests():
            with writing(self.folder / digest):
                (self.folder / digest).unlink(missing_ok=True)
            atomic.remove_leftovers(self.folder)


def _is_own(path: Path) -> bool:
    """Return whether a file is there, and no link: that would lead to any file of this machine."""
    return path.is_file() and not path.is_symlink()
