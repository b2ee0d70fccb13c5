"""Files that are written whole or not at all, and locks that hold between threads and processes.

It leaves out what stands in the files. All errors are the standard ones: OSError, and TimeoutError for a lock.
"""

import errno
import glob
import io
import os
import shutil
import stat
import sys
import tempfile
import time
import weakref
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from filelock import BaseFileLock, FileLock

_PARTIAL = ".half-written"  # how the temp files end
_ANY_WRITE_BIT = stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH
_OWNER_ONLY = stat.S_IRWXU
# Where a temp file can't be locked, its writer is dead when it has not touched it for so long.
_DEAD_S = 60.0

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
    return FileLock(beside, timeout=wait_s, mode=0o600, poll_interval=0.003, thread_local=False)


def unlock_and_remove(lock: BaseFileLock) -> None:
    """Let go of a lock whose file nobody will lock again, and leave no trace of it."""
    lock.release()
    Path(lock.lock_file).unlink(missing_ok=True)


def write_private(path: Path, data: bytes) -> None:
    """Write a file as `write_whole` does, so that only its owner can read it; so are the folders that are made for it.

    Raises: what `write_whole` does.
    """
    target = _target(path)
    make_folder(target.parent)
    make_private(target)
    write_whole(target, data)


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
    temp, temp_name = _open_beside(target)
    try:
        with temp:
            temp.write(data)
            temp.flush()
            os.fsync(temp.fileno())
            if mode is not None:
                os.chmod(temp_name, mode)
            if os.name == "posix":  # while it is locked; elsewhere an open file can't be renamed
                os.replace(temp_name, target)
        if os.name != "posix":
            os.replace(temp_name, target)
    except BaseException:
        Path(temp_name).unlink(missing_ok=True)
        raise
    sync_folder(target.parent)


def append_whole(file: io.FileIO, data: bytes, length: int) -> int:
    """Append data to a file that was opened unbuffered and holds so many good bytes; return how many it holds then.

    What a failed write has left behind them is taken off first: to make a file shorter takes no room.
    Raises: OSError when not all of it could be written.
    """
    if os.fstat(file.fileno()).st_size != length:
        file.truncate(length)
    view = memoryview(data)
    while view:
        view = view[file.write(view) or 0 :]
    return length + len(data)


def set_aside(path: Path) -> Path:
    """Rename a file to a dated name beside it that nothing has yet, and return that name."""
    aside = _dated_name(_target(path))
    _target(path).rename(aside)
    sync_folder(aside.parent)
    return aside


def copy_aside(path: Path) -> Path:
    """Keep a file under a dated name beside it as well, whatever is written in its place next; return that name."""
    target, aside = _target(path), _dated_name(_target(path))
    try:
        os.link(target, aside)
    except OSError:  # not every disk knows second names
        shutil.copy2(target, aside)
    make_private(aside)
    sync_folder(aside.parent)
    return aside


def remove_leftovers(folder: Path) -> None:
    """Remove half-written files whose program was killed; one that lives has its own locked."""
    for temp in folder.glob(f"*{_PARTIAL}"):
        with suppress(OSError):  # a living program has it, or has just finished with it
            _remove_dead(temp)


def remove_leftovers_of(path: Path) -> None:
    """Remove what programs that were killed left of a file, half-written; whoever calls this holds the file's lock.

    Raises: OSError.
    """
    target = _target(path)
    for temp in target.parent.glob(f"{glob.escape(target.name[:100])}.{'?' * 8}{_PARTIAL}"):
        temp.unlink(missing_ok=True)


def make_folder(folder: Path) -> None:
    """Make a folder and whatever is missing above it, for their owner only; one that is there stays as it is."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir(mode=_OWNER_ONLY, exist_ok=True)


def make_private(*paths: Path) -> None:
    """Take files, and folders with all that is in them, away from everyone but their owner.

    Links are left alone, and so is what belongs to someone else.
    """
    if os.name != "posix":  # elsewhere a file has no such mode
        return
    for path in paths:
        with suppress(OSError):
            mode = path.lstat().st_mode
            if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
                continue
            if stat.S_IMODE(mode) & ~_OWNER_ONLY:
                os.chmod(path, mode & _OWNER_ONLY)
            if stat.S_ISDIR(mode):
                make_private(*path.iterdir())


def temporary_folder(owner: object) -> Path:
    """Return a new folder that only we can read; it goes when its owner does, or with the program."""
    folder = Path(tempfile.mkdtemp(prefix="temporary-"))
    weakref.finalize(owner, shutil.rmtree, folder, ignore_errors=True)
    return folder


def sync_folder(folder: Path) -> None:
    """Make the names in a folder last through a power cut, where the system can; what was done is done all the same."""
    if os.name != "posix":  # elsewhere a folder can't be opened
        return
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _open_beside(target: Path) -> tuple[io.BufferedWriter, str]:
    """Open a new file in the folder of another, locked as long as it is open; return it with its name."""
    while True:
        handle, name = tempfile.mkstemp(prefix=f"{target.name[:100]}.", suffix=_PARTIAL, dir=target.parent)
        file = open(handle, "wb")
        if sys.platform != "win32":
            import fcntl  # there is none on Windows

            with suppress(OSError):  # not every disk knows locks
                fcntl.flock(file, fcntl.LOCK_EX)
        if os.path.exists(name):
            return file, name
        file.close()  # before it was locked it looked like a leftover


def _remove_dead(temp: Path) -> None:
    """Remove a half-written file. Raises: OSError when its writer lives."""
    if sys.platform != "win32":
        import fcntl

        with temp.open("rb+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            temp.unlink()
    elif time.time() - temp.stat().st_mtime > _DEAD_S:
        temp.unlink()


def _dated_name(target: Path) -> Path:
    """Return a name beside a file that tells the time and that nothing has yet."""
    dated = f"{target.stem}.unreadable-{datetime.now(UTC):%Y-%m-%d-%H%M%S}"
    aside = target.with_name(dated + target.suffix)
    number = 2
    while aside.exists():
        aside = target.with_name(f"{dated}-{number}{target.suffix}")
        number += 1
    return aside


def _target(path: Path) -> Path:
    """Return the file that a path means in the end, through all links."""
    return Path(os.path.realpath(path))
