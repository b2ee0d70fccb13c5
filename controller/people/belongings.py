"""Where on the disk everything of one person lies, how much it is, and how it goes."""

import glob
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from controller.resources import Resources, read_beside
from model.store.attachments import attachments_folder
from model.store.disk_errors import writing
from settings import Settings


def belongings(resources: Resources, is_alone: bool) -> list[Path]:
    """Return the files and folders of one person.

    Whoever signs in has a folder of their own, and nothing elsewhere. Where nobody does, it is what stands beside the
    conversation file and is named after it, without the folder in which others have theirs; a folder of assistants that
    a person has named may be one that they share, and is left out.
    """
    settings = resources.settings
    if not is_alone:
        return [settings.conversations_file.parent]
    folders = [resources.attachments.folder, resources.read_folder]
    own = [] if settings.assistants_dir else [resources.assistants_folder]
    own += resources.calendar_file.parent.glob(f"{glob.escape(resources.calendar_file.name)}*")  # with its lock
    return [path for path in (*belonging_paths(settings), *folders, *own) if path.exists() or path.is_symlink()]


def belonging_paths(settings: Settings) -> list[Path]:
    """Return the conversation file, what is named after it, and damaged ones that were set aside.

    Where a person has put a link in its place, the link stays.
    """
    named, others = settings.conversations_file, settings.beside("people")
    places = dict.fromkeys((named, named.resolve()))
    patterns = [(file.parent, f"{glob.escape(file.name)}.*") for file in places]
    patterns += [(file.parent, f"{glob.escape(file.stem)}.unreadable-*") for file in places]
    found = [path for folder, pattern in patterns for path in folder.glob(pattern)]
    return [path for path in dict.fromkeys((named.resolve(), *found)) if path != others]


def copies(settings: Settings) -> list[Path]:
    """Return where this machine has copies of files that are in shared storage, and what it has read in them."""
    folder = attachments_folder(settings.conversations_file)
    return [folder, read_beside(folder)] if settings.attachments_url else []


def files_in(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield all files, also those in folders; no link is followed."""
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            yield from files_in(path.iterdir())
        elif path.is_file():
            yield path


def size_of(file: Path) -> int:
    """Return how many bytes a file has; nought where it has just gone."""
    try:
        return file.stat().st_size
    except FileNotFoundError:
        return 0


def remove(path: Path) -> None:
    """Remove a file, or a folder with all that is in it. Raises: StoreUnwritable."""
    with writing(path):
        if path.is_dir():
            _empty(path.resolve())
        if path.is_symlink() or not path.is_dir():
            path.unlink(missing_ok=True)
        else:
            path.rmdir()


def _empty(folder: Path) -> None:
    """Remove what is in a folder; a link in it goes, and what it leads to stays."""
    for path in folder.iterdir():
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
