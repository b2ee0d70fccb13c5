"""Resources: what all conversations share in this process, each built when it is first asked for.

Stages keep here what they need more than once, through a function that builds it; so no stage is known here, and a
stage that nobody opens costs nothing.
"""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from threading import RLock
from typing import Any, TypeVar

from controller.llm.providers import Providers
from controller.turn import TurnHelpers
from model.store.protocol import AttachedFiles, ConversationStore
from settings import Settings

Built = TypeVar("Built")


def assistants_folder(settings: Settings) -> Path:
    """Return where a person's own assistants are kept; unless the settings say where, beside the conversations."""
    file = settings.conversations_file
    name = "assistants/own" if file.stem == "conversations" else f"{file.stem}.assistants"
    return settings.assistants_dir or file.parent / name


def calendar_file(settings: Settings) -> Path:
    """Return where a person's calendar is kept, unless it is at a server: beside the conversations."""
    file = settings.conversations_file
    return file.with_name("calendar.ics" if file.stem == "conversations" else f"{file.stem}.calendar.ics")


class Resources:
    """The parts that live as long as the process."""

    def __init__(
        self,
        settings: Settings,
        providers: Providers,
        attachments: AttachedFiles,
        helpers: TurnHelpers,
        shared: "Resources | None" = None,
    ) -> None:
        """Keep parts for an app; `view/app.py` builds what is handed in.

        `shared` holds what people have in common, such as the models on this machine.
        """
        self.settings = settings
        self.providers = providers
        self.attachments = attachments
        self.helpers = helpers
        self.when_file_is_removed: list[Callable[[str], None]] = []  # called with the file's SHA-256
        self.is_closed = False
        self.when_closed: list[Callable[[], None]] = []  # called when nothing of the person may be used any more
        self.when_deleted: list[Callable[[], object]] = []  # called before everything of the person is deleted
        self.left_elsewhere: list[Callable[[], str]] = []  # each tells what a deletion leaves with others; "": nothing
        self.store: ConversationStore | None = None  # what keeps the conversations; None where none are kept
        self.is_answering: Callable[[], bool] = lambda: False  # whether answers are being written
        self.shared = shared or self
        self._built: dict[Callable[[Resources], Any], Any] = {}
        self._lock = RLock()

    def get(self, build: "Callable[[Resources], Built]") -> Built:
        """Return what this function builds; whoever asks while it is being built waits for it."""
        with self._lock:
            if build not in self._built:
                self._built[build] = build(self)
            built: Built = self._built[build]
            return built

    def close(self) -> None:
        """Let parts that work by themselves end, and write nothing any more."""
        self.is_closed = True
        for close in self.when_closed:
            close()

    @property
    def read_folder(self) -> Path:
        """Return where what was read of files is kept."""
        return read_beside(self.attachments.folder)

    @property
    def assistants_folder(self) -> Path:
        return assistants_folder(self.settings)

    @property
    def calendar_file(self) -> Path:
        return calendar_file(self.settings)

    def remove_file(self, sha256: str) -> None:
        """Remove an attached file, and what was read of it."""
        self.attachments.remove(sha256)
        for forget in self.when_file_is_removed:
            forget(sha256)
        for path in self.read_folder.glob(f"{sha256}*"):
            path.unlink(missing_ok=True)


def read_beside(folder: Path) -> Path:
    """Return where what was read of the files in a folder is kept."""
    return folder.with_name(f"{folder.name}.read")


def built_per_person(build: Callable[[Resources], Built]) -> Callable[[Resources], Built]:
    """Let a function build its part once for each person's resources, and return the same ever after."""
    return wraps(build)(lambda resources: resources.get(build))


def built_per_process(build: Callable[[Resources], Built]) -> Callable[[Resources], Built]:
    """Let a function build its part once for all people."""
    return wraps(build)(lambda resources: resources.shared.get(build))
