"""The row of small icons beside a message's menu, for what is done most.

The browser draws the rows of a page as one element (`icons.js`), because five buttons of Streamlit's own under each of
fifty messages would hold up every answer's first word. So a copy needs no round trip. What has to be done here comes
back as `{"do": "Regenerate", "id": "..."}` into a callback.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

SCRIPT = Path(__file__).with_suffix(".js")
Row = dict[str, Any]


def draw_icons(key: str, rows: list[Row], act: Callable[[Row], None]) -> None:
    """Draw the icons of all messages of a page, each beside the menu that its row names."""
    # In a list, because Streamlit looks for tables in a dict, for which it imports pandas: half a second.
    _component()(key=key, data=[rows], on_acted_change=lambda: act(st.session_state[key]["acted"] or {}))


def menu_class(key: str) -> str:
    """Return the class that Streamlit gives what has this key."""
    return f"st-key-{key.replace('.', '-')}"


@st.cache_resource(show_spinner=False)
def _component() -> Callable[..., object]:
    script = SCRIPT.read_text(encoding="utf-8")
    return st.components.v2.component("bna_message_icons", js=script, isolate_styles=False)
