"""The files of a day: Markdown, HTML and PDF, with the summary on top, each message with its time, and its pictures.

Which files were made is kept beside the conversations: only those are removed when a day is deleted, for the folder may
be one that a person shares with others.
"""

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

from controller.history.export import HTML, MARKDOWN, PDF, export_conversation, file_reader
from controller.resources import Resources
from controller.stages.log.diary import SUMMARIES, Diary, diary_of
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.log.days import conversation_id, long_name
from model.store.disk_errors import writing
from model.transfer.export import PicturesFolder, as_markdown
from utils.files.atomic import locked, make_folder, write_private
from utils.text.untrusted import unfenced

KINDS = {MARKDOWN: "text/markdown", HTML: "text/html", PDF: "application/pdf"}  # their media types
ENDINGS = tuple(KINDS)


class DayFiles:
    """The files of one day."""

    def __init__(self, diary: Diary, day: date) -> None:
        self.diary, self.day = diary, day

    def path(self, ending: str) -> Path:
        return self.diary.folder / f"{self.day.isoformat()}{ending}"

    def are_there(self) -> bool:
        return len(self.shown()) == len(ENDINGS)

    def shown(self) -> list[Path]:
        """Return the files that are there."""
        return [path for ending in ENDINGS if (path := self.path(ending)).is_file()]

    def write(self, conversation: Conversation, summary: Message | None) -> None:
        """Write all files of the day, over older ones. Raises: StoreUnwritable."""
        said = Conversation([unfenced_message(one) for one in conversation.messages if one.kind not in SUMMARIES])
        lead = f"## {summary.kind}\n\n{summary.content}" if summary else ""
        zone, read = self.diary.clock.zone, file_reader(self.diary.resources.attachments)
        with writing(self.diary.folder):
            make_folder(self.diary.folder)
            paths = [self.pictures, *map(self.path, ENDINGS)]
            FileRecord(self.diary.resources).add(self.day, list(map(str, paths)))
            shutil.rmtree(self.pictures, ignore_errors=True)  # of the same day, closed before
            folder = PicturesFolder(self._write_picture, read, self.pictures.name)
            text = as_markdown(long_name(self.day), said, zone, lead, folder.line_of)
            write_private(self.path(MARKDOWN), text.encode("utf-8", "replace"))
            for ending in (HTML, PDF):
                made = export_conversation(long_name(self.day), said, ending, zone, read, lead)
                write_private(self.path(ending), made)

    @property
    def pictures(self) -> Path:
        """Return the folder with the pictures of the Markdown."""
        return self.path(".pictures")

    def _write_picture(self, place: str, data: bytes) -> None:
        write_private(self.diary.folder / place, data)


def unfenced_message(message: Message) -> Message:
    """Return what the Log tells the model, as people read it; any other message as it is."""
    return replace(message, content=unfenced(message.content)) if message.kind else message


class FileRecord:
    """Which files were made for which days, as JSON beside the conversations."""

    def __init__(self, resources: Resources) -> None:
        self.file = resources.settings.beside("log-files")

    def add(self, day: date, paths: list[str]) -> None:
        def put(record: dict[str, list[str]]) -> None:
            record[day.isoformat()] = list(dict.fromkeys([*record.get(day.isoformat(), []), *paths]))

        self._change(put)

    def take(self, is_gone: Callable[[str], bool]) -> list[Path]:
        """Return the files of days that are gone, and note them no more."""
        taken: list[Path] = []

        def take_out(record: dict[str, list[str]]) -> None:
            for day in [one for one in record if is_gone(one)]:
                taken.extend(Path(path) for path in record.pop(day))

        if self.file.exists():
            self._change(take_out)
        return taken

    def _change(self, change: Callable[[dict[str, list[str]]], None]) -> None:
        with writing(self.file), locked(self.file):
            record = self._read()
            change(record)
            write_private(self.file, json.dumps(record).encode())

    def _read(self) -> dict[str, list[str]]:
        """Return what was noted; what is damaged is as if nothing were: then files stay."""
        with suppress(OSError, ValueError):
            found = json.loads(self.file.read_bytes())
            if isinstance(found, dict):
                return {
                    str(day): [str(path) for path in paths] for day, paths in found.items() if isinstance(paths, list)
                }
        return {}


def forget_days(resources: Resources, is_kept: Callable[[str], bool]) -> None:
    """Remove the files of days whose conversation is deleted."""
    gone = FileRecord(resources).take(lambda day: not is_kept(conversation_id(date.fromisoformat(day))))
    for path in gone:
        with writing(path):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
    if gone:
        with suppress(OSError):  # it may hold what somebody else has put there
            diary_of(resources).folder.rmdir()
