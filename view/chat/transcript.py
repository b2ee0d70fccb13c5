"""The transcript: messages on the screen, the newest few at first.

Messages are drawn as Markdown made safe: no HTML of a model is rendered and no picture is fetched from another host.
The name and emoji of an assistant stand in the conversation file, which may come from anywhere, so both are checked.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.string_util import is_emoji as is_drawn

from controller.chat.window import left_out
from model.chat.conversation import Conversation
from model.chat.descriptions import cut_note
from model.chat.message import FAILED, INTERRUPTED, STOPPED, STREAMING, Message
from utils.text.characters import is_emoji, one_line
from utils.text.markdown import for_display, plain
from view.chat.page_parts import page_parts
from view.chat.thinking import draw_thinking
from view.shell.errors import draw_error
from view.shell.session import FOUND_KEY, STEP, ChatState

MOST_NAME = 80
NO_EMOJI = "💬"


class Avatar(NamedTuple):
    """Who answers: what is seen beside an answer, and what a screen reader says."""

    avatar: str = ":material/auto_awesome:"
    label: str = "assistant"


def avatar_of(conversation: Conversation) -> Avatar:
    """Return who answers in a conversation: its assistant, where it has one."""
    about = next((message.assistant for message in conversation.messages[:1]), None)
    if not about:
        return Avatar()
    name, emoji = _name_and_emoji(about)
    # Streamlit takes what it does not know as an emoji for the path of a file.
    return Avatar(emoji if is_drawn(emoji) else Avatar().avatar, f"{Avatar().label} {name}")


def draw_opening(message: Message) -> None:
    """Draw an assistant's name, and its instructions below it."""
    name, emoji = _name_and_emoji(message.assistant or {})
    with st.expander(f"{emoji} **{plain(name or 'Assistant')}**"):
        st.caption("Its instructions. They stay the same in this chat, even if the assistant changes.")
        st.markdown(for_display(message.content))
        page_parts().draw_attachments(message.attachments)


def _name_and_emoji(about: dict[str, Any]) -> tuple[str, str]:
    """Return an assistant's name on one line, and its emoji, whatever the file says."""
    name, emoji = one_line(str(about.get("name", ""))), str(about.get("emoji", ""))
    return name[:MOST_NAME], emoji if is_emoji(emoji) else NO_EMOJI


Draw = Callable[[Message], None]
FIRST_IN_TIME = 8  # more than fit on a screen

_ENDINGS = {
    STOPPED: "Stopped. The text so far is kept.",
    INTERRUPTED: "Interrupted: bnaGPT closed before the answer was complete. The text so far is kept.",
    STREAMING: "This answer is still being written in another window.",
}


def shown_messages(state: ChatState) -> list[Message]:
    """Return the messages to draw: the newest 25 to 50.

    The beginning moves in steps. Were it to move with each turn, the browser would draw every message anew.
    """
    messages = state.conversation.messages
    return messages[max(0, len(messages) - state.shown_count) // STEP * STEP :]


def draw_earlier(state: ChatState) -> None:
    """Draw the button that shows older messages, if there are any."""
    hidden_count = len(state.conversation.messages) - len(shown_messages(state))
    if hidden_count:
        st.button(
            f"Show earlier ({hidden_count:,} more)",
            key="bna.transcript.earlier",
            icon=":material/expand_less:",
            type="tertiary",
            on_click=_show_more,
            args=(state,),
        )


def _show_more(state: ChatState) -> None:
    state.shown_count += 2 * STEP


def message_box(message: Message, face: Avatar) -> DeltaGenerator:
    """Return the box that a message is drawn in; `face` is that of answers."""
    if message.role == "assistant":
        return st.chat_message(face.label, avatar=face.avatar)
    return st.chat_message(message.role, avatar=f":material/{'person' if message.role == 'user' else 'settings'}:")


def draw_message(message: Message, face: Avatar, draw_content: Draw) -> DeltaGenerator | None:
    """Draw one message, with how it ended where that says something; return its box, if it is one."""
    if message.assistant and message.role == "system":
        draw_opening(message)
        return None
    box = message_box(message, face)
    with box:
        if message.kind:
            st.caption(plain(message.kind))
        elif message.summary_of:
            st.caption(
                ":material/summarize: Summary of everything above. The model reads it instead of those messages."
            )
        elif message.role not in ("user", "assistant"):
            st.caption(plain(f"{message.role.capitalize()} message"))
        draw_thinking(message)
        draw_content(message)
        if message.role == "assistant":
            _draw_ending(message)
    return box


def _draw_ending(message: Message) -> None:
    if message.status == FAILED:
        draw_error(message.error or "The answer failed.", message.hint or "")
    elif note := cut_note(message) or _ENDINGS.get(message.status):
        st.caption(note)


def view_begins_at(conversation: Conversation) -> str | None:
    """Return the id of the oldest message that the model saw when it last answered, unless it saw all that it may.

    It is never sent what failed, and an answer that failed says nothing of what is sent next.
    """
    answers = (message for message in reversed(conversation.messages) if message.view_begins_at)
    begin = next((answer.view_begins_at for answer in answers if answer.status != FAILED), None)
    return begin if begin and any(left_out(conversation.messages, begin)) else None


def draw_view_begin() -> None:
    """Draw the line from which on the model sees the conversation."""
    st.caption(":material/visibility: Earlier messages are no longer sent to the model.", text_alignment="center")


def draw_newest(messages: list[Message], state: ChatState, draw: Draw) -> tuple[DeltaGenerator, Callable[[], None]]:
    """Draw the newest messages, which are seen first.

    Returns what holds them, so that an answer can grow in the place where it will stand, and what draws the others.
    """
    marks = view_begins_at(state.conversation), state.found_id
    split = max(0, len(messages) - FIRST_IN_TIME) // FIRST_IN_TIME * FIRST_IN_TIME
    older, newest = st.container(), st.container()

    def draw_in(box: DeltaGenerator, part: list[Message]) -> None:
        with box:
            _draw_part(part, marks, draw)

    draw_in(newest, messages[split:])
    return newest, partial(draw_in, older, messages[:split])


def _draw_part(messages: list[Message], marks: tuple[str | None, str], draw: Draw) -> None:
    """Draw messages in their order, with the line where the model's view begins, and the one that was searched for."""
    begin, found = marks
    for message in messages:
        if message.id == begin:
            draw_view_begin()
        if message.id == found:
            with st.container(key=FOUND_KEY):
                draw(message)
        else:
            draw(message)
