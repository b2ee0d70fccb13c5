"""A move of all that was saved to another place: from a file to a database, back, or to another of its kind.

Nothing is lost: each message stands there as it stood here, with keys that nobody knows, and so do the order, the ids,
what is pinned, attached files, assistants, the profile, and answers that a killed program left. The source stays as it
is.
"""

import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from controller.resources import assistants_folder, calendar_file
from model.errors import ConversationExists, ConversationNotFound, StoreUnreadable, TurnUnderWay
from model.store.attachments import attachments_folder
from model.store.disk_errors import writing
from model.store.entry_store import EntryStore
from model.store.protocol import FinishedTurn
from model.store.turn_log import claimed, read_turn, turn_files
from settings import Settings


class Place:
    """A store, and the files that lie beside it."""

    def __init__(self, settings: Settings, store: EntryStore) -> None:
        self.settings = settings
        self.store = store

    @property
    def folders(self) -> list[Path]:
        """Return where files lie that conversations or people need."""
        return [
            attachments_folder(self.settings.conversations_file),
            assistants_folder(self.settings),
            self.settings.beside("batches"),
        ]


def move(moves: Sequence[tuple[Place, Place]], overwrite: bool = False) -> int:
    """Put what each first place holds into the second, which gets rid of what it held; return how many conversations.

    All are looked at before the first is moved. Where there is nothing to move, the target stays as it is.

    Raises: ConversationExists when a target holds some and `overwrite` is not set; TurnUnderWay while an answer is
    being written at a source; ConversationNotFound where there is nothing at all; StoreError.
    """
    with ExitStack() as stack:
        turns = [list(_leftovers(source, stack)) for source, _ in moves]
        if not any(turns) and not any(source.store.entries() for source, _ in moves):
            raise ConversationNotFound("There is nothing to move.", "Look at FROM.")
        if not overwrite and any(target.store.entries() for _, target in moves):
            raise ConversationExists(
                "There are conversations at the target already.", "FORCE=1 lets them be replaced; they are gone then."
            )
        return sum(_move(source, target, left) for (source, target), left in zip(moves, turns, strict=True))


def _move(source: Place, target: Place, turns: list[FinishedTurn]) -> int:
    for old, new in zip(source.folders, target.folders, strict=True):
        _copy(old, new)
    _copy_file(calendar_file(source.settings), calendar_file(target.settings))
    entries = source.store.whole()
    if entries or turns:
        target.store.replace_all(entries)
    if profile := source.store.profile():
        target.store.write_profile(profile)
    for turn in turns:
        target.store.write_turn(turn)
    return len(target.store.entries()) if entries or turns else 0


def _leftovers(source: Place, stack: ExitStack) -> Iterator[FinishedTurn]:
    """Yield the turns of programs that were killed, whose files stay; they are held until the move is done.

    Raises: TurnUnderWay when one is still being written.
    """
    for path in turn_files(source.settings.beside("journal")):
        lock = claimed(path)
        if lock is None:
            raise TurnUnderWay("An answer is just being written at the source.", "End bnaGPT, then move again.")
        stack.callback(lock.release)
        try:
            yield read_turn(path.read_bytes())
        except (OSError, ValueError) as error:
            raise StoreUnreadable(f"{path} can't be read.", "Look at it, or take it away, then move again.") from error


def _copy(old: Path, new: Path) -> None:
    """Copy files that are not there yet."""
    if old == new or not old.is_dir():
        return
    for path in (path for path in old.rglob("*") if path.is_file() and not path.is_symlink()):
        _copy_file(path, new / path.relative_to(old))


def _copy_file(old: Path, new: Path) -> None:
    """Copy a file to where there is none yet."""
    if old.is_file() and not new.exists():
        with writing(new):
            new.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copy2(old, new)
