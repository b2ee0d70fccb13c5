"""How a day is closed: its summary, its files, their upload where one is wanted. Each step is written down when done.

So a program that is killed goes on where it was, and nothing is made twice: a summary has an id that follows from the
day and its last message, and files are written over those of the same day. What is said later on the same day opens it
again.
"""

import hashlib
import logging
import math
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from threading import Lock

from controller.resources import Resources, built_per_person
from controller.services import Services
from controller.stages.log.diary import PICKED, SUMMARY, Diary, diary_of, open_diary, spoken, summary_of
from controller.stages.log.files import KINDS, DayFiles
from controller.stages.log.google import google_of
from controller.stages.log.summaries import summarise_day
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.errors import BnaError, ConversationNotFound, StoreError, TurnUnderWay
from model.log.days import conversation_id
from model.store.disk_errors import holding, reading
from utils.threads.jobs import Job
from utils.threads.periodic import PeriodicCaller
from utils.threads.stop import CancellationToken

WAITS, IN_DRIVE = "waits", "in_drive"  # in what is written down
LOOKS_EVERY_S = 20.0  # whether a day has ended
STOPS_WITHIN_S = 10.0
TRIES_AGAIN_S = 600.0  # where something went wrong


def close_day(
    diary: Diary, day: date, stop: CancellationToken | None = None, tell: Callable[[str], None] = lambda _text: None
) -> bool:
    """Do what is left to do to close a day, and return whether there was anything; others who close it wait.

    Raises: TurnUnderWay while an answer is being written; StoreError; InterruptedError when it is stopped.
    """
    stop = stop or CancellationToken()
    with holding(diary.resources.settings.beside("closing")):
        if diary.services.turns.of(conversation_id(day)):
            raise TurnUnderWay("An answer is still being written.", "Close the day when it has ended.")
        try:
            conversation = diary.conversations.load_conversation(conversation_id(day))
        except ConversationNotFound:
            return False
        closing = Closing(diary, day, conversation)
        if closing.is_done:
            return False
        if not closing.is_closed:
            tell("summing up the day…")
            closing.sum_up(stop)
            if stop.is_set:
                raise InterruptedError
            tell("writing its files…")
            closing.write_files()
        if closing.waits_for_upload:
            closing.upload(stop, tell)
        return True


class Closing:
    """One day on its way to be closed."""

    def __init__(self, diary: Diary, day: date, conversation: Conversation) -> None:
        self.diary, self.day, self.conversation = diary, day, conversation
        self.files = DayFiles(diary, day)
        said = spoken(conversation)
        self.until = said[-1].id if said else ""
        kept = conversation.options.closing
        self.google = google_of(diary.resources)
        self.done = (
            dict(kept) if kept.get("until") == self.until else {"until": self.until, IN_DRIVE: kept.get(IN_DRIVE)}
        )

    @property
    def is_done(self) -> bool:
        return self.is_closed and not self.waits_for_upload

    @property
    def is_closed(self) -> bool:
        return not self.until or ("files" in self.done and self.files.are_there())

    @property
    def waits_for_upload(self) -> bool:
        """Return whether files shall still go to Drive: of days that were closed while that was wanted."""
        return self.done.get("upload") == WAITS and self.google.uploads

    def sum_up(self, stop: CancellationToken) -> None:
        """Put the summary at the day's end, unless it is there."""
        if "summary" in self.done:
            return
        summary_id = f"{conversation_id(self.day)}-{self.until[:16]}"
        if not any(message.id == summary_id for message in self.conversation.messages):
            made = summarise_day(self.diary, self.conversation, stop)
            summary = Message("system", made.text, id=summary_id, parent=self.conversation.messages[-1].id)
            summary.kind, summary.created_at = (PICKED if made.is_picked else SUMMARY), self.diary.now().isoformat()
            summary.summary_of = spoken(self.conversation)[0].id
            summary.provider, summary.model_name = made.provider, made.model_name
            summary.prompt_token_count = made.prompt_token_count or None
            summary.completion_token_count = made.completion_token_count or None
            self.conversation.messages.append(summary)
            self.diary.changes.keep(self.conversation, [summary])
        self._note(summary=summary_id)

    def write_files(self) -> None:
        """Write the day's files, over older ones of the same day."""
        summary = summary_of(self.conversation)
        self.files.write(self.conversation, summary)
        self._note(files=True, upload=WAITS if self.google.uploads else "")

    def upload(self, stop: CancellationToken, tell: Callable[[str], None]) -> None:
        """Put the files into Drive, over those of the same day. Raises: GoogleError, StoreError, InterruptedError."""
        folder = self.google.folder()
        for path in self.files.shown():
            tell(f"uploading {path.name}…")
            mark = hashlib.sha256(f"{spoken(self.conversation)[0].id} {path.name}".encode()).hexdigest()[:40]
            ids = known if isinstance(known := self.done.get(IN_DRIVE), dict) else {}
            place = self.google.drive.place(str(ids.get(path.suffix, "")), mark, stop)
            self._note(**{IN_DRIVE: {**ids, path.suffix: place.id}})  # before it is sent, so that it is sent only once
            with reading(path):
                self.google.drive.upload(path, KINDS[path.suffix], place, mark, folder.id, stop)
        self._note(upload="done")

    def _note(self, **step: object) -> None:
        """Write down that a step is done."""
        self.done |= step
        self.diary.changes.choose(self.conversation, closing=dict(self.done))


