"""Asking where everything may go into the box: words, speech, pictures and documents.

Read next: `view/voice_asking.py` and `view/images.py`, which do the work.
"""

from streamlit.runtime.uploaded_file_manager import UploadedFile

from controller.picture_intake import PICTURE_ENDINGS
from model.attachment import Attachment
from view.asking import Asker
from view.assistant_desk import AssistantAsker
from view.images import PictureAsker
from view.services import services
from view.tool_switches import take_over
from view.voice_asking import VoiceAsker
from view.voice_boxes import VoiceBox

SOUNDS = ("audio/", "video/")


class AllBox(VoiceBox):
    """A box that takes everything."""

    placeholder = "Ask anything, say it, or drop files"
    file_types = ()


class AllAsker(VoiceAsker, PictureAsker, AssistantAsker):
    """Starts turns about everything."""

    is_aloud_at_first = False

    def submit(self, key: str) -> None:
        """Ask what was typed, with the tools that are switched on now."""
        take_over(self.state, services().changes)
        super().submit(key)

    def keep(self, upload: UploadedFile) -> list[Attachment]:
        """Keep a picture as models use it, and any other file as it is."""
        is_picture = upload.name.lower().endswith(PICTURE_ENDINGS)
        return super().keep(upload) if is_picture else Asker.keep(self, upload)

    def recordings(self) -> list[Attachment]:
        """Return the sounds among the files that go with a question."""
        return [file for file in self.state.attachments if file.media_type.startswith(SOUNDS)]
