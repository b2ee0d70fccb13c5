"""The gallery: the pictures and plots of this conversation, or of all, each with the way to where it was made."""

from collections.abc import Callable
from functools import partial

import streamlit as st

from controller.stages.image_generation.client import image_endpoint
from model.pictures.gallery import MARKS, Hung, all_pictures_in, gallery
from model.pictures.picture import Picture
from utils.text.markdown import plain
from view.shell.errors import kept_errors, shown_errors
from view.shell.page import draw_dialog
from view.shell.services import services
from view.shell.session import ChatState
from view.stages.image_generation.forms import GALLERY
from view.stages.image_generation.thumbnail import draw_picture

COLUMNS = 3
STEP = 12  # how many are shown at first

Edit = Callable[[Picture], None]


def draw_gallery(state: ChatState, edit: Edit) -> None:
    """Draw the gallery where it is open."""
    draw_dialog(state, GALLERY, show_gallery, state, edit, width="large", icon=":material/photo_library:")


def show_gallery(state: ChatState, edit: Edit) -> None:
    """Show pictures; `edit` begins to change one."""
    opened = state.conversation
    here = [Hung(each, opened.id or "", opened.name or "") for each in reversed(all_pictures_in(opened.messages))]
    key = "bna.gallery"
    is_everywhere = st.toggle("Show images from all conversations", not here, key=f"{key}.everywhere")
    with shown_errors():
        hung = gallery(services().conversations.mentioning(*MARKS)) if is_everywhere else here
        if not hung:
            st.markdown("There are no pictures yet.")
        count_key = f"{key}.count"
        count = st.session_state.setdefault(count_key, STEP)
        columns = st.columns(COLUMNS)
        for place, each in enumerate(hung[:count]):
            with columns[place % COLUMNS]:
                _draw(each, f"{key}.{place}.{each.picture.sha256[:12]}", state, edit)
        if len(hung) > count and st.button(f"Show {min(STEP, len(hung) - count)} more", key=f"{key}.more"):
            st.session_state[count_key] += STEP
            st.rerun(scope="fragment")


def _draw(hung: Hung, key: str, state: ChatState, edit: Edit) -> None:
    is_here = hung.conversation_id == (state.conversation.id or "")
    if is_here:
        label, action, icon = "Edit image", partial(edit, hung.picture), ":material/brush:"
    else:
        label = f"Open “{plain(hung.conversation_name[:40])}”"
        action, icon = partial(_open, state, hung.conversation_id), ":material/forum:"
    is_offered = not is_here or can_edit(hung.picture)

    def draw_button() -> None:
        if is_offered and st.button(label, key=f"{key}.do", type="tertiary", icon=icon, on_click=action):
            state.close_dialog()
            st.rerun()

    draw_picture(hung.picture, key, draw_button)


def can_edit(picture: Picture) -> bool:
    """Return whether a picture can be changed here: a drawing always, any other at a server that makes images."""
    return picture.is_drawing or image_endpoint(services().providers) is not None


def _open(state: ChatState, conversation_id: str) -> None:
    with kept_errors(state):
        state.show(services().conversations.load_conversation(conversation_id))
