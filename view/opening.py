"""The first message of a conversation with an assistant: who it is, and what it was told, closed at first.

Its emoji and name stand beside its answers too.

It stands in the conversation file, which may come from anywhere, so nothing is taken for what it says it is.
"""

from typing import Any, NamedTuple

import streamlit as st
from streamlit.string_util import is_emoji as is_drawn

from model.assistant import EMOJI, is_emoji, one_line
from model.conversation import Conversation
from model.message import Message
from utils.markdown import for_display, plain
from view.attachments import draw_attachments

MOST_NAME = 80


class Face(NamedTuple):
    """Who answers: what is seen beside an answer, and what a screen reader says."""

    avatar: str = ":material/auto_awesome:"
    label: str = "assistant"


def face_of(conversation: Conversation) -> Face:
    """Return who answers in a conversation: its assistant, where it has one."""
    about = next((message.assistant for message in conversation.messages[:1]), None)
    if not about:
        return Face()
    name, emoji = _name_and_emoji(about)
    # Streamlit takes what it does not know as an emoji for the path of a file.
    return Face(emoji if is_drawn(emoji) else Face().avatar, f"{Face().label} {name}")


def draw_opening(message: Message) -> None:
    """Draw an assistant's name, and its instructions below it."""
    name, emoji = _name_and_emoji(message.assistant or {})
    with st.expander(f"{emoji} **{plain(name or 'Assistant')}**"):
        st.caption("What it was told. It stays so in this conversation, even if the assistant changes.")
        st.markdown(for_display(message.content))
        draw_attachments(message.attachments)


def _name_and_emoji(about: dict[str, Any]) -> tuple[str, str]:
    """Return an assistant's name on one line, and its emoji, whatever the file says."""
    name, emoji = one_line(str(about.get("name", ""))), str(about.get("emoji", ""))
    return name[:MOST_NAME], emoji if is_emoji(emoji) else EMOJI
