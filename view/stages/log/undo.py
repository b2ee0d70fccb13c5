"""Undo under an answer, on every page: takes back what the answer's tools have changed in the calendar."""

import streamlit as st

from controller.stages.log.calendar.undo import undo, undo_of
from model.chat.message import Message
from model.errors import BnaError
from model.log.calendar.calendar import Change
from utils.text.markdown import plain
from view.shell.services import services


def draw_undo(message: Message) -> None:
    """Draw what was changed, one line each, with a button; what became of it stands in its place."""
    for step in message.tool_steps:
        if kept := undo_of(step.details):
            change, label = kept
            key = f"bna.undo.{message.id}.{step.id}"
            st.caption(f":material/calendar_month: {plain(label)}")
            if told := st.session_state.get(f"{key}.told"):
                st.caption(plain(told))
            st.button("Undo", icon=":material/undo:", key=key, type="tertiary", on_click=_undo, args=(change, key))


def _undo(change: Change, key: str) -> None:
    """Take a change back, and keep for the next drawing how that went."""
    try:
        told = undo(services().resources, change)
    except BnaError as error:
        told = f"{error.message} {error.hint}".strip()
    st.session_state[f"{key}.told"] = told
