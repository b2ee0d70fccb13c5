"""What one terminal has open: a conversation, files for the next question, and who answers."""

from collections.abc import Sequence
from pathlib import Path

from controller.attachments.intake import keep
from controller.services import Services
from controller.stages import find_stage, new_conversation
from controller.turn import ModelSelection
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.message_parts import Attachment
from model.chat.options import REASONING_EFFORTS
from model.errors import ConversationNotFound, FileTooLarge, InputError
from model.providers.provider import PROVIDERS, Provider

MOST_ATTACHED_BYTES = 200_000_000


class TerminalState:
    """What one terminal has open."""

    def __init__(self, services: Services, stage: str, model: str = "") -> None:
        """Begin with a new conversation. Raises: InputError when there is no such stage or provider."""
        self.services = services
        self.stage = find_stage(stage)
        self.conversation = new_conversation(self.stage, services)
        self.attachments: list[Attachment] = []
        self.provider_name = self.model_name = ""
        if model:
            self.pick_model(model)

    def pick_model(self, text: str) -> None:
        """Let another model answer from now on: `model`, `provider/` or `provider/model`.

        Raises: InputError when a model is chosen of a provider that has no key.
        """
        name, slash, rest = text.partition("/")
        offered = {row.name for row in self.services.providers.offered()}
        if slash and name in {row.name for row in PROVIDERS}:
            if name not in offered:
                raise InputError(f"“{name}” is not set up.", "Put its key into .env, or its address.")
            self.provider_name, self.model_name = name, rest
        else:  # names of models may hold slashes themselves
            self.model_name = text

    @property
    def provider(self) -> Provider:
        return self.selection.provider or self.services.providers.default

    @property
    def selection(self) -> ModelSelection:
        """Return who answers: the conversation's own model, else the one picked here."""
        options, providers = self.conversation.options, self.services.providers
        if options.model_name and not (self.provider_name or self.model_name):
            return ModelSelection(providers.named(options.provider), options.model_name)
        return ModelSelection(
            providers.named(self.provider_name) if self.provider_name else providers.default, self.model_name
        )

    def new(self) -> None:
        """Begin another conversation, or go to the one that the stage has for now; the open one is saved already."""
        if self.conversation.is_temporary:
            self.conversation = Conversation(is_temporary=True)
        else:
            self.conversation = new_conversation(self.stage, self.services)
        self.attachments = []

    def load(self, name: str) -> None:
        """Open a saved conversation. Raises: ConversationNotFound, also where several begin with these words."""
        self.conversation = self.services.conversations.load_conversation(self.id_of(name, is_beginning=True))
        self.attachments = []

    def id_of(self, name: str, is_beginning: bool = False) -> str:
        """Return the id of the saved conversation with this name, or with one that begins like this.

        Raises: ConversationNotFound, also where several begin with these words.
        """
        ids = {row.name: row.id for row in self.services.conversations.list_conversations()}
        begun = [one for one in ids if is_beginning and one.lower().startswith(name.lower())]
        if name not in ids and len(begun) != 1:
            reason = "Several begin with" if begun else "None begins with" if is_beginning else "There is none named"
            raise ConversationNotFound(f"{reason} “{name}”.", "/list shows the names.")
        return ids[name if name in ids else begun[0]]

    def save(self, name: str, overwrite: bool = False) -> None:
        """Give the open conversation a name, for good.

        Raises: ConversationExists, unless it may be overwritten; InputError when there is nothing to save.
        """
        if not self.conversation.messages:
            raise InputError("There is nothing to save yet.", "Ask something first.")
        conversations = self.services.conversations
        if conversations.is_saved(self.conversation.id):
            self.conversation.name = conversations.rename_conversation(self.conversation.id, name, overwrite).name
            self.conversation.choose(is_auto_titled=False)
        else:
            conversations.save_conversation(name, self.conversation, overwrite)

    def choose(self, **options: object) -> None:
        """Change options of the open conversation."""
        self.services.changes.choose(self.conversation, **options)

    def choose_effort(self, effort: str) -> None:
        """Choose how much the model thinks before it answers; "auto" leaves that to the provider.

        Raises: InputError when there is no such effort.
        """
        efforts = {"auto": ""} | {name: name for name in REASONING_EFFORTS if name}
        if effort not in efforts:
            raise InputError(f"There is no effort “{effort}”.", f"Take one of: {', '.join(efforts)}.")
        self.choose(reasoning_effort=efforts[effort])

    def attach(self, paths: Sequence[Path]) -> None:
        """Keep files, and let them go with the next question.

        Raises: InputError for what is no file that can be read; FileTooLarge.
        """
        store, is_temporary = self.services.resources.attachments, self.conversation.is_temporary
        for path in paths:
            try:
                if path.stat().st_size + sum(file.size_bytes for file in self.attachments) > MOST_ATTACHED_BYTES:
                    raise FileTooLarge(f"“{path.name}” is too large.", "200 MB in all can go with a question.")
                data = path.read_bytes()
            except OSError as error:
                raise InputError(f"“{path}” can't be read.", str(error.strerror or "")) from error
            self.attachments += keep(store, path.name, data, is_temporary)

    @property
    def last_answer(self) -> Message | None:
        said = [message for message in self.conversation.messages if message.role == "assistant"]
        return said[-1] if said else None

    @property
    def title(self) -> str:
        """Return the open conversation's name, as it stands in the file by now."""
        return self.services.conversations.title_of(self.conversation)
