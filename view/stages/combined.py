"""A page that is several pages at once: it has of each what the conversation's options name."""

from collections.abc import Collection
from dataclasses import replace

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from controller.attachments.intake import PICTURE_ENDINGS
from controller.chat.turns import RunningTurn
from controller.stages import IMAGES, JSON, VOICE, chosen_abilities
from model.chat.message import Message
from model.chat.message_parts import Attachment, ToolStep
from view.chat.actions import ChatActions
from view.chat.answer_parts import draw_parts
from view.chat.attachments import SOUNDS
from view.chat.prompt_box import PromptBox
from view.chat.streaming import StepDrawers
from view.shell.session import ChatState
from view.stages.chatbot_with_memory import ChatbotWithMemoryView
from view.stages.connections.offers import draw_offers
from view.stages.documents import DocumentsView
from view.stages.images import ImagesView, PictureAsker
from view.stages.json_mode.answer import as_code, draw_json_answer
from view.stages.run_code.page import RunCodeView
from view.stages.voice.actions import VoiceAsker
from view.stages.voice.page import VoiceView
from view.stages.voice.widgets import VoiceBox

DOCUMENTS, CODE = "documents", "run_code"
MAX_UPLOAD_MB = 200


class ComposedBox(PromptBox):
    """A box that takes what the conversation's abilities can use."""

    def __init__(self, asker: ChatActions, state: ChatState, slugs: Collection[str]) -> None:
        reads_all = DOCUMENTS in slugs or CODE in slugs
        super().__init__(asker, state, MAX_UPLOAD_MB if reads_all or IMAGES in slugs or VOICE in slugs else 0)
        self.takes_speech = VOICE in slugs
        if self.takes_speech:
            self.key += ".speech"  # another box, as with files
            self.placeholder = "Ask anything, dictate, or attach files"
        if VOICE in slugs and not reads_all and IMAGES not in slugs:
            self.file_types = VoiceBox.file_types


class ComposedAsker(VoiceAsker, PictureAsker):
    """Starts turns with all that the conversation's abilities take."""

    def abilities(self) -> list[str]:
        """Return the slugs of the stages that the open conversation has."""
        return chosen_abilities(self.state.conversation.options)

    def is_on(self) -> bool:
        return VOICE in self.abilities()

    def keep(self, upload: UploadedFile) -> list[Attachment]:
        """Keep a picture as models use it, and any other file as it is, where something reads it."""
        is_picture = upload.name.lower().endswith(PICTURE_ENDINGS)
        stays = upload.type.startswith(SOUNDS) or self.reads_files()
        return ChatActions.keep(self, upload) if stays and not is_picture else super().keep(upload)

    def reads_files(self) -> bool:
        """Return whether files are read as they are; else only pictures are taken out of them."""
        slugs = self.abilities()
        return DOCUMENTS in slugs or CODE in slugs or IMAGES not in slugs

    def recordings(self) -> list[Attachment]:
        """Return the sounds among the files that go with a question, where they are heard."""
        return [file for file in self.state.attachments if self.is_on() and file.media_type.startswith(SOUNDS)]


class ComposedView(ChatbotWithMemoryView):
    """A conversation with several abilities: what is drawn of which stage, in which order, stands here."""

    asker_class: type[ComposedAsker] = ComposedAsker
    asker: ComposedAsker

    def __init__(self) -> None:
        super().__init__()
        self.documents, self.code = DocumentsView(self), RunCodeView(self)
        self.images, self.voice = ImagesView(self), VoiceView(self)

    def has(self, slug: str) -> bool:
        """Return whether the open conversation has the abilities of a stage."""
        return slug in self.asker.abilities()

    def open_from_url(self) -> None:
        """Open the conversation, and ask in it what has been heard meanwhile."""
        super().open_from_url()
        self.asker.take_heard()

    def draw_content(self, message: Message) -> None:
        """Draw an answer as data, where it is that; else with all that its tools gave."""
        self.code.number_steps(message)
        if message.role == "assistant" and message.stage == self.slug and message.content and self.has(JSON):
            draw_parts(replace(message, content=""), self.draw_step_details)
            draw_json_answer(message, self.state.conversation.options.answer_schema)
            return
        super().draw_content(message)
        if self.has(VOICE):
            self.voice.draw_read(message)
        self.documents.draw_used(message)

    def draw_step_details(self, step: ToolStep) -> None:
        """Draw the details of a step; of code, the way into the editor."""
        self.code.draw_step_details(step)

    def draw_permission(self, step: ToolStep, turn: RunningTurn) -> None:
        """Ask whether a tool may run; code can be changed first."""
        self.code.draw_permission(step, turn)

    def growing_text(self, text: str) -> str:
        """Return an answer that grows; JSON as code."""
        return as_code(text) if self.has(JSON) else text

    def drawers(self) -> StepDrawers:
        """Let sentences be played while the answer grows."""
        return replace(super().drawers(), beside=self.voice.draw_sounds) if self.has(VOICE) else super().drawers()

    def draw_input(self, is_disabled: bool) -> None:
        """Draw what stands above the box, and the box."""
        self.draw_blindness()
        if self.has(CODE):
            self.code.draw_code()
        self.draw_box(is_disabled)

    def draw_blindness(self) -> None:
        """Say, where there are pictures, what a model that can't see makes of them."""
        files = [*self.state.attachments, *(f for m in self.state.conversation.messages for f in m.attachments)]
        if any(file.is_picture for file in files):
            self.images.draw_blindness()

    def draw_box(self, is_disabled: bool) -> None:
        """Draw what is heard and spoken, what servers offer, and the box, closed while a recording is being heard."""
        if self.has(VOICE):
            self.voice.draw_listening()
        draw_offers(self.asker, self.asker.abilities())
        box = ComposedBox(self.asker, self.state, self.asker.abilities())
        box.draw(is_disabled or self.asker.voice.hearing is not None)

    def draw_sidebar(self) -> None:
        """Draw saved conversations, documents, the model and its options, and how the conversation hears and speaks."""
        super().draw_sidebar()
        if self.has(VOICE):
            with st.expander("Voice", icon=":material/mic:"):
                self.voice.draw_voice()

    def draw_beside(self) -> None:
        if self.has(DOCUMENTS):
            self.documents.draw_beside()

    def draw_options(self) -> None:
        """Draw what all pages have, and the switch of models that see where pictures are looked at."""
        super().draw_options()
        if self.has(IMAGES):
            self.images.draw_sees()
