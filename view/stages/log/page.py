"""Stage 12 on the screen: a conversation for each day.

Opened without a day, it shows today's; a question always goes there. Other days are for reading.
"""

from datetime import date

import streamlit as st

from controller.stages.log.closing import closer_of
from controller.stages.log.diary import day_abilities, open_diary, todays_conversation
from controller.stages.log.google import google_of
from model.chat.message import Message
from model.log.days import day_of_id
from utils.text.markdown import for_display
from utils.text.untrusted import unfenced
from view.shell.dates import day as day_text
from view.shell.dates import reader_zone
from view.shell.services import services
from view.stages.combined import ComposedAsker, ComposedView
from view.stages.log.days import draw_closing, draw_days
from view.stages.log.google_page import draw_google
from view.stages.log.month import draw_month

CALENDAR = "calendar"


class LogAsker(ComposedAsker):
    """Starts turns in today's conversation."""

    def abilities(self) -> list[str]:
        return day_abilities(self.state.conversation.options)

    def ask(self, prompt: str) -> None:
        """Ask today, whichever day is shown; a conversation that is no day's goes on as it is."""
        diary = open_diary(services())
        shown = shown_day(self)
        if shown and shown != diary.today():
            self.show_today()
        super().ask(prompt)

    def show_today(self) -> None:
        files, self.state.attachments = self.state.attachments, []
        self.state.show(todays_conversation(services()))
        self.state.attachments = files


def shown_day(asker: LogAsker) -> date | None:
    """Return the day whose conversation is open; None for any other conversation."""
    conversation = asker.state.conversation
    if day := day_of_id(conversation.id):
        return day
    is_new = not conversation.all_messages and conversation.name
    return day_of_id(f"log-{conversation.name}") if is_new else None


class LogView(ComposedView):
    """The Log."""

    slug = "log"
    asker_class = LogAsker
    asker: LogAsker

    def open_from_url(self) -> None:
        """Open the day that the address names, else today."""
        super().open_from_url()
        diary = open_diary(self.services)
        if self.state.conversation.messages or "conversation" in st.query_params or self.state.followed:
            return
        if shown_day(self.asker) != diary.today():
            self.asker.show_today()
            self.asker.catch_up()
            self.state.put_in_url()

    def draw_suggestions(self) -> None:
        """Draw what the Log can do, and which day it is."""
        super().draw_suggestions()
        diary = open_diary(self.services)
        clock, now = diary.clock, diary.now()
        st.caption(f"Today is {day_text(diary.today())}.")
        if clock.local(now).utcoffset() != now.astimezone(reader_zone()).utcoffset():
            st.caption(
                f":material/schedule: Days are those of {clock.zone}. Choose your own time zone on the page You."
            )

    def draw_content(self, message: Message) -> None:
        """Draw a message; what the Log tells the model stands in it without the fence around it."""
        if message.kind:
            st.markdown(for_display(unfenced(message.content)))
        else:
            super().draw_content(message)

    def draw_input(self, is_disabled: bool) -> None:
        """Draw the way back to today where another day is shown, and the box."""
        diary = open_diary(self.services)
        shown = shown_day(self.asker)
        if shown and shown != diary.today():
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption(f"This is {day_text(shown)}. What you ask goes to today's chat.")
                key, icon = f"bna.{self.slug}.today", ":material/today:"
                st.button("Today", key=key, icon=icon, type="tertiary", on_click=self.asker.show_today)
        super().draw_input(is_disabled)

    def draw_sidebar(self) -> None:
        """Draw the days, and the way to close the one that is shown, above all else."""
        diary = open_diary(self.services)
        draw_days(diary, self.state)
        shown = shown_day(self.asker) if self.state.conversation.messages else None
        if shown:
            draw_closing(diary, shown, self.state)
        waits = shown is not None and closer_of(diary.resources).waits_for_upload(shown)
        draw_google(google_of(diary.resources), waits)
        if self.has(CALENDAR):
            box = st.expander("Calendar", icon=":material/event:", key=f"bna.{self.slug}.calendar", on_change="rerun")
            if box.open:  # a calendar may be at a server
                with box:
                    draw_month(self.services)
        super().draw_sidebar()
