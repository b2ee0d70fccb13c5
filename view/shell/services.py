"""The parts that all pages share, made when the first of them is opened.

What a page remembers is in `view/shell/session.py`.
"""

import streamlit as st

from view.app import Services, build_services

__all__ = ["Services", "services"]


@st.cache_resource(show_spinner=False)
def services() -> Services:
    """Return the parts; the first call builds them."""
    return build_services()
