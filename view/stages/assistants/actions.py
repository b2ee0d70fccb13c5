"""What the page of the assistants remembers beside its conversation, and what its buttons do."""

from dataclasses import dataclass, field, replace

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from controller.stages.assistants.library import assistant_store
from controller.stages.assistants.opening import assistant_options, start_with_assistant
from model.assistants.assistant import Assistant
from model.chat.conversation import Conversation
from utils.text.markdown import plain
from view.shell.errors import kept_errors
from view.shell.services import services
from view.shell.session import ChatState, session_object
from view.stages.combined import ComposedAsker

KEY = "bna.assistants"


@dataclass
class AssistantSession:
    """The assistant that is picked for a new conversation, and the one that stands in the form."""

    picked: Assistant | None = None
    picked_for: Conversation = field(default_factory=Conversation)
    edited: Assistant | None = None
    form_number: int = 0  # each form that is opened begins with fresh boxes
    upload_number: int = 0
    is_describing: bool = False

    @classmethod
    def of_session(cls) -> "AssistantSession":
        return session_object(f"{KEY}.session", cls)

    def picked_in(self, conversation: Conversation) -> Assistant | None:
        """Return the assistant that a conversation shall begin with; None where none was picked, or it has begun."""
        return self.picked if conversation is self.picked_for and not conversation.messages else None

    def edit(self, assistant: Assistant | None) -> None:
        """Open the form with an assistant; close it without one."""
        self.edited = assistant
        self.form_number += 1


class AssistantAsker(ComposedAsker):
    """Lets the picked assistant begin the conversation with the first question."""

    def prepare(self, prompt: str) -> None:
        """Put the assistant's instructions in front of the first question."""
        assistant = AssistantSession.of_session().picked_in(self.state.conversation)
        if assistant and (prompt.strip() or self.state.attachments):
            start_with_assistant(self.state.conversation, assistant, services().resources.attachments.digests())


@dataclass(frozen=True)
class AssistantActions:
    """What can be done with assistants; these are callbacks, which run before the page is drawn."""

    state: ChatState
    session: AssistantSession

    def pick(self, assistant: Assistant) -> None:
        conversation = Conversation()
        with kept_errors(self.state):
            conversation.choose(**assistant_options(assistant, services().providers))
            self.state.show(conversation)
            self.session.picked, self.session.picked_for = assistant, conversation
            self.state.assistant_id = assistant.id
            self.state.put_in_url()
            self.session.edit(None)

    def pick_named(self, assistant_id: str) -> None:
        """Begin with the assistant that the address names, where nothing else is open."""
        if assistant_id and assistant_id != self.state.assistant_id and not self.state.conversation.messages:
            with kept_errors(self.state):
                self.pick(assistant_store(services().resources).load(assistant_id))

    def leave(self) -> None:
        self.state.show(Conversation())
        self.session.picked = None

    def duplicate(self, assistant: Assistant) -> None:
        """Save a copy under a name of its own."""
        with kept_errors(self.state):
            copy = replace(assistant, id="", is_shipped=False, name=f"{assistant.name[:50]} (copy)")
            st.toast(
                f"“{plain(assistant_store(services().resources).save(copy).name)}” was saved.",
                icon=":material/check:",
            )

    def delete(self, assistant: Assistant) -> None:
        """Delete one of the person's own assistants; its conversations stay as they are."""
        with kept_errors(self.state):
            assistant_store(services().resources).delete(assistant.id)
            st.toast(f"“{plain(assistant.name)}” was deleted. Its chats are kept.", icon=":material/delete:")

    def take_in(self, key: str) -> None:
        """Save the assistant of an uploaded file, and empty the box for the next."""
        upload: UploadedFile | None = st.session_state[key]
        with kept_errors(self.state):
            if upload:
                taken = assistant_store(services().resources).take_in(upload.getvalue())
                st.toast(f"“{plain(taken.name)}” was saved.", icon=":material/check:")
        self.session.upload_number += 1
