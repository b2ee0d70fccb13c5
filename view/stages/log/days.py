"""The days of the Log in the sidebar: a month, what is found in them, and how one is closed."""

from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st
from babel.dates import get_day_names

from controller.stages.log.closing import ClosingJob, closer_of
from controller.stages.log.diary import Diary
from controller.stages.log.files import DayFiles
from model.errors import ConversationNotFound
from model.log.days import conversation_id, day_of_id
from utils.text.markdown import plain
from utils.text.words import MARK_BEGIN, MARK_END
from view.shell.browser import BrowserCommands
from view.shell.dates import day as day_text
from view.shell.dates import reader_locale
from view.shell.downloads import draw_download
from view.shell.errors import draw_error, kept_errors
from view.shell.session import ChatState

KEY = "bna.log.days"
SCRIPT = Path(__file__).with_suffix(".js")
STYLE = Path(__file__).with_suffix(".css")
MOST_FOUND = 10
LOOKS_EVERY_S = 1.0


@st.cache_resource(show_spinner=False)
def _month() -> Any:
    return st.components.v2.component("bna_days", js=SCRIPT.read_text("utf-8"), css=STYLE.read_text("utf-8"))


def draw_days(diary: Diary, state: ChatState) -> None:
    """Draw a month with the days that have a chat, and a search in them."""
    with st.expander("Days", icon=":material/calendar_month:", expanded=True):
        days, today = diary.days(), diary.today()
        locale = reader_locale()
        names = get_day_names("short", "stand-alone", locale)
        data = {
            "days": [day.isoformat() for day in days],
            "today": today.isoformat(),
            "shown": (day_of_id(state.conversation.id) or today).isoformat(),
            "first": locale.first_week_day,  # 0 is Monday
            "weekdays": [names[number] for number in range(7)],
            "language": str(locale).replace("_", "-"),
        }
        # In a list, because Streamlit looks for tables in a dict, for which it imports pandas.
        _month()(key=KEY, data=[data], on_picked_change=partial(_pick, diary, state))
        if days:
            draw_search(diary, state)


def _pick(diary: Diary, state: ChatState) -> None:
    """Open the day that was picked."""
    try:
        day = date.fromisoformat(str(st.session_state[KEY]["picked"]))
    except (ValueError, KeyError):
        return
    with kept_errors(state):
        open_day(diary, state, day)


def open_day(diary: Diary, state: ChatState, day: date, message_id: str = "") -> None:
    """Show a day, or say that it is gone; today has a chat of its own at any time."""
    if day != diary.today() and not diary.conversations.is_saved(conversation_id(day)):
        raise ConversationNotFound("Nothing was said on this day.", "Days with a chat are marked.")
    state.show(diary.conversation_of(day))
    state.open_at(message_id)
    BrowserCommands.of_session().leaves_sidebar = True


def draw_search(diary: Diary, state: ChatState) -> None:
    """Draw the box that looks for words in the days, and what it has found."""
    sought = st.text_input(
        "Search in days",
        key=f"{KEY}.search",
        placeholder="Search in days",
        icon=":material/search:",
        label_visibility="collapsed",
    ).strip()
    if not sought:
        return
    with kept_errors(state):
        hits = [hit for hit in diary.conversations.search(sought, 500) if day_of_id(hit.conversation_id)][:MOST_FOUND]
        if not hits:
            st.caption("No day has these words.")
        for hit in hits:
            day = day_of_id(hit.conversation_id) or diary.today()
            words = plain(hit.snippet.replace(MARK_BEGIN, "").replace(MARK_END, ""))
            st.button(
                f"**{day_text(day)}** {words}",
                key=f"{KEY}.found.{hit.conversation_id}",
                type="tertiary",
                on_click=_open_hit,
                args=(diary, state, day, hit.message_id),
            )


def _open_hit(diary: Diary, state: ChatState, day: date, message_id: str) -> None:
    with kept_errors(state):
        open_day(diary, state, day, message_id)


def draw_closing(diary: Diary, day: date, state: ChatState) -> None:
    """Draw the way to close a day, how far that is, and the files of a closed one."""
    closer = closer_of(diary.resources)
    running = closer.running
    if running and running.day == day and not running.job.has_ended:
        st.fragment(_draw_progress, run_every=LOOKS_EVERY_S)(running)
        return
    if running and running.day == day and running.problem:
        draw_error(running.problem.message, running.problem.hint)
    is_busy = diary.services.turns.of(state.conversation.id) is not None
    if closer.is_closed(day):
        st.caption(f":material/check_circle: {day_text(day)} is closed. Its files are in {plain(str(diary.folder))}.")
        _draw_files(DayFiles(diary, day))
    else:
        st.button(
            "Close the day",
            key=f"{KEY}.close",
            icon=":material/bedtime:",
            width="stretch",
            help="Writes the summary of the day, and its files. What you say later opens it again.",
            disabled=is_busy,
            on_click=_close,
            args=(diary, day),
        )


def _close(diary: Diary, day: date) -> None:
    closer_of(diary.resources).begin(day)


def _draw_progress(running: ClosingJob) -> None:
    """Draw how far closing is; at its end, the page."""
    if running.job.has_ended:
        st.rerun()
    st.caption(f":material/progress_activity: Closing the day: {running.told or 'waiting…'}")


def _draw_files(files: DayFiles) -> None:
    """Draw a button for each file of a closed day."""
    with st.container(horizontal=True):
        for path in files.shown():
            label = path.suffix.removeprefix(".").upper()
            draw_download(label, f"{KEY}.file.{label}", path.read_bytes, path.name, is_quiet=True)
