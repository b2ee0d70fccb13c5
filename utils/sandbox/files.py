"""The folder that code reads and writes: how much is in it, what goes in, and what a run has made.

Whoever writes there is not trusted. A link made there may point at any file of this machine, so no link is followed.
"""

import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

State = dict[str, tuple[int, int]]


def measure(folder: Path, most: int | None = None) -> tuple[int, int]:
    """Return how many bytes and how many entries a folder holds; beyond `most` entries nothing is counted."""
    size_bytes = count = 0
    for entry in _entries(folder):
        count += 1
        with suppress(OSError):  # it may be gone by now
            size_bytes += entry.stat(follow_symlinks=False).st_size
        if most is not None and count > most:
            break
    return size_bytes, count


def state_of(folder: Path) -> State:
    """Return size and time of each file, by its path in the folder; no links, no hidden files."""
    found: State = {}
    for entry in _entries(folder):
        name = Path(entry.path).relative_to(folder)
        status = entry.stat(follow_symlinks=False)
        if stat.S_ISREG(status.st_mode) and not any(part.startswith(".") for part in name.parts):
            found[name.as_posix()] = (status.st_size, status.st_mtime_ns)
    return found


def changed(folder: Path, before: State) -> list[Path]:
    return [folder / name for name, status in sorted(state_of(folder).items()) if before.get(name) != status]


def copy_in(files: Mapping[str, Path], folder: Path) -> None:
    """Copy files into the folder under these names; what is there already stays as it is."""
    for name, source in files.items():
        target = folder / Path(name).name
        if not os.path.lexists(target):
            shutil.copyfile(source, target)


def read_capped(path: Path, max_bytes: int) -> bytes:
    """Return what a file holds. Raises: OSError when it is a link or no file, or is larger than that."""
    flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(path, flags), "rb") as file:
        status = os.fstat(file.fileno())
        if not stat.S_ISREG(status.st_mode) or status.st_size > max_bytes:
            raise OSError(f"{path.name} is no file, or too large")
        return file.read(max_bytes)


def remove_folder(folder: Path) -> None:
    """Delete a folder with all in it, as far as that can be done.

    Each folder below is moved to the top first: they may be nested deeper than Python or the system can follow.
    """
    waiting = [folder]
    while waiting:
        inner = waiting.pop()
        for entry in _listed(inner):
            with suppress(OSError):
                waiting += _taken_out(entry, folder)
        if inner != folder:
            with suppress(OSError):
                os.rmdir(inner)
    with suppress(OSError):
        os.rmdir(folder)


def _taken_out(entry: os.DirEntry[str], folder: Path) -> list[Path]:
    """Delete an entry; a folder is moved into the given one instead, and returned."""
    if not entry.is_dir(follow_symlinks=False):
        os.unlink(entry.path)
        return []
    moved = folder / uuid4().hex
    os.rename(entry.path, moved)
    return [moved]


def _entries(folder: Path) -> Iterator[os.DirEntry[str]]:
    """Yield all that is in a folder and below; entries may vanish meanwhile."""
    waiting = [folder]
    while waiting:
        for entry in _listed(waiting.pop()):
            if os.path.lexists(entry.path):
                yield entry
            if entry.is_dir(follow_symlinks=False):
                waiting.append(Path(entry.path))


def _listed(folder: Path) -> list[os.DirEntry[str]]:
    """Return what is in a folder; nothing where it is gone, or its path is too long."""
    try:
        with os.scandir(folder) as entries:
            return list(entries)
    except OSError:
        return []
