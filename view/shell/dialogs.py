"""Dialogs: boxes over the page, one at a time.

A page draws itself anew at any moment, as at the end of an answer. So an open box is part of what the page remembers,
and stays with what was typed into it until the person closes it, or what they did there is done.
"""

from collections.abc import Callable
from typing import Any

import streamlit as st

from view.shell.session import ChatState


def draw_dialog(state: ChatState, name: str, draw: Callable[..., None], *args: object, **look: Any) -> None:
    """Draw a box, if it is the one that is open; `look` is what else `st.dialog` takes."""
    if state.dialog == name:
        st.dialog(name, on_dismiss=state.close_dialog, **look)(draw)(*args)
