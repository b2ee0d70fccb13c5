"""The composition root of the pages: each page is its view with all that pages get handed.

HTTP and terminal take `RunningApp` from `view/app.py` alone.
"""

from typing import Protocol

from view.app import RunningApp
from view.chat.tool_results import draw_answer_extras, draw_step_details
from view.history.dialogs import draw_dialogs
from view.history.request_inspector import draw_totals
from view.shell.services import PageParts, provide
from view.shell.sign_in import draw_sign_in, person_of_page

PARTS = PageParts(
    RunningApp, person_of_page, draw_sign_in, draw_dialogs, draw_totals, draw_step_details, draw_answer_extras
)


class View(Protocol):
    """A page."""

    def render(self) -> None: ...


def draw_page(view: type[View]) -> None:
    provide(PARTS)
    view().render()
