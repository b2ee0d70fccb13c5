"""Stage 5 on the screen: pictures go into the box, and stand in the conversation."""

from collections.abc import Sequence

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from controller.attachments.intake import take_in
from model.chat.message_parts import Attachment
from model.errors import InputError
from utils.reading.block import Notice
from utils.text.markdown import plain
from view.chat.actions import ChatActions
from view.chat.prompt_box import PromptBox
from view.shell.errors import kept_errors
from view.shell.services import services
from view.stages.chatbot_with_memory import ChatbotWithMemoryView

BLIND = "{model} can't see pictures. It gets only the text that is found in them."
ANOTHER = "{model} can't see pictures. {eyes} looks at them for it."


class PictureBox(PromptBox):
    """A box that takes pictures, and documents with or without pictures in them."""

    placeholder = "Add a picture, and ask about it"


class PictureAsker(ChatActions):
    """Starts turns about pictures."""

    def attach(self, uploads: Sequence[UploadedFile]) -> None:
        """Keep files; those that are good wait where others are not. Raises: InputError, StoreUnwritable."""
        problems: list[InputError] = []
        for upload in uploads:
            try:
                super().attach([upload])
            except InputError as error:
                problems.append(error)
        if problems:
            raise InputError(" ".join(error.message for error in problems), problems[0].hint)

    def keep(self, upload: UploadedFile) -> list[Attachment]:
        """Keep a picture as models use it, or the pictures of a document."""
        is_temporary = self.state.conversation.is_temporary
        taken = list(take_in(services().resources.attachments, upload.name, upload.getvalue(), is_temporary))
        told = [one.sentence for one in taken if isinstance(one, Notice)]
        self.state.notice = " ".join(filter(None, [self.state.notice, *told]))  # of each file that was sent
        return [one for one in taken if isinstance(one, Attachment)]


class ImagesView(ChatbotWithMemoryView):
    """A conversation about pictures."""

    slug = "images"
    max_upload_mb = 50

    asker_class = PictureAsker

    def draw_input(self, is_disabled: bool) -> None:
        """Draw the box, and above it what a model that can't see makes of pictures."""
        self.draw_blindness()
        PictureBox(self.asker, self.state, self.max_upload_mb).draw(is_disabled)

    def draw_options(self) -> None:
        """Draw the switch that says whether the model can see: its name may not tell."""
        super().draw_options()
        self.draw_sees()

    def draw_blindness(self) -> None:
        """Say what a model that can't see makes of pictures."""
        provider, name = self.asker.answering()
        if not provider.sees(name, self.state.conversation.options.sees_pictures):
            told = (ANOTHER if (eyes := self.eyes()) else BLIND).format(model=name or provider.title, eyes=eyes)
            st.caption(f":material/visibility_off: {plain(told)}")

    def eyes(self) -> str:
        """Return who looks at pictures for a model that can't see; "" where nobody does."""
        providers = self.services.providers
        name, model = providers.settings.vision_provider, providers.settings.vision_model
        row = providers.named(name)
        return (model or providers.default_model(row) or row.title) if name or model else ""

    def draw_sees(self) -> None:
        """Draw the switch that says whether the model can see."""
        provider, name = self.asker.answering()
        if provider.may_see and name:
            sees = provider.sees(name, self.state.conversation.options.sees_pictures)
            key = f"bna.{self.slug}.sees.{self.state.conversation.id}.{name}"
            st.toggle(f"{plain(name)} can see pictures", sees, key=key, on_change=self.choose_sees, args=(key, name))

    def choose_sees(self, key: str, name: str) -> None:
        said = self.state.conversation.options.sees_pictures | {name: st.session_state[key]}
        with kept_errors(self.state):
            self.services.changes.choose(self.state.conversation, sees_pictures=said)
