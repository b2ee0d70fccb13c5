"""Files on a message, and those that wait for the next one."""

from collections.abc import Sequence

import streamlit as st

from model.attachment import Attachment
from utils.markdown import plain


def draw_attachments(attachments: Sequence[Attachment]) -> None:
    """Draw the names and sizes of files."""
    for attachment in attachments:
        st.caption(f":material/attach_file: {plain(attachment.name)} · {size(attachment.size_bytes)}")


def size(size_bytes: int) -> str:
    """Return a size in words."""
    return f"{size_bytes / 1e6:,.1f} MB" if size_bytes >= 100_000 else f"{size_bytes / 1e3:,.1f} kB"
