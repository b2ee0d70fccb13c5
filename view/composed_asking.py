"""Asking where several stages are one page: words, speech, pictures and documents go into one box."""

from collections.abc import Collection

from streamlit.runtime.uploaded_file_manager import UploadedFile

from controller.abilities import IMAGES, VOICE, chosen
from controller.picture_intake import PICTURE_ENDINGS
from model.attachment import Attachment
from view.asking import Asker
from view.assistant_desk import AssistantAsker
from view.images import PictureAsker
from view.prompt_box import PromptBox
from view.state import ChatState
from view.voice_asking import VoiceAsker
from view.voice_boxes import VoiceBox

DOCUMENTS, CODE = "documents", "run_code"
MAX_UPLOAD_MB = 200
SOUNDS = ("audio/", "video/")


class ComposedBox(PromptBox):
    """A box that takes what the conversation's abilities can use."""

    def __init__(self, asker: Asker, state: ChatState, slugs: Collection[str]) -> None:
        reads_all = DOCUMENTS in slugs or CODE in slugs
        super().__init__(asker, state, MAX_UPLOAD_MB if reads_all or IMAGES in slugs or VOICE in slugs else 0)
        self.takes_speech = VOICE in slugs
        if self.takes_speech:
            self.key += ".speech"  # another box, as with files
            self.placeholder = "Ask anything, say it, or drop files"
        if VOICE in slugs and not reads_all and IMAGES not in slugs:
            self.file_types = VoiceBox.file_types


class ComposedAsker(VoiceAsker, PictureAsker, AssistantAsker):
    """Starts turns with all that the conversation's abilities take."""

    def abilities(self) -> list[str]:
        """Return the slugs of the stages that the open conversation has."""
        return chosen(self.state.conversation.options)

    def is_on(self) -> bool:
        """Tell whether this conversation hears and speaks."""
        return VOICE in self.abilities()

    def keep(self, upload: UploadedFile) -> list[Attachment]:
        """Keep a picture as models use it, and any other file as it is, where something reads it."""
        is_picture = upload.name.lower().endswith(PICTURE_ENDINGS)
        stays = upload.type.startswith(SOUNDS) or self.reads_files()
        return Asker.keep(self, upload) if stays and not is_picture else super().keep(upload)

    def reads_files(self) -> bool:
        """Tell whether files are read as they are; else only pictures are taken out of them."""
        slugs = self.abilities()
        return DOCUMENTS in slugs or CODE in slugs or IMAGES not in slugs

    def recordings(self) -> list[Attachment]:
        """Return the sounds among the files that go with a question, where they are heard."""
        return [file for file in self.state.attachments if self.is_on() and file.media_type.startswith(SOUNDS)]
