"""What a page that makes pictures remembers: the form that is open, and what stands in it at first."""

from dataclasses import dataclass

import streamlit as st

from model.picture import Picture
from view.browser import Wishes
from view.services import services

IMAGE, DRAWING, CHART = "image", "drawing", "chart"
KEY = "picture_desk"
STARTER = """<svg viewBox="0 0 320 200">
  <rect width="320" height="200" fill="#dbe9ff"/>
  <circle cx="250" cy="50" r="24" fill="#ec9a29"/>
  <path d="M0 160 L90 70 L160 140 L210 100 L320 170 L320 200 L0 200 Z" fill="#6d32cd"/>
  <text x="16" y="32" font-family="sans-serif" font-size="18">Hills</text>
</svg>"""


@dataclass
class PictureDesk:
    """What lies on the desk: which form, for which picture, and what it begins with."""

    form: str = ""
    image: str = ""  # the name of the image that is edited
    svg: str = STARTER
    number: int = 0  # how often a form was opened
    shows_gallery: bool = False

    @classmethod
    def of_session(cls) -> "PictureDesk":
        """Return this session's desk."""
        key = "bna.image_generation.desk"
        if key not in st.session_state:
            st.session_state[key] = cls()
        desk: PictureDesk = st.session_state[key]
        return desk

    def open(self, form: str, image: str = "", svg: str = STARTER) -> None:
        """Put a form on the desk, anew."""
        self.form, self.image, self.svg = form, image, svg
        self.number += 1
        Wishes.of_session().show = KEY

    def open_for(self, picture: Picture) -> None:
        """Put the form on the desk that changes a picture.

        Raises: StoreUnreadable when its file is gone.
        """
        if picture.is_drawing:
            svg = services().toolbox.attachments.path(picture.sha256).read_text("utf-8")
            self.open(DRAWING, svg=svg)
        else:
            self.open(IMAGE, picture.name)

    def clear(self) -> None:
        """Put the form away."""
        self.form = ""

    def open_gallery(self) -> None:
        """Show the gallery over the page."""
        self.shows_gallery = True

    def key(self, name: str) -> str:
        """Return the key of a widget; each opened form has its own."""
        return f"bna.image_generation.{name}.{self.number}"
