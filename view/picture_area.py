"""“Change only a part”: in the form that edits an image, for models that take a mask.

Read next: `utils/picture_area.py`.
"""

import streamlit as st

from controller.image_endpoint import image_endpoint
from controller.image_mask import takes_mask
from model.errors import BnaError
from utils.markdown import plain
from utils.picture_area import Area, marked
from view.picture_state import PictureDesk
from view.services import services

MIDDLE = (25, 75)
SHOWN_PX = 320  # which fits on a phone


@st.fragment
def draw_area(desk: PictureDesk) -> None:
    """Draw the sliders of a part, and the picture with all else dimmed."""
    if not st.toggle("Change only a part", key=desk.key("is_part")):
        return
    for name, label in (("across", "From left to right"), ("down", "From top to bottom")):
        st.slider(label, 0, 100, MIDDLE, format="%d%%", key=desk.key(name), width=SHOWN_PX)
    if (area := area_of(desk)) is None:
        st.caption(":material/info: Nothing is in that part, so all of the picture may change.")
        return
    try:
        data = services().toolbox.attachments.path(desk.sha256).read_bytes()
        st.image(marked(data, area), "Only the bright part changes.", SHOWN_PX)
    except (BnaError, ValueError) as error:
        st.caption(plain(str(error)))


def can_choose_area() -> bool:
    """Tell whether the model that makes images can change only a part of one."""
    return takes_mask(image_endpoint(services().providers))


def area_of(desk: PictureDesk) -> Area | None:
    """Return the part that is chosen; None for all of the picture."""
    if not st.session_state.get(desk.key("is_part")):
        return None
    across, down = (st.session_state.get(desk.key(name), MIDDLE) for name in ("across", "down"))
    area = Area(across[0], down[0], across[1], down[1])
    return None if area.is_empty else area
