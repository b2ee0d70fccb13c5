"""What every page gets handed: the parts of the app, and what is drawn beside question, answer and list.

`view/pages.py` provides it. What a page remembers is in `view/shell/session.py`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from controller.services import Services
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.message_parts import Attachment, ToolStep
from view.shell.session import ChatState

__all__ = ["PageParts", "Services", "page_parts", "provide", "services"]


@dataclass(frozen=True)
class PageParts:
    """How the app is built, and what each page draws without knowing what it is."""

    build_services: Callable[[], Services]
    draw_dialogs: Callable[[ChatState, Services], None]  # the boxes that were asked for in a menu
    draw_totals: Callable[[Conversation], None]  # what a conversation took
    draw_attachments: Callable[[Sequence[Attachment]], None]
    draw_step_details: Callable[[ToolStep], None]  # what only the person sees of a tool step
    draw_answer_extras: Callable[[Message], None]  # what tools have left under an answer


_provided: list[PageParts] = []


def provide(parts: PageParts) -> None:
    """Let all pages of this process have these parts."""
    _provided[:] = [parts]


def page_parts() -> PageParts:
    return _provided[0]


@st.cache_resource(show_spinner=False)
def services() -> Services:
    """Return the parts of the app; the first call builds them."""
    return page_parts().build_services()
