"""Files on a message, and those that wait for the next one: pictures are shown, of others the name and size."""

from collections.abc import Sequence

import streamlit as st

from model.attachment import Attachment
from model.errors import BnaError
from utils.markdown import plain
from utils.pictures import picture_type
from view.services import services

LONGEST_PX, LONGEST_OF_SEVERAL_PX = 340, 200


def draw_attachments(attachments: Sequence[Attachment]) -> None:
    """Draw files."""
    for attachment in attachments:
        if not attachment.is_picture:
            st.caption(f":material/attach_file: {plain(attachment.name)} · {size(attachment.size_bytes)}")
    if pictures := [attachment for attachment in attachments if attachment.is_picture]:
        with st.container(horizontal=True):
            for picture in pictures:
                _draw_picture(picture, LONGEST_PX if len(pictures) == 1 else LONGEST_OF_SEVERAL_PX)


def _draw_picture(picture: Attachment, longest_px: int) -> None:
    """Draw a picture; a conversation may come from anywhere, so it is looked at first."""
    try:
        data = services().toolbox.attachments.path(picture.sha256).read_bytes()
    except (BnaError, OSError):
        st.caption(f":material/hide_image: {plain(picture.name)} is no longer there.")
        return
    if picture_type(data):
        scale = min(1.0, longest_px / max(picture.width_px, picture.height_px))
        st.image(data, plain(picture.name), width=max(48, round(picture.width_px * scale)))


def size(size_bytes: int) -> str:
    """Return a size in words."""
    return f"{size_bytes / 1e6:,.1f} MB" if size_bytes >= 100_000 else f"{size_bytes / 1e3:,.1f} kB"
