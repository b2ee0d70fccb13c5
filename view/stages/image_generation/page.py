"""Stage 8 on the screen: pictures under each answer, forms to make them by hand, and a gallery."""

from dataclasses import replace

import streamlit as st

from controller.stages.image_generation.client import WHAT_TO_SET, image_endpoint
from model.chat.message import Message
from model.pictures.picture import Picture
from utils.text.markdown import plain
from view.chat.prompt_box import PromptBox
from view.chat.tool_results import draw_answer_extras
from view.shell.browser import BoxOption
from view.shell.errors import kept_errors
from view.stages.chatbot_with_memory import ChatbotWithMemoryView
from view.stages.image_generation.forms import PICTURE_COMMANDS, PictureForms, draw_open_form, draw_tools
from view.stages.image_generation.gallery import can_edit, draw_gallery
from view.stages.image_generation.thumbnail import draw_pictures

# Measured: asked for ten simple things, with an example to follow, it drew none of them.
SMALL_MODEL = (
    "The small model on this machine can't draw: asked for ten simple things, it drew none. Charts are made without it:"
    " with the button above the box, or by a message that begins with /chart."
)


class ImagePromptBox(PromptBox):
    """A prompt box that takes pictures to be changed."""

    placeholder = "Describe a picture, or ask anything"
    file_types = ("png", "jpg", "jpeg", "webp", "gif")


class ImageGenerationView(ChatbotWithMemoryView):
    """A conversation that makes pictures."""

    slug = "image_generation"
    max_upload_mb = 25

    def __init__(self) -> None:
        super().__init__()
        self.forms = PictureForms.of_session()

    @property
    def can_make(self) -> bool:
        return image_endpoint(self.services.providers) is not None

    def draw_extras(self, message: Message) -> None:
        draw_pictures(message, self.draw_edit)
        draw_answer_extras(message, without=self.slug)

    def draw_edit(self, picture: Picture, key: str) -> None:
        if can_edit(picture):
            icon = ":material/brush:"
            st.button("Edit image", key=f"{key}.edit", type="tertiary", icon=icon, on_click=self.edit, args=(picture,))

    def edit(self, picture: Picture) -> None:
        with kept_errors(self.state):
            self.forms.open_for(picture)

    def box_options(self) -> list[BoxOption]:
        return [*PICTURE_COMMANDS, *super().box_options()]

    def draw_suggestions(self) -> None:
        """Draw first questions that can be answered here, and what to set for the others."""
        first = 0 if self.can_make else 1  # an image can't be made then
        self.stage = replace(self.stage, suggestions=self.stage.suggestions[first : first + 4])
        super().draw_suggestions()
        if not self.can_make:
            st.caption(f":material/info: No image model is set. {WHAT_TO_SET} Drawings and charts need nothing.")

    def draw_options(self) -> None:
        """Draw who makes images, below the settings of the conversation."""
        super().draw_options()
        endpoint = image_endpoint(self.services.providers)
        by = f"{endpoint.model_name or 'its own model'}, {endpoint.provider.title}" if endpoint else "not set up"
        st.caption(f"Images: {plain(by)}")
        if self.asker.answering()[0].is_small:
            st.caption(SMALL_MODEL)

    def draw_input(self, is_disabled: bool) -> None:
        """Draw the open form above the box for the next question."""
        draw_tools(self.forms, self.state, self.can_make)
        draw_open_form(self.forms, self.asker.has_asked, is_disabled)
        ImagePromptBox(self.asker, self.state, self.max_upload_mb).draw(is_disabled)
        draw_gallery(self.state, self.edit)
