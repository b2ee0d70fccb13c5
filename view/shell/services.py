"""The parts that all pages share, made when the first of them is opened.

What a page remembers is in `view/shell/session.py`.
"""

from collections.abc import Callable

import streamlit as st

from controller.services import Services

__all__ = ["Services", "build_with", "services"]
_builders: list[Callable[[], Services]] = []


def build_with(build_services: Callable[[], Services]) -> None:
    """Say how the parts are built; the composition root of the pages does, before any page is drawn."""
    _builders[:] = [build_services]


@st.cache_resource(show_spinner=False)
def services() -> Services:
    """Return the parts; the first call builds them."""
    return _builders[0]()
