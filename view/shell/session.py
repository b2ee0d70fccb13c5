"""What a page remembers between two runs of its script: one dataclass under one key of the session.

It lives in a module of its own because Streamlit makes classes that are written in a page anew at every run.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

import streamlit as st

from controller.chat.turns import RunningTurn
from controller.history.editing import Undo
from model.chat.branch_changes import show_message
from model.chat.conversation import Conversation
from model.chat.message_parts import Attachment
from model.errors import BnaError
from utils.threads.trace import Trace

STEP = 25  # how many messages are shown at first
FOUND_KEY = "bna_found"  # of the message that a search has found
LISTED = 20  # how many saved conversations
MOST_TRACES = 20  # that a session keeps
REQUEST, EXPORT, SETTINGS = "Request", "Export", "Chat settings"  # boxes over each page

T = TypeVar("T")


def session_object(key: str, build: Callable[[], T]) -> T:
    """Return what this session keeps under a key; the first call builds it."""
    if key not in st.session_state:
        st.session_state[key] = build()
    kept: T = st.session_state[key]
    return kept


@dataclass
class Inside:
    """Whether this session looks inside turns, on all pages, and what was traced since then, by the answer's id."""

    is_open: bool = False
    answer_id: str = ""  # which answer was picked; "" for the newest
    traces: dict[str, Trace] = field(default_factory=dict)

    @classmethod
    def of_session(cls) -> "Inside":
        return session_object("bna.inside", cls)

    def keep(self, answer_id: str, trace: Trace | None) -> None:
        """Keep the trace of a turn that has begun, which is looked at from now on; an older one of its answer goes."""
        newest = [*self.traces.items()][1 - MOST_TRACES :]
        self.traces = {key: one for key, one in newest if key != answer_id} | ({answer_id: trace} if trace else {})
        self.answer_id = ""


@dataclass
class ChatState:
    """All that one stage's page remembers."""

    conversation: Conversation = field(default_factory=Conversation)
    followed: RunningTurn | None = None  # a turn of another tab, whose conversation is shown as a copy
    shown_count: int = STEP
    listed_count: int = LISTED  # saved conversations in the sidebar
    is_listing: bool = False  # more of them were asked for, and nothing else
    is_saving: bool = False
    taken_name: str = ""
    name_problem: str = ""  # why the conversation can't be saved under a name
    rename_problem: dict[str, str] = field(default_factory=dict)  # which conversation's new name is refused, and why
    title_problem: str = ""  # why the open conversation can't have the title that was typed on top of it
    editing_id: str = ""
    answering_anew_id: str = ""  # the answer that another model shall be asked for
    found_id: str = ""  # the message that a search has found
    assistant_id: str = ""  # who is picked for a new conversation
    dialog: str = ""  # which box is open over the page
    dialog_id: str = ""  # of the message or the conversation that it is about
    attachments: list[Attachment] = field(default_factory=list)  # that go with the next question
    drafted: list[Attachment] = field(default_factory=list)  # those among them whose words are being checked
    code: str | None = None  # what stands in the editor for code, while that is open
    code_number: int = 0  # how often it was opened
    upload_number: int = 0  # of the box that a folder is dropped into
    undo: Undo | None = None
    notice: str = ""
    error: BnaError | None = None
    has_typed: bool = False
    is_awaiting: bool = False  # an answer, whose end a screen reader shall hear
    seen_stamp: object = None

    @classmethod
    def of(cls, slug: str) -> "ChatState":
        """Return the state of a stage's page in this session."""
        return session_object(f"bna.{slug}", cls)

    @staticmethod
    def forget(conversation_id: str) -> None:
        """Let all other pages of this session forget a conversation; each address is the page's own affair."""
        for state in st.session_state.values():
            if isinstance(state, ChatState) and state.conversation.id == conversation_id:
                state.conversation, state.followed = Conversation(), None

    @property
    def waiting(self) -> list[Attachment]:
        """Return the files that wait for whatever is asked next."""
        return [file for file in self.attachments if file not in self.drafted]

    def show(self, conversation: Conversation) -> None:
        """Show another conversation, from its end, with nothing half done."""
        self.conversation, self.followed = conversation, None
        self.shown_count = STEP
        self.is_saving, self.taken_name, self.name_problem, self.rename_problem = False, "", "", {}
        self.title_problem = ""
        self.editing_id = self.answering_anew_id = self.found_id = ""
        self.assistant_id = ""
        self.is_awaiting = False
        Inside.of_session().answer_id, Inside.of_session().traces = "", {}
        self.close_dialog()
        self.put_in_url()

    def open_dialog(self, name: str, about_id: str = "") -> None:
        """Open a box over the page; another that was open gives way."""
        self.dialog, self.dialog_id = name, about_id

    def close_dialog(self) -> None:
        """Close the box that is open, if any; also called when the person does."""
        self.dialog = self.dialog_id = ""

    def open_at(self, message_id: str) -> None:
        """Show enough of the conversation to see a message, whichever branch it is on, and bring it into sight."""
        if message_id and message_id not in {message.id for message in self.conversation.messages}:
            show_message(self.conversation, message_id)
        with suppress(KeyError):
            self.shown_count = max(STEP, len(self.conversation.messages) - self.conversation.index_of(message_id))
            self.found_id = message_id

    def put_in_url(self) -> None:
        """Let the address name the open conversation, so that a reload or a bookmark opens it.

        Before the first question it names the assistant that is picked.
        """
        wanted = {"assistant": self.assistant_id} if self.assistant_id else {}
        if self.conversation.id:
            wanted = {} if self.conversation.is_temporary else {"conversation": self.conversation.id}
        wanted |= {"inside": "1"} if Inside.of_session().is_open else {}
        if st.query_params.to_dict() != wanted:
            st.query_params.from_dict(wanted)


@dataclass
class ModelChoice:
    """Which provider and model this session talks to, on all pages; empty means the default."""

    provider_name: str = ""
    model_names: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of_session(cls) -> "ModelChoice":
        return session_object("bna.model", cls)
