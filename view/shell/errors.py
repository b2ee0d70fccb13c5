"""The only place where an error becomes something on the screen."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import streamlit as st

from model.errors import BnaError
from utils.text.markdown import plain
from view.shell.session import ChatState


def draw_error(message: str, hint: str = "") -> None:
    """Draw what happened, and what to do about it."""
    st.error(plain(f"{message} {hint}".strip()), icon=":material/error:")


def draw_problem(problem: str) -> None:
    """Draw beside a field what is wrong with what was typed there; nothing where nothing is."""
    if problem:
        draw_error(problem)


@contextmanager
def kept_errors(state: ChatState) -> Iterator[None]:
    """Keep an error of this block for the page to draw, where nothing else went wrong before."""
    try:
        yield
    except BnaError as error:
        state.error = state.error or error


@contextmanager
def shown_errors() -> Iterator[None]:
    """Draw an error of this block in its place."""
    try:
        yield
    except BnaError as error:
        draw_error(error.message, error.hint)


def draw_notices(state: ChatState, notices: Iterable[str]) -> None:
    """Draw what there is to tell, once."""
    for notice in [*notices, state.notice]:
        if notice:
            st.warning(plain(notice), icon=":material/info:")
    if state.error:
        draw_error(state.error.message, state.error.hint)
    state.notice, state.error = "", None