@dataclass
class ClosingJob:
    """A day that is being closed, for a page that looks on: what is done, and what went wrong."""

    day: date
    job: Job
    told: str = ""
    problem: BnaError | None = None


class DayCloser:
    """Closes one person's days, one at a time: those that have ended, and the one that the person wants closed."""

    def __init__(self, diary: Diary) -> None:
        self._diary = weakref.ref(diary)
        self._lock = Lock()
        self._closed: dict[date, str] = {}  # days known to be closed, by when they were written last
        self._tried_at_s: dict[date, float] = {}
        self._is_watching = False
        self._seen: tuple[object, tuple[bool, bool]] = (None, (False, False))
        self.running: ClosingJob | None = None

    def begin(self, day: date) -> ClosingJob:
        """Close a day in the background; where one is being closed already, return that."""
        with self._lock:
            if self.running and not self.running.job.has_ended:
                return self.running
            self.running = running = ClosingJob(day, Job())
        running.job.begin(lambda: self._close(running))
        return running

    def _close(self, running: ClosingJob) -> None:
        def tell(text: str) -> None:
            running.told = text

        try:
            if diary := self._diary():
                close_day(diary, running.day, running.job.stop, tell)
        except BnaError as error:
            running.problem = error
        except InterruptedError:
            pass
        except Exception:
            running.problem = BnaError("bnaGPT has a bug here.", "The terminal shows details. The day is still open.")
            logging.getLogger(__name__).exception("A day was not closed")

    def is_closed(self, day: date) -> bool:
        """Return whether a day is closed, and nothing was said since. Raises: StoreError."""
        return self._look_at(day)[0]

    def waits_for_upload(self, day: date) -> bool:
        """Return whether a day's files have still to go to Drive. Raises: StoreError."""
        return self._look_at(day)[1]

    def _look_at(self, day: date) -> tuple[bool, bool]:
        diary = self._diary()
        if diary is None:
            return False, False
        stamp = diary.conversations.stamp(), day, google_of(diary.resources).account
        if self._seen[0] != stamp:
            closing = Closing(diary, day, diary.conversation_of(day))
            self._seen = stamp, (closing.is_closed, closing.waits_for_upload)
        return self._seen[1]

    def go_on(self) -> None:
        """Try again at once what has waited for the person."""
        self._tried_at_s.clear()
        self.watch()
        self.look()

    def watch(self) -> None:
        """Look now and then, from now on, whether a day has ended."""
        with self._lock:
            is_new, self._is_watching = not self._is_watching, True
        if is_new:
            _LOOKING.add(self.look)

    def stop(self) -> None:
        """Close no day any more, for the person has deleted everything; wait for the one that is being closed."""
        if running := self.running:
            running.job.stop.set()
            running.job.wait(STOPS_WITHIN_S)

    def look(self) -> bool:
        """Close the oldest day that has ended and is not closed; return whether to look again."""
        diary = self._diary()
        if diary is None or diary.resources.is_closed:
            return False
        if self.running and not self.running.job.has_ended:
            return True
        with suppress(StoreError):
            if day := self._due(diary):
                self.begin(day)
        return True

    def _due(self, diary: Diary) -> date | None:
        now, clock, google = diary.now(), diary.clock, google_of(diary.resources)
        written = {row.id: row.updated_at for row in diary.conversations.list_conversations()}
        for day in reversed(diary.days()):
            at, has_ended = written[conversation_id(day)], clock.end(day) <= now
            is_asked_for = has_ended or google.uploads  # one that was closed by hand may wait for its upload
            if not is_asked_for or self._closed.get(day) == at or diary.services.turns.of(conversation_id(day)):
                continue
            closing = Closing(diary, day, diary.conversation_of(day))
            waits_for_person = closing.is_closed and google.account.must_sign_in
            if closing.is_done:
                self._closed[day] = at
            elif waits_for_person or not (has_ended or closing.is_closed):
                continue
            elif time.monotonic() - self._tried_at_s.get(day, -math.inf) > TRIES_AGAIN_S:
                self._tried_at_s[day] = time.monotonic()
                return day
        return None


_LOOKING = PeriodicCaller(LOOKS_EVERY_S)


@built_per_person
def closer_of(resources: Resources) -> DayCloser:
    """Return what closes a person's days."""
    closer = DayCloser(diary_of(resources))
    resources.when_closed.append(closer.stop)
    google_of(resources).when_connected.append(closer.go_on)
    return closer


def watch_days(resources: Resources) -> None:
    """Close this person's days from now on once they have ended."""
    closer_of(resources).watch()


def begin_closing(services: Services) -> None:
    """Close what was not closed while the program did not run, and the days to come."""
    diary = open_diary(services)
    google_of(services.resources)  # so that it is told when everything is deleted
    with suppress(StoreError):
        if diary.days():
            watch_days(services.resources)
