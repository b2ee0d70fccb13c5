"""The theme: light, dark, or as the system has it. The browser keeps it, as Streamlit does, for each page's address."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from settings import ROOT

SCRIPT = Path(__file__).with_suffix(".js")


def draw_theme() -> None:
    """Draw the choice; what is picked holds for all pages in this browser."""
    names = ["", *(path.stem.partition("_")[2] for path in sorted((ROOT / "pages").glob("*.py")))]
    _component()(key="bna.theme", data=[names])


@st.cache_resource(show_spinner=False)
def _component() -> Callable[..., object]:
    return st.components.v2.component("bna_theme", js=SCRIPT.read_text(encoding="utf-8"), isolate_styles=False)
