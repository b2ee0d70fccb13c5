"""The switches of stage 11: one for each ability that can be put together, kept in the conversation."""

from collections.abc import Callable

import streamlit as st

from controller.abilities import abilities, chosen
from controller.changes import Changes
from view.errors import kept_errors
from view.state import ChatState

KEY = "bna.all_together"


def draw_switches(state: ChatState, changes: Changes, draw_by_hand: Callable[[], None] | None) -> None:
    """Draw a switch for each tool and, where there is something, what can be done by hand."""
    conversation, rows = state.conversation, {row.slug: row for row in abilities()}
    key = f"{KEY}.tools.{conversation.id}"
    st.session_state[key] = chosen(conversation.options)  # another conversation may have had the same key

    def switch() -> None:
        with kept_errors(state):
            changes.choose(state.conversation, tools=list(st.session_state[key]))

    with st.container(horizontal=True, vertical_alignment="center", key="tool_switches"):
        st.pills(
            "Tools",
            list(rows),
            selection_mode="multi",
            format_func=lambda slug: f"{rows[slug].icon} {rows[slug].title}",
            key=key,
            label_visibility="collapsed",
            on_change=switch,
        )
        if draw_by_hand:
            with st.popover("By hand", icon=":material/build:"):
                draw_by_hand()
