"""The switches of stage 11: one for each ability that can be put together, kept in the conversation."""

from collections.abc import Callable

import streamlit as st

from controller.history.editing import Changes
from controller.stages import NONE, SENSES, switched_on, switches
from view.shell.errors import kept_errors
from view.shell.session import ChatState

KEY = "bna.all_together"


def draw_switches(state: ChatState, changes: Changes, draw_by_hand: Callable[[], None] | None) -> None:
    rows = {row.slug: row for row in switches()}
    key, on = switches_key(state), switched_on(state.conversation.options)
    is_new = key not in st.session_state
    if not is_new and list(st.session_state[key]) != on:  # another conversation had the same key
        st.session_state[key] = on
    with st.container(horizontal=True, vertical_alignment="center", key="tool_switches"):
        st.pills(
            "Tools",
            list(rows),
            selection_mode="multi",
            default=on if is_new else None,  # what is set instead would undo a click in this very moment
            format_func=lambda slug: f"{rows[slug].icon} {rows[slug].title}",
            key=key,
            label_visibility="collapsed",
            on_change=take_over,
            args=(state, changes),
        )
        if draw_by_hand:
            with st.popover("By hand", icon=":material/build:"):
                draw_by_hand()


def take_over(state: ChatState, changes: Changes) -> None:
    """Keep what is switched on; also before a question that was sent in the same moment."""
    picked = st.session_state.get(switches_key(state))
    if picked is not None and list(picked) != switched_on(state.conversation.options):
        with kept_errors(state):
            senses = [slug for slug in state.conversation.options.tools if slug in SENSES]  # an assistant's
            changes.choose(state.conversation, tools=[*picked, *senses] or [NONE])


def switches_key(state: ChatState) -> str:
    return f"{KEY}.tools.{state.conversation.id}"
