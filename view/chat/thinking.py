"""What a model thinks before it answers: a folded block above the answer.

A folded block is empty. Its text is sent to the browser when a person opens it, so long thoughts make no page slow.
"""

import streamlit as st
from streamlit.elements.lib.mutable_expander_container import ExpanderContainer

from model.chat.descriptions import thinking_title
from model.chat.message import Message
from utils.text.markdown import blocks, for_display
from view.shell.session import session_object

OPEN_KEY = "bna_open_thinking"


def draw_thinking(message: Message) -> None:
    """Draw what was thought before an answer; nothing where nothing was."""
    if message.thinking:
        box = thinking_box(message, thinking_title(message))
        if box.open:
            for block in blocks(message.thinking):
                box.markdown(for_display(block))


def thinking_box(message: Message, label: str, suffix: str = "") -> ExpanderContainer:
    """Return a block, open where the person has opened the message's thinking, under whichever label."""
    key = f"bna.thinking.{message.id}{suffix}"
    st.session_state[key] = message.id in _opened()
    return st.expander(label, key=key, type="compact", on_change=_note, args=(message.id, key))


def _note(message_id: str, key: str) -> None:
    """Remember that a block was opened or folded."""
    (_opened().add if st.session_state[key] else _opened().discard)(message_id)


def _opened() -> set[str]:
    """Return the ids of the messages whose thinking is open in this tab."""
    return session_object(OPEN_KEY, set)
