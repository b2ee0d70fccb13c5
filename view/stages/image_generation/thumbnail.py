"""Pictures on the screen, always as an image: a drawing is cleaned again, for its row may come from anywhere."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from model.chat.message import Message
from model.errors import BnaError
from model.pictures.picture import Picture, pictures_of
from utils.pictures.decode import preview
from utils.pictures.svg_clean import clean_svg
from utils.text.markdown import plain
from view.shell.downloads import draw_download
from view.shell.services import services

MAX_CAPTION_CHARS = 160


def draw_pictures(message: Message, draw_more: Callable[[Picture, str], None] | None = None) -> None:
    """Draw the pictures that were made for an answer, two in a row; `draw_more` draws other buttons under each."""
    pictures = list(pictures_of(message.tool_steps))
    columns = st.columns(min(2, len(pictures))) if pictures else []
    for place, picture in enumerate(pictures):
        key = f"bna.picture.{message.id}.{place}"
        with columns[place % len(columns)]:
            draw_picture(picture, key, partial(draw_more, picture, key) if draw_more else lambda: None)


def draw_picture(picture: Picture, key: str, draw_more: Callable[[], None] = lambda: None) -> None:
    """Draw a picture, what it is of, and a button that saves it; `draw_more` draws other buttons beside that."""
    try:
        path = services().resources.attachments.path(picture.sha256)
        st.image(shown(picture.sha256, picture.is_drawing, path))
    except (BnaError, ValueError) as error:
        st.caption(plain(f"{picture.name}: {error}"))
        return
    st.caption(plain(caption_of(picture)), help=plain(f"Made as: {picture.wording}") if picture.wording else None)
    with st.container(horizontal=True):
        draw_download("Save", f"{key}.save", partial(path.read_bytes), picture.name, is_quiet=True)
        draw_more()


# Streamlit would make a JPEG of each PNG again whenever the page is drawn, 44 ms for one of 3 MB.
@st.cache_data(max_entries=60, show_spinner=False)
def shown(sha256: str, is_drawing: bool, _path: Path) -> bytes | str:
    """Return what is shown of a file; the hash stands for all that is in it.

    Raises: ValueError when it is no picture.
    """
    del sha256
    data = _path.read_bytes()
    return clean_svg(data.decode("utf-8", "replace")).svg if is_drawing else preview(data)


def caption_of(picture: Picture) -> str:
    """Return in a line what a picture is of, and how it was made; what it cost where that is known."""
    prompt = " ".join(picture.prompt.split())
    prompt = prompt if len(prompt) <= MAX_CAPTION_CHARS else f"{prompt[: MAX_CAPTION_CHARS - 1]}…"
    cost = "" if picture.cost_usd is None else f"cost ${picture.cost_usd:.3f}"
    by = [picture.model_name, picture.quality, cost] if picture.is_image else []
    size = f"{picture.width_px} × {picture.height_px}" if picture.width_px else ""
    source = f"from {picture.edited_from}" if picture.edited_from else ""
    return " · ".join(part for part in (picture.name, prompt, source, size, *by) if part)
