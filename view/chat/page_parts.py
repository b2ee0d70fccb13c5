"""What every page gets handed beside question, answer and list: it draws these without knowing what they are."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from controller.chat.turns import RunningTurn
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.message_parts import Attachment, ToolStep
from view.chat.actions import ChatActions
from view.shell.services import Services
from view.shell.session import ChatState


class ActionsOfMessages(Protocol):
    """What can be done with the messages of one page."""

    def draw(self, message: Message) -> None: ...

    def draw_icons(self) -> None:
        """Draw, once, the icons of all messages that were drawn."""
        ...


@dataclass(frozen=True)
class PageParts:
    """What `view/pages.py` provides."""

    draw_dialogs: Callable[[ChatState, Services], None]  # the boxes that were asked for in a menu
    draw_totals: Callable[[Conversation], None]  # what a conversation took
    draw_attachments: Callable[[Sequence[Attachment]], None]
    draw_step_details: Callable[[ToolStep], None]  # what only the person sees of a tool step
    draw_answer_extras: Callable[[Message], None]  # what tools have left under an answer
    draw_inside: Callable[[ChatState, RunningTurn | None], Callable[[], None]]  # a turn's story; returns what goes on
    message_actions: Callable[[ChatActions], ActionsOfMessages]


_provided: list[PageParts] = []


def provide(parts: PageParts) -> None:
    """Let all pages of this process have these parts."""
    _provided[:] = [parts]


def page_parts() -> PageParts:
    return _provided[0]
