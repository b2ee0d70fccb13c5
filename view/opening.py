"""The first message of a conversation with an assistant: who it is, and what it was told, closed at first.

It stands in the conversation file, which may come from anywhere, so nothing is taken for what it says it is.
"""

import streamlit as st

from model.assistant import EMOJI, is_emoji, one_line
from model.message import Message
from utils.markdown import for_display, plain
from view.attachments import draw_attachments

MOST_NAME = 80


def draw_opening(message: Message) -> None:
    """Draw an assistant's name, and its instructions below it."""
    about = message.assistant or {}
    name, emoji = one_line(str(about.get("name", ""))), str(about.get("emoji", ""))
    label = f"{emoji if is_emoji(emoji) else EMOJI} **{plain(name[:MOST_NAME] or 'Assistant')}**"
    with st.expander(label):
        st.caption("What it was told. It stays so in this conversation, even if the assistant changes.")
        st.markdown(for_display(message.content))
        draw_attachments(message.attachments)
