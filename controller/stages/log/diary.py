"""The diary: all that the Log knows of one person's days.

A day is a conversation like any other, under an id that follows from its date. So it is saved, searched, exported and
deleted as all others are, and the diary keeps nothing of its own.
"""

from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

from controller.history.editing import Changes
from controller.history.saved_conversations import SavedConversations
from controller.resources import Resources, built_per_person
from controller.services import Services
from controller.stages import chosen_abilities, stage
from controller.stages.log.calendar.calendars import person_zone
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.options import Options
from model.errors import ConversationNotFound
from model.log.days import DayClock, conversation_id, day_of_id

# The kinds of its own messages, as people read them.
OPENING, SUMMARY, PICKED = "Opening of the day", "Summary of the day", "Summary of the day: picked, not written"
SUMMARIES = (SUMMARY, PICKED)


def utc_now() -> datetime:
    return datetime.now(UTC)


class Diary:
    """One person's days."""

    def __init__(self, resources: Resources) -> None:
        self.resources = resources
        self._services: Services | None = None

    def open(self, services: Services) -> None:
        """Let the diary reach what is saved; before that it knows what time it is, and no day."""
        self._services = services

    @property
    def services(self) -> Services:
        if self._services is None:
            raise RuntimeError("The diary is not open.")
        return self._services

    @property
    def is_open(self) -> bool:
        return self._services is not None

    @property
    def conversations(self) -> SavedConversations:
        return self.services.conversations

    @property
    def changes(self) -> Changes:
        return self.services.changes

    @property
    def clock(self) -> DayClock:
        """Return how the person counts days; they may move to another time zone."""
        return DayClock(person_zone(self.resources), self.resources.settings.day_ends_at)

    @property
    def folder(self) -> Path:
        """Return where the files of days are put."""
        settings = self.resources.settings
        file = settings.conversations_file
        name = "log" if file.stem == "conversations" else f"{file.stem}.log"
        return settings.log_folder or file.parent / name

    def now(self) -> datetime:
        return utc_now()

    def today(self) -> date:
        return self.clock.day_of(self.now())

    def days(self) -> list[date]:
        """Return the days that have a conversation, the newest first."""
        if not self.is_open:
            return []
        found = (day_of_id(row.id) for row in self.conversations.list_conversations())
        return sorted((day for day in found if day), reverse=True)

    def conversation_of(self, day: date) -> Conversation:
        """Return a day's conversation; a new one where nothing was said on it."""
        with suppress(ConversationNotFound):
            return self.conversations.load_conversation(conversation_id(day))
        return Conversation(name=day.isoformat(), pending_options={"tells_time": True})


def summary_of(conversation: Conversation) -> Message | None:
    """Return a day's newest summary; None where there is none."""
    return next((one for one in reversed(conversation.messages) if one.kind in SUMMARIES), None)


def spoken(conversation: Conversation) -> list[Message]:
    """Return what was said on a day, without what the Log itself has written."""
    return [one for one in conversation.messages if one.kind is None and not one.summary_of]


def day_abilities(options: Options) -> list[str]:
    """Return the slugs of what a day's conversation has: what it names, else all of the Log's own parts."""
    return chosen_abilities(options) if options.tools else [part.slug for part in stage("log").parts]


@built_per_person
def diary_of(resources: Resources) -> Diary:
    return Diary(resources)


def open_diary(services: Services) -> Diary:
    """Return a person's diary, which reaches what is saved from now on."""
    diary = diary_of(services.resources)
    diary.open(services)
    return diary


def todays_conversation(services: Services) -> Conversation:
    """Return today's conversation, in which a question goes that names no other."""
    diary = open_diary(services)
    return diary.conversation_of(diary.today())
