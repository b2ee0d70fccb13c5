"""What all pages begin with: title, style, and the place where they are drawn."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from model.errors import AllDeleted, NotSignedIn
from view.shell.errors import shown_errors
from view.shell.reader import note_reader
from view.shell.services import app_parts, services, the_app

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
