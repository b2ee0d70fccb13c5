"""Asking by voice: a recording is heard first, then asked as if it had been typed; the answer is spoken."""

from collections.abc import Callable, Iterable

import streamlit as st

from controller.chat.controller import ChatController
from controller.stages import Stage
from controller.stages.voice.service import SpeechService
from controller.stages.voice.speaking import growing
from controller.turn import ModelSelection
from model.chat.events import Started
from model.chat.message import Message
from model.chat.message_parts import Attachment
from model.errors import InputError
from view.chat.actions import ChatActions
from view.shell.errors import kept_errors
from view.shell.services import services
from view.shell.session import ChatState
from view.stages.voice.session import VoiceState

# A sentence is heard in less; the page is drawn meanwhile only where it takes longer.
HEARD_AT_ONCE_S = 1.5
DRAFT_KEY = "bna.voice.draft"


class VoiceAsker(ChatActions):
    """Starts turns by voice."""

    begin = 0  # how much of an answer that goes on has been spoken
    is_aloud_at_first = True

    def __init__(self, stage: Stage, state: ChatState) -> None:
        super().__init__(stage, state)
        self.voice = VoiceState.of_session(stage.slug, self.is_aloud_at_first)

    def go_on(self, answer: Message) -> None:
        """Let the model go on, and speak only what is new."""
        self.begin = len(answer.content)
        super().go_on(answer)

    def controller(self) -> SpeechService:
        return SpeechService(services().providers, services().resources)

    def ask(self, prompt: str) -> None:
        """Ask a question; what goes with it is heard first."""
        self.voice.hush()
        recordings = self.recordings()
        if not recordings:
            super().ask(prompt)
            return
        with kept_errors(self.state):
            self.voice.hearing = self.controller().hear(recordings, self.voice.choice.row)
            self.voice.prompt, self.voice.heard_for = prompt.strip(), self.state.conversation
            self.state.attachments = [file for file in self.state.attachments if file not in recordings]
            self.voice.hearing.wait(HEARD_AT_ONCE_S)
            self.take_heard()

    def is_on(self) -> bool:
        """Return whether this conversation hears and speaks; here all do."""
        return True

    @property
    def speaks(self) -> bool:
        """Return whether the page reads answers aloud by itself."""
        return self.is_on()

    def recordings(self) -> list[Attachment]:
        """Return what shall be heard of the files that go with a question: here all."""
        return list(self.state.attachments)

    def take_heard(self) -> None:
        """Ask what was heard, or let it be checked first; what can't be asked now is kept."""
        voice, hearing = self.voice, self.voice.hearing
        if hearing is None or not hearing.has_ended:
            return
        voice.hearing, self.state.error = None, hearing.error
        if isinstance(hearing.error, InputError):
            self.keep_draft(voice.prompt)
            return
        self.state.attachments = [*hearing.attachments, *self.state.attachments]
        text = "\n\n".join(filter(None, (voice.prompt, hearing.text)))
        is_asked = bool(hearing.text) and not (voice.checks_first or voice.heard_for is not self.state.conversation)
        if is_asked:
            self.ask_heard(text)
        else:
            self.keep_draft(text)

    def ask_heard(self, text: str) -> None:
        super().ask(text)
        self.keep_draft(text if self.state.error else "")

    def keep_draft(self, text: str) -> None:
        """Keep a text in the box where it can be changed, with its recordings; without one, the box closes."""
        self.state.drafted = self.recordings() if text else []
        self.voice.draft = st.session_state[DRAFT_KEY] = text

    def send_draft(self) -> None:
        """Ask what was heard, as it has been changed."""
        if text := st.session_state[DRAFT_KEY].strip():
            self.ask_heard(text)

    def drop_draft(self) -> None:
        """Throw away what was heard, and its recording."""
        self.state.attachments = []
        self.keep_draft("")

    def read(self, answer: Message) -> None:
        self.voice.hush()
        with kept_errors(self.state):
            self._speak([answer.content])

    def _start(self, begin: Callable[[ChatController], Started], selection: ModelSelection | None = None) -> None:
        """Start a turn, and speak its answer as it comes."""
        self.voice.hush()
        spoken_length, self.begin = self.begin, 0
        super()._start(begin, selection)
        if self.is_on() and self.voice.is_aloud and self.state.error is None and self.state.conversation.messages:
            newest = self.state.conversation.messages[-1]
            with kept_errors(self.state):
                turn = services().turns.of(self.state.conversation.id)
                self._speak(growing(turn, spoken_length) if turn else [newest.content[spoken_length:]])

    def _speak(self, contents: Iterable[str]) -> None:
        self.voice.speech, self.voice.played_count = self.controller().speak(contents, self.voice.choice), 0
