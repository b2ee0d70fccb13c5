"""The button that hands out a file, made once it is pressed and never before."""

from collections.abc import Callable

import streamlit as st


def draw_download(
    label: str, key: str, made: Callable[[], bytes | str], file_name: str, is_quiet: bool = False
) -> None:
    """Draw the button; a quiet one is small, for those that stand under a message."""
    st.download_button(
        label,
        made,
        file_name,
        "application/octet-stream",
        key=key,
        icon=":material/download:",
        type="tertiary" if is_quiet else "secondary",
        on_click="ignore",
    )
