"""Asking by voice: a recording is heard first, then asked as if it had been typed; the answer is spoken.

Read next: `view/asking.py`, which this extends, and `controller/voice.py`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

import streamlit as st

from controller.base import ChatController
from controller.hearing import Hearing
from controller.speaking import Speech, growing
from controller.stages import Stage
from controller.turn import Choice
from controller.voice import VoiceController
from model.conversation import Conversation
from model.errors import InputError
from model.event import Event
from model.message import Message
from model.speech import VoiceChoice
from view.asking import Asker
from view.errors import kept_errors
from view.services import services
from view.state import ChatState

# A sentence is heard in less; the page is drawn meanwhile only where it takes longer.
HEARD_AT_ONCE_S = 1.5
DRAFT_KEY = "bna.voice.draft"


@dataclass
class VoiceState:
    """What the voice page remembers beside the conversation."""

    choice: VoiceChoice = VoiceChoice()
    is_aloud: bool = True
    checks_first: bool = False
    prompt: str = ""  # what was typed beside the recording that is being heard
    hearing: Hearing | None = None
    heard_for: Conversation | None = None
    draft: str = ""  # what was heard and waits for a yes
    speech: Speech | None = None
    is_warm: bool = False
    played_count: int = 0
    silenced: list[str] = field(default_factory=list)

    @classmethod
    def of_session(cls) -> "VoiceState":
        """Return this session's state."""
        if "bna.voice.state" not in st.session_state:
            st.session_state["bna.voice.state"] = cls()
        state: VoiceState = st.session_state["bna.voice.state"]
        return state

    def hush(self) -> None:
        """Say no more of what is being spoken."""
        if self.speech:
            self.speech.stop.set()
            self.silenced = [*self.silenced[-20:], self.speech.id]
            self.speech = None


class VoiceAsker(Asker):
    """Starts turns by voice."""

    begin = 0  # how much of an answer that goes on has been spoken

    def __init__(self, stage: Stage, state: ChatState) -> None:
        super().__init__(stage, state)
        self.voice = VoiceState.of_session()

    def go_on(self, answer: Message) -> None:
        """Let the model go on, and speak only what is new."""
        self.begin = len(answer.content)
        super().go_on(answer)

    def controller(self) -> VoiceController:
        """Return the stage's controller."""
        return VoiceController(services().providers, services().toolbox)

    def ask(self, prompt: str) -> None:
        """Ask a question; what goes with it is heard first."""
        self.voice.hush()
        if not self.state.attachments:
            super().ask(prompt)
            return
        with kept_errors(self.state):
            self.voice.hearing = self.controller().hear(self.state.attachments, self.voice.choice.row)
            self.voice.prompt, self.voice.heard_for = prompt.strip(), self.state.conversation
            self.state.attachments = []
            self.voice.hearing.wait(HEARD_AT_ONCE_S)
            self.take_heard()

    def take_heard(self) -> None:
        """Ask what was heard, or let it be checked first; what can't be asked now is kept."""
        voice, hearing = self.voice, self.voice.hearing
        if hearing is None or not hearing.has_ended:
            return
        voice.hearing, self.state.error = None, hearing.error
        if isinstance(hearing.error, InputError):
            self.keep_draft(voice.prompt)
            return
        self.state.attachments = hearing.attachments
        text = "\n\n".join(filter(None, (voice.prompt, hearing.text)))
        is_asked = bool(hearing.text) and not (voice.checks_first or voice.heard_for is not self.state.conversation)
        if is_asked:
            self.ask_heard(text)
        else:
            self.keep_draft(text)

    def ask_heard(self, text: str) -> None:
        """Ask what was heard, with its recording beside it."""
        super().ask(text)
        self.keep_draft(text if self.state.error else "")

    def keep_draft(self, text: str) -> None:
        """Keep a text in the box where it can be changed; without one, the box closes."""
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
        """Read an answer aloud, from its beginning."""
        self.voice.hush()
        self._speak([answer.content])

    def _start(self, ask: Callable[[ChatController, Choice], Iterator[Event]]) -> None:
        """Start a turn, and speak its answer as it comes."""
        self.voice.hush()
        begin, self.begin = self.begin, 0
        super()._start(ask)
        if self.voice.is_aloud and self.state.error is None and self.state.conversation.messages:
            turn = services().turns.of(self.state.conversation.id)
            self._speak(growing(turn, begin) if turn else [self.state.conversation.messages[-1].content[begin:]])

    def _speak(self, contents: Iterable[str]) -> None:
        self.voice.speech, self.voice.played_count = self.controller().speak(contents, self.voice.choice), 0
