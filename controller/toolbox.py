"""The toolbox: what the tools of all conversations share in this process.

Each part is made when it is first asked for, so that a stage that nobody opens costs nothing.
"""

from pathlib import Path

from controller.batches import Batches
from controller.document_desk import DocumentDesk
from controller.encoders import encoder_of
from controller.providers import Providers
from controller.web import Web
from model.assistant_store import AssistantStore
from model.attachments import AttachmentStore
from model.document_library import DocumentLibrary
from settings import Settings
from utils import sandbox_monty, sandbox_wasi
from utils.local_voice import LocalVoice
from utils.once import once
from utils.sandboxes import Sandboxes
from utils.transcriber import Transcriber


class Toolbox:
    """The parts that live as long as the process."""

    def __init__(self, settings: Settings, providers: Providers | None = None) -> None:
        """Keep parts for an app that has providers; without them, as for files alone, they are made when asked for."""
        self.settings = settings
        self._providers = providers

    @once
    def attachments(self) -> AttachmentStore:
        """Return the files that people attached; they stand beside the conversation file."""
        file = self.settings.conversations_file
        # Each conversation file has a folder of its own, so that what one no longer needs can be deleted.
        name = "attachments" if file.stem == "conversations" else f"{file.stem}.attachments"
        return AttachmentStore(file.with_name(name))

    @once
    def assistants(self) -> AssistantStore:
        """Return the assistants; a person's own stand beside the conversation file unless the settings say where."""
        file = self.settings.conversations_file
        name = "assistants/own" if file.stem == "conversations" else f"{file.stem}.assistants"
        allowed_file = file.with_name(f"{file.name}.allowed.json")
        return AssistantStore(self.settings.assistants_dir or file.parent / name, allowed_file)

    @once
    def documents(self) -> DocumentDesk:
        """Return where documents are read and indexed; the index stands beside the attached files."""
        encoder = encoder_of(self._providers or Providers(self.settings))
        return DocumentDesk(self.attachments, DocumentLibrary(self.read_folder, encoder.name), encoder)

    @property
    def read_folder(self) -> Path:
        """Return where what was read of files is kept."""
        return self.attachments.folder.with_name(f"{self.attachments.folder.name}.read")

    @once
    def web(self) -> Web:
        """Return the way to the web, as the settings want it."""
        return Web(self.settings)

    @once
    def sandboxes(self) -> Sandboxes:
        """Return where code runs, one sandbox for each conversation; the richer one where it is installed."""
        is_rich = self.settings.code_sandbox == "auto" and sandbox_wasi.is_ready()
        return Sandboxes(sandbox_wasi.NAME if is_rich else sandbox_monty.NAME)

    @once
    def ears(self) -> Transcriber:
        """Return what understands speech on this machine."""
        return Transcriber()

    @once
    def mouth(self) -> LocalVoice:
        """Return what speaks on this machine."""
        return LocalVoice()

    @once
    def batches(self) -> Batches:
        """Return the batches of JSON mode; they stand beside the conversation file."""
        file = self.settings.conversations_file
        return Batches(file.with_name(f"{file.name}.batches"))
