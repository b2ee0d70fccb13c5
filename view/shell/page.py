"""What all pages begin with: title, style, and the place where they are drawn; and a dialog over it, one at a time.

A page draws itself anew at any moment, as at the end of an answer. So an open dialog is part of what the page
remembers, and stays with what was typed into it until the person closes it, or what they did there is done.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import streamlit as st
from streamlit import config

from model.errors import AllDeleted, NotSignedIn
from view.shell.errors import shown_errors
from view.shell.reader import note_reader
from view.shell.services import app_parts, services, the_app
from view.shell.session import ChatState

STYLE = Path(__file__).with_name("style.css")
TITLE_KEY = "bna.title"
ICON = str(Path(__file__).with_name("icon.svg"))


@contextmanager
def page(title: str) -> Iterator[None]:
    """Draw what stands in this block as a page, and an error of the block in its place."""
    if st.session_state.get(TITLE_KEY) != title:  # the browser keeps them, and sets them anew at some cost
        st.set_page_config(page_title=title, page_icon=ICON, layout="centered")
        st.session_state[TITLE_KEY] = title
    # Named, because a fragment leaves its own place behind as the place to draw in. Where its thread runs a page next,
    # since somebody clicked meanwhile, the whole page would stand in the sidebar.
    with st._main, shown_errors():
        if config.get_option("server.baseUrlPath"):  # else it stands in the page already (`view/site.py`)
            st.html(STYLE)
        try:
            note_reader(services())
        except AllDeleted:
            st.rerun()
        except NotSignedIn:
            app_parts().draw_sign_in(the_app().settings)
            st.stop()
        try:
            yield
        except NotSignedIn:  # it has ended while the page was drawn
            st.rerun()


def draw_dialog(state: ChatState, name: str, draw: Callable[..., None], *args: object, **look: Any) -> None:
    """Draw a box, if it is the one that is open; `look` is what else `st.dialog` takes."""
    if state.dialog == name:
        st.dialog(name, on_dismiss=state.close_dialog, **look)(draw)(*args)
