"""Files that people attach, each kept once under the SHA-256 of its bytes.

They stand in a folder beside the conversation file; messages only name them (`model/attachment.py`). Files of a
temporary conversation lie in a temporary folder that goes when the program ends.
It leaves out what is in the files: the stages read them.
"""

import mimetypes
import re
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from model.attachment import Attachment
from model.disk_errors import writing
from model.errors import StoreUnreadable
from utils import files


class AttachmentStore:
    """A folder of files under their hashes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def _temporary(self) -> Path:
        """Return the folder for temporary conversations; it is deleted with this object, or at the program's end."""
        return files.temporary_folder(self)

    def put(self, name: str, data: bytes, is_temporary: bool = False) -> Attachment:
        """Keep a file's bytes, and return what refers to them.

        Raises: StoreUnwritable.
        """
        digest = sha256(data).hexdigest()
        path = (self._temporary if is_temporary else self.folder) / digest
        if not path.exists():
            with writing(path):
                files.write_whole(path, data)
        media_type = mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Attachment(digest, Path(name).name or "file", media_type, len(data))

    def path(self, digest: str) -> Path:
        """Return where a file is.

        Raises: StoreUnreadable when it is gone, or when this is no SHA-256: conversations may come from anywhere.
        """
        if re.fullmatch("[0-9a-f]{64}", digest):
            for folder in (self.folder, self._temporary):
                if (folder / digest).is_file():
                    return folder / digest
        raise StoreUnreadable("An attached file is no longer there.", "Attach it again.")

    def digests(self) -> set[str]:
        """Return the hashes of all files that are kept on disk."""
        names = {path.name for path in self.folder.glob("*")} if self.folder.is_dir() else set()
        return {name for name in names if re.fullmatch("[0-9a-f]{64}", name)}

    def remove(self, digest: str) -> None:
        """Delete a file from the disk for good; one that is not there is no error.

        Raises: StoreUnwritable.
        """
        if digest in self.digests():
            with writing(self.folder / digest):
                (self.folder / digest).unlink(missing_ok=True)
