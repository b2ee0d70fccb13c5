"""What the operating system says about a file, in words for a person."""

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from model.errors import StoreUnreadable, StoreUnwritable
from utils.files import atomic

FULL = (errno.ENOSPC, errno.EDQUOT)


@contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn an OSError in the block into StoreUnreadable."""
    try:
        yield
    except OSError as error:
        hint = f"Look at {path}, or let CONVERSATIONS_FILE name another file. Nothing was changed."
        raise StoreUnreadable(f"{path.name} could not be opened: {_reason(error)}.", hint) from error


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn an OSError in the block into StoreUnwritable."""
    try:
        yield
    except TimeoutError as error:
        hint = "Close the other program, then try again. What was saved before is still there."
        raise StoreUnwritable(f"Another program is using {path.name} and does not let go of it.", hint) from error
    except OSError as error:
        if error.errno in FULL:
            hint = "Make some room. What was saved before is still there."
            raise StoreUnwritable(f"The disk is full, so {_shown(path)} could not be written.", hint) from error
        hint = f"Allow writing to {path}, then try again. What was saved before is still there."
        raise StoreUnwritable(f"{_shown(path)} could not be written: {_reason(error)}.", hint) from error


@contextmanager
def holding(path: Path) -> Iterator[None]:
    """Hold the lock of a file during the block."""
    lock = atomic.locked(path)
    with writing(path):
        lock.acquire()
    try:
        yield
    finally:
        lock.release()


def _shown(path: Path) -> str:
    """Return a file's name; that of the folder where bnaGPT has made the name up from numbers."""
    return path.parent.name if re.match(r"[0-9a-f]{30}", path.name) else path.name


def _reason(error: OSError) -> str:
    """Return a system's error in lower case, without its number and path."""
    text = error.strerror or str(error)
    return text[:1].lower() + text[1:]
