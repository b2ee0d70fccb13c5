"""Asking: what happens between a click or an Enter and the request.

These are callbacks: Streamlit runs them before it draws the page, so the request has left while the page is made.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress

import streamlit as st
from streamlit.elements.widgets.chat import ChatInputValue
from streamlit.runtime.uploaded_file_manager import UploadedFile

from controller.chat.controller import ChatController
from controller.chat.turns import RunningTurn
from controller.history.tracing import new_trace
from controller.stages import Stage
from controller.turn import ModelSelection, TurnControl
from model.chat.branch_changes import merge_messages
from model.chat.conversation import Conversation
from model.chat.events import Started
from model.chat.message import Message
from model.chat.message_parts import Attachment
from model.errors import ConversationNotFound, FileTooLarge, StoreError
from model.providers.provider import Provider
from view.shell.browser import BrowserCommands
from view.shell.errors import kept_errors
from view.shell.model_picker import chosen
from view.shell.services import services
from view.shell.session import ChatState, Inside

# The request is made first, for so long at most; then the page is drawn.
REQUEST_FIRST_S = 0.03
ALL_DELETED = "The conversation that was open here has been deleted."
SOME_DELETED = "Messages of this conversation have been deleted elsewhere."
MOST_ATTACHED_BYTES = 200_000_000  # of one conversation


class ChatActions:
    """Starts turns in the conversation that a page shows."""

    def __init__(self, stage: Stage, state: ChatState) -> None:
        self.stage = stage
        self.state = state

    @property
    def speaks(self) -> bool:
        """Return whether the page reads answers aloud by itself."""
        return False

    def submit(self, key: str) -> None:
        """Ask what was typed into the box with this key; what can't be asked now stays in the box."""
        value = st.session_state[key]
        prompt = value if isinstance(value, str) else value.text
        with kept_errors(self.state):
            self.attach(() if isinstance(value, str) else uploads_of(value))
            self.ask(prompt)
        self.state.has_typed = self.state.error is None
        if self.state.error and prompt.strip() and key in st.session_state:  # it is not where a sign-in has ended
            st.session_state[key] = prompt

    def attach(self, uploads: Sequence[UploadedFile]) -> None:
        """Keep files, and let them go with the next question. Raises: FileTooLarge, StoreUnwritable."""
        self.take_switches()  # a temporary chat's files are kept apart
        held = {file.sha256: file for message in self.state.conversation.messages for file in message.attachments}
        sizes = [file.size_bytes for file in [*held.values(), *self.state.attachments]] + [new.size for new in uploads]
        if uploads and sum(sizes) > MOST_ATTACHED_BYTES:
            raise FileTooLarge(
                f"With these files the conversation would hold {sum(sizes) / 1e6:,.0f} MB; it takes up to 200.",
                "Leave some out, or start a new chat for them.",
            )
        for upload in uploads:
            self.state.attachments += self.keep(upload)

    def keep(self, upload: UploadedFile) -> list[Attachment]:
        """Keep a file as it is; a stage may make something else of it. Raises: StoreUnwritable."""
        is_temporary = self.state.conversation.is_temporary
        return [services().resources.attachments.put(upload.name, upload.getvalue(), is_temporary)]

    def has_asked(self, prompt: str) -> bool:
        """Ask a question, and return whether that could be done; the page tells why not."""
        self.ask(prompt)
        return self.state.error is None

    def ask(self, prompt: str) -> None:
        with kept_errors(self.state):
            self.take_switches()
            self.prepare(prompt)
            files = self.state.attachments
            self._start(lambda control: control.ask(self.state.conversation, prompt, files))
            if self.state.error is None:
                self.state.attachments = []

    def take_switches(self) -> None:
        """Take over switches pressed after the page was drawn: Streamlit may call the box's callback before theirs."""
        self.take_temporary()
        conversation = self.state.conversation
        asks_first = st.session_state.get(f"bna.{self.stage.slug}.asks_first.{conversation.id}", False)
        if asks_first and not (conversation.options.asks_first or services().providers.settings.ask_before_tools):
            services().changes.choose(conversation, asks_first=True)

    def take_temporary(self) -> None:
        """Take the switch over that keeps a new conversation off the disk; it is drawn after what depends on it."""
        conversation = self.state.conversation
        if not conversation.messages:
            key = f"bna.{self.stage.slug}.temporary"
            conversation.is_temporary = st.session_state.get(key, conversation.is_temporary)

    def prepare(self, prompt: str) -> None:
        """Do what comes before a question that was typed or said; a stage may have something."""

    def start_new(self, prompt: str) -> bool:
        """Ask a question in a new conversation; the open one stays where it is saved."""
        self.state.show(Conversation())
        return self.has_asked(prompt)

    def retry(self, answer: Message) -> None:
        """Ask the question of a failed answer again."""
        self._start(lambda control: control.retry(self.state.conversation, answer))

    def go_on(self, answer: Message) -> None:
        """Let the model go on with an answer that was broken off."""
        self._start(lambda control: control.go_on(self.state.conversation, answer))

    def regenerate(self, answer: Message, selection: ModelSelection | None = None) -> None:
        """Ask for another answer, perhaps of another model; the first one stays beside it."""
        self._start(lambda control: control.regenerate(self.state.conversation, answer), selection)

    def reword(self, question: Message, text: str) -> None:
        """Ask a question in other words; what was said on the first ones stays beside it."""
        self._start(lambda control: control.reword(self.state.conversation, question, text))

    def catch_up(self) -> None:
        """Take over what other tabs have said and deleted in the open conversation, if anything on disk has changed."""
        self._forget_deleted()
        opened, turns = self.state.conversation, services().turns
        if turn := turns.of(opened.id):
            if turn.conversation is not opened and turn is not self.state.followed:
                self.follow(turn)
        elif self.state.followed:
            self.state.conversation, self.state.followed = self._ended(self.state.followed), None
        elif opened.id:
            with suppress(StoreError):
                self._take_saved(opened)

    def _take_saved(self, opened: Conversation) -> None:
        """Take over what was saved since the last look. Raises: StoreError."""
        if self.state.seen_stamp != (stamp := services().conversations.stamp()):
            self.state.seen_stamp = stamp
            saved = services().conversations.load_conversation(opened.id)
            opened.name = saved.name
            merge_messages(opened, saved.all_messages)

    def _ended(self, turn: RunningTurn) -> Conversation:
        """Return the conversation of a turn that has ended, as it was saved; in another process more may be known."""
        with suppress(StoreError):
            saved = services().conversations.load_conversation(turn.conversation.id)
            if any(message.id == turn.answer.id for message in saved.messages):
                return saved
        return turn.copy()

    def follow(self, turn: RunningTurn) -> None:
        """Follow a turn that another tab has begun, in a conversation of one's own in which its answer grows."""
        self.state.followed = turn
        if not any(message is turn.answer for message in self.state.conversation.messages):
            self.state.conversation = turn.copy()

    def _forget_deleted(self) -> bool:
        """Take out what was deleted elsewhere, tell it, and return whether there was anything."""
        opened = self.state.conversation
        if services().turns.of(opened.id):
            return False  # not under its feet
        with suppress(StoreError):
            rest = services().changes.without_deleted(opened)
            if rest is not opened:
                self.state.notice = SOME_DELETED if rest.all_messages else ALL_DELETED
                self.state.show(rest if rest.all_messages else Conversation())
                return True
        return False

    def selection(self) -> ModelSelection:
        """Return who answers: the conversation's own model, else the one picked in the sidebar."""
        providers, options = services().providers, self.state.conversation.options
        if options.model_name:
            return ModelSelection(providers.named(options.provider), options.model_name)
        return chosen(providers)

    def answering(self) -> tuple[Provider, str]:
        """Return who answers: the provider, and the name of its model where that is known."""
        selection, providers = self.selection(), services().providers
        provider = selection.provider or providers.default
        name = selection.model_name or providers.default_model(provider)
        return providers.row_of(provider, name), name

    def _controller(self) -> ChatController:
        return self.stage.build_controller(services().resources)

    def _start(self, begin: Callable[[ChatController], Started], selection: ModelSelection | None = None) -> None:
        """Start a turn, and let the request leave before the page is drawn."""
        # What went wrong before may be all right by now, and is not this turn's fault.
        self.state.error = None
        with kept_errors(self.state):
            services().turns.take_error(self.state.conversation.id)
            if self._forget_deleted():
                told, self.state.notice = self.state.notice, ""
                raise ConversationNotFound(told, "Nothing was sent. Look at what is here now, and ask again.")
            self.catch_up()
            controller, selection = self._controller(), selection or self.selection()
            self.state.is_awaiting = BrowserCommands.of_session().to_end = True
            inside, providers = Inside.of_session(), services().providers
            control = TurnControl(trace=new_trace(providers.settings) if inside.is_open else None)
            opened = self.state.conversation
            turn = services().turns.start(controller, opened, lambda: begin(controller), selection, control)
            inside.keep(turn.answer.id, control.trace)
            turn.wait_until_sent(REQUEST_FIRST_S)


def uploads_of(value: ChatInputValue) -> list[UploadedFile]:
    """Return the files and the recording of what was sent; a box without a microphone has no recording."""
    recording: UploadedFile | None = getattr(value, "audio", None)
    return [*value.files, *([recording] if recording else [])]
