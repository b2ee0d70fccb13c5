"""Forms above the prompt box for an image, a drawing and a chart; each becomes a command (`model/pictures/`)."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from model.pictures.commands import MAX_COUNT, QUALITIES, SIZES, image_order
from model.pictures.picture import Picture
from utils.pictures.svg_chart import KINDS, chart
from utils.pictures.svg_clean import clean_svg
from utils.text.chart_data import labelled
from utils.text.code_blocks import fenced
from utils.text.markdown import plain
from view.shell.browser import BoxOption, BrowserCommands
from view.shell.services import services
from view.shell.session import ChatState, session_object

IMAGE, DRAWING, CHART = "image", "drawing", "chart"
KEY = "picture_form"
GALLERY = "Gallery"
STARTER = """<svg viewBox="0 0 320 200">
  <rect width="320" height="200" fill="#dbe9ff"/>
  <circle cx="250" cy="50" r="24" fill="#ec9a29"/>
  <path d="M0 160 L90 70 L160 140 L210 100 L320 170 L320 200 L0 200 Z" fill="#6d32cd"/>
  <text x="16" y="32" font-family="sans-serif" font-size="18">Hills</text>
</svg>"""

PICTURE_COMMANDS = (
    BoxOption("/", "/image", "Make an image", "/image "),
    BoxOption("/", "/chart", "Draw a chart: /chart bar tea 12, coffee 30", "/chart "),
    BoxOption("/", "/edit", "Change an image: /edit image-1.png: Make the sky red", "/edit "),
)


@dataclass
class PictureForms:
    """Which form is open, for which picture, and what it begins with."""

    form: str = ""
    image: str = ""  # the name of the image that is edited
    svg: str = STARTER
    number: int = 0  # how often a form was opened

    @classmethod
    def of_session(cls) -> "PictureForms":
        return session_object("bna.image_generation.forms", cls)

    def open(self, form: str, image: str = "", svg: str = STARTER) -> None:
        self.form, self.image, self.svg = form, image, svg
        self.number += 1
        BrowserCommands.of_session().show = KEY

    def open_for(self, picture: Picture) -> None:
        """Open the form that changes a picture. Raises: StoreError when its file can't be had."""
        if picture.is_drawing:
            svg = services().resources.attachments.path(picture.sha256).read_text("utf-8")
            self.open(DRAWING, svg=svg)
        else:
            self.open(IMAGE, picture.name)

    def clear(self) -> None:
        self.form = ""

    def key(self, name: str) -> str:
        """Return the key of a widget; each opened form has its own."""
        return f"bna.image_generation.{name}.{self.number}"


BOX_PX = 160
SHOWN_PX = 320  # which fits on a phone
NUMBERS = "Drinks sold:\ntea 12\ncoffee 30\njuice 7"

Ask = Callable[[str], bool]


def draw_tools(forms: PictureForms, state: ChatState, can_make: bool) -> None:
    tools = [("Draw", ":material/draw:", DRAWING), ("Chart", ":material/bar_chart:", CHART)]
    with st.container(horizontal=True):
        for label, icon, form in [("Create image", ":material/image:", IMAGE), *tools] if can_make else tools:
            key = f"bna.image_generation.open.{form}"
            st.button(label, key=key, icon=icon, type="tertiary", on_click=forms.open, args=(form,))
        key, icon = "bna.image_generation.gallery", ":material/photo_library:"
        st.button(GALLERY, key=key, icon=icon, type="tertiary", on_click=state.open_dialog, args=(GALLERY,))


def draw_open_form(forms: PictureForms, ask: Ask, is_busy: bool) -> None:
    ways = {IMAGE: draw_image_form, DRAWING: draw_drawing_form, CHART: draw_chart_form}
    if forms.form in ways:
        with st.container(key=KEY, border=True):
            ways[forms.form](forms, ask, is_busy)


def draw_image_form(forms: PictureForms, ask: Ask, is_busy: bool) -> None:

    def make() -> None:
        value = {name: st.session_state.get(forms.key(name)) for name in ("prompt", "size", "quality", "count")}
        prompt, uses_context = str(value.pop("prompt") or ""), bool(st.session_state.get(forms.key("context")))
        if prompt.strip() and ask(image_order(prompt, forms.image, uses_context, **value)):
            forms.clear()

    with st.form(forms.key("form"), border=False):
        label = f"What should change in {plain(forms.image)}?" if forms.image else "What should the image show?"
        st.text_area(label, height=90, max_chars=4_000, key=forms.key("prompt"))
        with st.container(horizontal=True):
            st.selectbox("Size", SIZES, format_func=str.capitalize, key=forms.key("size"), width=130)
            st.selectbox("Quality", QUALITIES, format_func=str.capitalize, key=forms.key("quality"), width=130)
            st.selectbox("Count", range(1, MAX_COUNT + 1), key=forms.key("count"), width=100)
        if not forms.image:
            st.toggle("Use the conversation as context", key=forms.key("context"))
        with st.container(horizontal=True):
            name = "Create a variation" if forms.image else "Create"
            st.form_submit_button(name, type="primary", on_click=make, disabled=is_busy)
            st.form_submit_button("Close", on_click=forms.clear)


def draw_drawing_form(forms: PictureForms, ask: Ask, is_busy: bool) -> None:
    svg = st.text_area("Drawing, as SVG", forms.svg, BOX_PX, key=forms.key("svg-code"))
    is_good = draw_preview(lambda: svg)
    draw_buttons(forms, lambda: _ask(ask, fenced(svg, "svg")), is_good and not is_busy)


def draw_chart_form(forms: PictureForms, ask: Ask, is_busy: bool) -> None:
    kind = st.segmented_control("Chart", KINDS, default=KINDS[0], format_func=str.capitalize, key=forms.key("kind"))
    text = st.text_area("One label and one number per line", NUMBERS, BOX_PX, key=forms.key("numbers"))
    found = labelled(text)
    is_good = draw_preview(lambda: chart(kind or KINDS[0], found.title, found.pairs))
    order = f"/chart {kind or KINDS[0]} {text.strip()}"
    draw_buttons(forms, lambda: _ask(ask, order), is_good and not is_busy)


def _ask(ask: Ask, order: str) -> None:
    """Ask; the form stays open, whether or not that could be done."""
    ask(order)


def draw_preview(drawing: Callable[[], str]) -> bool:
    """Draw what it will look like, or why it can't be drawn; return whether it can."""
    try:
        drawn = clean_svg(drawing())
    except ValueError as error:
        st.warning(plain(str(error)), icon=":material/error:")
        return False
    st.image(drawn.svg, width=SHOWN_PX)
    if drawn.left_out:
        st.caption(plain(f"Left out: {', '.join(drawn.left_out[:10])}"))
    return True


def draw_buttons(forms: PictureForms, keep: Callable[[], None], is_good: bool) -> None:
    """Draw what ends a form; another click beside the box brings its picture up to date."""
    with st.container(horizontal=True):
        st.button("Keep", key=forms.key("keep"), type="primary", on_click=keep, disabled=not is_good)
        st.button("Close", key=forms.key("close"), on_click=forms.clear)
