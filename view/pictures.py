"""Pictures on the screen: always as an image of its own, never as part of the page.

Their rows stand in the conversation file, which may come from anywhere; so a drawing is cleaned again, and an image has
to be one. Read next: `view/gallery.py`.
"""

from collections.abc import Callable
from functools import partial

import streamlit as st

from model.errors import BnaError
from model.picture import Picture
from utils.markdown import plain
from utils.pictures import picture_type
from utils.svg_clean import clean_svg
from view.services import services

MAX_CAPTION_CHARS = 160


def draw_picture(picture: Picture, key: str, draw_more: Callable[[], None] = lambda: None) -> None:
    """Draw a picture, what it is of, and a button that saves it; `draw_more` draws other buttons beside that."""
    try:
        path = services().toolbox.attachments.path(picture.sha256)
        st.image(shown(path.read_bytes(), picture.is_drawing))
    except (BnaError, ValueError) as error:
        st.caption(plain(f"{picture.name}: {error}"))
        return
    st.caption(plain(line_of(picture)))
    read, mime, icon = partial(path.read_bytes), "application/octet-stream", ":material/download:"
    with st.container(horizontal=True):
        st.download_button(
            "Save", read, picture.name, mime, key=f"{key}.save", icon=icon, type="tertiary", on_click="ignore"
        )
        draw_more()


def shown(data: bytes, is_drawing: bool) -> bytes | str:
    """Return what can be shown of a file.

    Raises: ValueError when it is no picture.
    """
    if is_drawing:
        return clean_svg(data.decode("utf-8", "replace")).svg
    if picture_type(data) is None:
        raise ValueError("It is no picture.")
    return data


def line_of(picture: Picture) -> str:
    """Return in a line what a picture is of, and how it was made; a dash where its cost is not known."""
    prompt = " ".join(picture.prompt.split())
    prompt = prompt if len(prompt) <= MAX_CAPTION_CHARS else f"{prompt[: MAX_CAPTION_CHARS - 1]}…"
    cost = "—" if picture.cost_usd is None else f"${picture.cost_usd:.3f}"
    by = [] if picture.is_drawing else [picture.model_name, picture.quality, f"cost {cost}"]
    size = f"{picture.width_px} × {picture.height_px}"
    source = f"from {picture.edited_from}" if picture.edited_from else ""
    return " · ".join(part for part in (picture.name, prompt, source, size, *by) if part)
