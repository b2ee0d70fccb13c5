"""Files on a message, and those that wait for the next one.

Pictures are shown and recordings can be played; of others the name and size are told.
"""

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path

import streamlit as st

from model.chat.message_parts import Attachment
from model.errors import BnaError, FileGone
from utils.pictures.decode import no_wider, picture_type
from utils.text.markdown import plain
from view.shell.errors import shown_errors
from view.shell.services import services

SOUNDS = ("audio/", "video/")
LONGEST_PX, LONGEST_OF_SEVERAL_PX, LEAST_PX = 340, 200, 48
WIDEST_PX = 1460  # what Streamlit shows as it is


def draw_attachments(attachments: Sequence[Attachment]) -> None:
    for attachment in attachments:
        if attachment.media_type.startswith(SOUNDS):
            with shown_errors():
                st.audio(str(services().resources.attachments.path(attachment.sha256)), attachment.media_type)
        elif not attachment.is_picture:
            st.caption(f":material/attach_file: {plain(attachment.name)} · {size(attachment.size_bytes)}")
    if pictures := [attachment for attachment in attachments if attachment.is_picture]:
        with st.container(horizontal=True):
            for picture in pictures:
                _draw_picture(picture, LONGEST_PX if len(pictures) == 1 else LONGEST_OF_SEVERAL_PX)


def _draw_picture(picture: Attachment, longest_px: int) -> None:
    """Draw a picture; a conversation may come from anywhere, so it is looked at first."""
    try:
        data = _shown(services().resources.attachments.path(picture.sha256))
    except (FileGone, OSError, SyntaxError, ValueError):  # gone, or made to do harm
        st.caption(f":material/hide_image: {plain(picture.name)} is no longer there.")
        return
    except BnaError as error:
        st.caption(f":material/hide_image: {plain(f'{picture.name}: {error.message}')}")
        return
    if data:
        scale = min(1.0, longest_px / max(picture.width_px, picture.height_px))
        # The box has the width, not the picture: that would be made small, and blurred when it is opened.
        with st.container(width=max(LEAST_PX, round(picture.width_px * scale))):
            st.image(data, plain(picture.name), width="stretch")


@lru_cache(maxsize=100)
def _shown(path: Path) -> bytes | None:
    """Return a picture for the page, None where the file is none; Streamlit would shrink wider ones at every run."""
    data = path.read_bytes()
    return no_wider(data, WIDEST_PX) if picture_type(data) else None


def size(size_bytes: int) -> str:
    """Return a size in words."""
    return f"{size_bytes / 1e6:,.1f} MB" if size_bytes >= 100_000 else f"{size_bytes / 1e3:,.1f} kB"
