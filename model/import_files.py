"""The JSON files in what a person gives: the file itself, or those in a ZIP, as ChatGPT sends it.

A ZIP is read as a stream, never unpacked to disk, so no path in it can do harm.
"""

import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import IO

from model.errors import FileTooLarge, UnsupportedFile

MAX_BYTES = 8 << 30
MAX_RATIO = 200  # chats shrink to a tenth; what shrinks to nothing is made to do harm
DAMAGE = (ValueError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError)
_TAKE_JSON = "Give it the .json file, or the .zip as the other program wrote it."


def opened(path: str) -> IO[bytes]:
    """Open a file on this machine.

    Raises: UnsupportedFile when there is none, or it can't be opened.
    """
    try:
        return Path(path.strip().strip("'\"")).expanduser().open("rb")
    except (OSError, ValueError, RuntimeError) as error:
        raise UnsupportedFile(f"“{path}” could not be opened.", "Look at the path, or upload the file.") from error


def json_files(file: IO[bytes]) -> Iterator[tuple[IO[bytes], int]]:
    """Yield each JSON file with its size in bytes.

    Raises: UnsupportedFile when a ZIP is damaged, locked, or holds none; FileTooLarge when it would swell too much.
    """
    size_bytes = file.seek(0, 2)
    file.seek(0)
    head = file.read(4)
    file.seek(0)
    if head in (b"PK\x03\x04", b"PK\x05\x06"):
        yield from _packed_files(file)
    else:
        yield file, size_bytes


def _packed_files(file: IO[bytes]) -> Iterator[tuple[IO[bytes], int]]:
    """Yield each JSON file of a ZIP."""
    try:
        archive = zipfile.ZipFile(file)
        members = [(archive.open(info), info.file_size) for info in _chosen(archive.infolist())]
    except (*DAMAGE, RuntimeError) as error:
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
        raise FileTooLarge("This ZIP file would swell to a size that no export has.", _TAKE_JSON)
    return infos
