"""Stage 12, Log: an assistant that lives with a person from day to day.

Adds: one conversation for each day, which begins with what happened before and what is planned, and is closed with a
summary and files. Its parts, such as the calendar, are abilities for other stages, too, each in a folder of its own.
Leaves out: how a day is closed, which is in `closing.py`.
"""

from collections.abc import Sequence

from controller.stages.combined import ComposedController
from controller.stages.log.closing import watch_days
from controller.stages.log.diary import day_abilities, diary_of
from controller.stages.log.opening import opening_of
from model.chat.conversation import Conversation
from model.chat.events import Started
from model.chat.message_parts import Attachment
from model.chat.options import Options
from model.log.days import conversation_id


class LogController(ComposedController):
    """A day's conversation."""

    slug = "log"

    @classmethod
    def chosen(cls, options: Options) -> list[str]:
        return day_abilities(options)

    def ask(self, conversation: Conversation, prompt: str, attachments: Sequence[Attachment] = ()) -> Started:
        """Ask a question; the first of a day stands behind what tells of the days before."""
        diary = diary_of(self.resources)
        today = diary.today()
        is_new = not conversation.all_messages and conversation.name == today.isoformat()
        if is_new and not conversation.is_temporary and prompt.strip():
            opening = opening_of(diary, today)
            opening.conversation = conversation.pending_options or None
            conversation.messages.append(opening)
        started = super().ask(conversation, prompt, attachments)
        if diary.is_open and conversation.id == conversation_id(today):
            watch_days(self.resources)
        return started
