"""Intake: what becomes of a file that is dropped into the box for pictures.

A picture is kept as models use it, upright, small and without what a camera notes; the file as it came is not. Of a
document the pictures in it are kept beside it; one without any is kept for its words.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from model.chat.message_parts import Attachment
from model.errors import UnsupportedFile
from model.store.protocol import AttachedFiles
from utils.files.unreadable import Unreadable
from utils.reading.block import Drawn, Notice
from utils.reading.isolated import pictures_apart

Taken = Attachment | Notice
PICTURE_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".heic", ".heif", ".avif")
_OTHER = "Attach a PNG, JPEG, WebP, GIF, AVIF or HEIC, or a document."
_ENDINGS = {"image/png": ".png", "image/jpeg": ".jpg"}


def keep(store: AttachedFiles, name: str, data: bytes, is_temporary: bool = False) -> list[Attachment]:
    """Keep a picture as models use it, and any other file as it is; raises what `take_in` does."""
    if not name.lower().endswith(PICTURE_ENDINGS):
        return [store.put(name, data, is_temporary)]
    return [one for one in take_in(store, name, data, is_temporary) if isinstance(one, Attachment)]


def take_in(store: AttachedFiles, name: str, data: bytes, is_temporary: bool = False) -> Iterator[Taken]:
    """Keep the pictures of a file, and yield what refers to them; the document first where it is one.

    Raises: UnsupportedFile, StoreUnwritable.
    """
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        (folder / "file").write_bytes(data)
        (folder / "pictures").mkdir()
        try:
            found = list(pictures_apart(folder / "file", name, folder / "pictures"))
        except Unreadable as error:
            raise UnsupportedFile(f"“{name}” {error.reason}.", error.way_out) from error
        is_document = not any(isinstance(one, Drawn) and not one.place for one in found)
        if is_document and not found and name.lower().endswith(PICTURE_ENDINGS):
            raise UnsupportedFile(f"“{name}” is not a picture, although its name says so.", _OTHER)
        if is_document:
            yield store.put(name, data, is_temporary)
        for one in found:
            yield _kept(store, name, (folder / "pictures", one), is_temporary) if isinstance(one, Drawn) else one


def _kept(store: AttachedFiles, name: str, at: tuple[Path, Drawn], is_temporary: bool) -> Attachment:
    """Keep one picture under a name that says where it comes from."""
    folder, drawn = at
    stem = ", ".join(filter(None, (Path(name).stem or "picture", drawn.place)))
    file = store.put(stem + _ENDINGS[drawn.media_type], (folder / drawn.file_name).read_bytes(), is_temporary)
    return replace(file, media_type=drawn.media_type, width_px=drawn.width_px, height_px=drawn.height_px)
