"""The composition root of the pages: each page is its view with all that pages get handed.

HTTP and terminal take `RunningApp` from `view/app.py` alone.
"""

from typing import Protocol

from view.app import RunningApp
from view.chat.attachments import draw_attachments
from view.chat.message_actions.message_menu import message_actions
from view.chat.page_parts import PageParts, provide
from view.chat.tool_results import draw_answer_extras, draw_step_details
from view.history.dialogs import draw_dialogs
from view.history.inside import draw_inside
from view.history.request_inspector import draw_totals
from view.people.sign_in import draw_sign_in, person_of_page
from view.shell.services import AppParts, provide_app

APP = AppParts(RunningApp, person_of_page, draw_sign_in)
PARTS = PageParts(
    draw_dialogs, draw_totals, draw_attachments, draw_step_details, draw_answer_extras, draw_inside, message_actions
)


class View(Protocol):
    """A page."""

    def render(self) -> None: ...


def provide_parts() -> None:
    """Let all pages of this process have their parts."""
    provide_app(APP)
    provide(PARTS)


def draw_page(view: type[View]) -> None:
    provide_parts()
    view().render()
