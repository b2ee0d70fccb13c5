"""Files that are written whole or not at all, and locks that hold between threads and processes.

It leaves out what stands in the files. All errors are the standard ones: OSError, and TimeoutError for a lock.
Read next: `model/store.py`, which keeps conversations with these.
"""

import errno
import os
import shutil
import stat
import tempfile
import time
import weakref
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import BaseFileLock, FileLock

_PARTIAL = ".half-written"  # how the temp files end
_ANY_WRITE_BIT = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH

Stamp = tuple[int, int, int]


def stamp(path: Path) -> Stamp:
    """Return what changes whenever the file does.

    Raises: FileNotFoundError when there is none, OSError when it is a folder or a device.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is a folder or a device, not a file", str(path))
    # Two writes can fall into one tick of the clock and have one size; `write_whole` makes a new inode each time.
    return found.st_mtime_ns, found.st_size, found.st_ino


def locked(path: Path, wait_s: float = 30.0) -> BaseFileLock:
    """Return a lock for a file, to be used in `with`: one holder at a time among all threads and processes.

    It stands beside the file, as `<name>.lock`, and ends with the process that holds it.
    Entering raises: TimeoutError when another holder does not let go in time.
    """
    target = _target(path)
    beside = target.with_name(f"{target.name}.lock")
    # Not per thread: a turn begins in one thread and ends in another.
    return FileLock(beside, timeout=wait_s, poll_interval=0.003, thread_local=False)


def unlock_and_remove(lock: BaseFileLock) -> None:
    """Let go of a lock whose file nobody will lock again, and leave no trace of it."""
    lock.release()
    Path(lock.lock_file).unlink(missing_ok=True)


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a crash at any moment leaves either the old content or the new.

    The file keeps its mode; a new one can be read by its owner only. A link stays, what it points to is written.
    Raises: PermissionError when the file is read-only, OSError when the disk is full.
    """
    target = _target(path)
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
    if mode is not None and not mode & _ANY_WRITE_BIT:
        # Replacing a file asks for the folder's permission only, so this would go through unasked.
        raise PermissionError(errno.EACCES, "it is read-only", str(target))
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temp_name = tempfile.mkstemp(prefix=f"{target.name[:100]}.", suffix=_PARTIAL, dir=target.parent)
    try:
        with open(handle, "wb") as temp:
            temp.write(data)
            temp.flush()
            os.fsync(temp.fileno())
        if mode is not None:
            os.chmod(temp_name, mode)
        os.replace(temp_name, target)
    except BaseException:
        Path(temp_name).unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def set_aside(path: Path) -> Path:
    """Rename a file to a dated name beside it that nothing has yet, and return that name."""
    target = _target(path)
    dated = f"{target.stem}.unreadable-{datetime.now(UTC):%Y-%m-%d-%H%M%S}"
    aside = target.with_name(dated + target.suffix)
    number = 2
    while aside.exists():
        aside = target.with_name(f"{dated}-{number}{target.suffix}")
        number += 1
    target.rename(aside)
    sync_folder(target.parent)
    return aside


def remove_leftovers(folder: Path, older_than_s: float = 3600.0) -> None:
    """Remove the temp files of programs that were killed in the middle of `write_whole`."""
    for temp in folder.glob(f"*{_PARTIAL}"):
        with suppress(FileNotFoundError):  # a living program has just finished with it
            if time.time() - temp.stat().st_mtime > older_than_s:
                temp.unlink()


def temporary_folder(owner: object) -> Path:
    """Return a new folder that only we can read; it goes when its owner does, or with the program."""
    folder = Path(tempfile.mkdtemp(prefix="temporary-"))
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    return folder


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last through a power cut."""
    if os.name != "posix":  # elsewhere a folder can't be opened
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _target(path: Path) -> Path:
    """Return the file that a path means in the end, through all links."""
    return Path(os.path.realpath(path))
