"""The page that all stages share, from top to bottom.

`render` is the story: settings of the page, state, sidebar, transcript, input, answer. A stage's view names its slug
and overrides what is different. A new question starts in the input's callback, before anything is drawn, so the
request has left while the page is still being made.
"""

import time
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from controller.base import ChatController, Choice
from controller.stages import stage
from controller.turns import RunningTurn
from model.conversation import Conversation
from model.errors import BnaError, ConversationNotFound
from model.message import Message
from utils.markdown import plain
from view import transcript
from view.actions import AnswerActions
from view.errors import draw_error, kept_errors, shown_errors
from view.live import draw_turn
from view.model_picker import chosen, draw_model_picker
from view.services import services
from view.sidebar import draw_navigation
from view.state import ChatState

STYLE = Path(__file__).with_name("style.css")
# A new run throws away what Streamlit has not sent yet, such as the answer's last words.
SENT_AFTER_S = 0.015
# The request is made first, for so long at most; then the page is drawn.
REQUEST_FIRST_S = 0.03
ICON = str(Path(__file__).with_name("icon.svg"))


class ChatView:
    """A stage's page."""

    slug: str

    def __init__(self) -> None:
        self.stage = stage(self.slug)
        self.state = ChatState.of(self.slug)

    def render(self) -> None:
        """Draw the page."""
        st.set_page_config(page_title=f"{self.stage.title} · bnaGPT", page_icon=ICON, layout="centered")
        st.html(STYLE)
        with shown_errors():
            self.services = services()
            self.open_from_url()
            turn = self.services.turns.of(self.state.conversation.id)
            with st.sidebar:
                draw_navigation()
                self.draw_sidebar()
            self.draw_transcript(turn)
            is_asked_here, self.state.just_asked = self.state.just_asked, False
            self.draw_input(is_disabled=turn is not None and not is_asked_here)
            self.draw_notices()
            if turn:
                draw_turn(turn, is_asked_here)
                self.state.error = None if turn.answer.error else turn.error
                time.sleep(SENT_AFTER_S)
                st.rerun()

    def open_from_url(self) -> None:
        """Open the conversation that the address names."""
        wanted = st.query_params.get("conversation")
        if wanted and wanted != self.state.conversation.id:
            try:
                turn = self.services.turns.of(wanted)
                self.state.show(turn.conversation if turn else self.services.journal.find(wanted))
            except ConversationNotFound:
                self.state.notice = "The conversation that this address names is gone."
        self.state.put_in_url()

    def draw_sidebar(self) -> None:
        """Draw what stands beside every conversation."""
        draw_model_picker(self.services.providers)

    def draw_transcript(self, turn: RunningTurn | None) -> None:
        """Draw the messages, or suggestions where there are none; the answer under way is drawn by itself."""
        messages = [m for m in transcript.draw_earlier(self.state) if turn is None or m is not turn.answer]
        if messages:
            st.caption(f"{self.stage.icon} {self.stage.title}")
        else:
            self.draw_suggestions()
        transcript.draw_messages(messages, self.state.conversation, self.draw_message)
        if turn is None and messages:
            AnswerActions(self.state, self.slug, self.retry).draw(messages[-1])

    def draw_message(self, message: Message) -> None:
        """Draw one message."""
        transcript.draw_message(message)

    def draw_suggestions(self) -> None:
        """Draw what the stage can do, as three first questions."""
        st.header(self.stage.title, anchor=False)
        st.markdown(self.stage.adds)
        with st.container(key="suggestions"):
            for number, text in enumerate(self.stage.suggestions):
                key = f"bna.{self.slug}.suggestion.{number}"
                st.button(text, key=key, width="stretch", on_click=self.ask, args=(text,))

    def draw_input(self, is_disabled: bool) -> None:
        """Draw the box for the next question; while the answer comes, its button stops it."""
        key = f"bna.{self.slug}.prompt"
        st.chat_input(
            "Ask anything",
            key=key,
            submit_mode="stop",
            disabled=is_disabled,
            on_submit=lambda: self.ask(st.session_state[key]),
        )

    def draw_notices(self) -> None:
        """Draw what there is to tell, once."""
        for notice in [*self.services.journal.take_notices(), self.state.notice]:
            if notice:
                st.warning(plain(notice), icon=":material/info:")
        if self.state.error:
            draw_error(self.state.error.message, self.state.error.hint)
        self.state.notice, self.state.error = "", None

    def controller(self) -> ChatController:
        """Return the stage's controller."""
        return self.stage.build_controller(self.services.providers)

    def ask(self, prompt: str) -> None:
        """Start to answer a question; a callback."""
        self._start(lambda choice: services().turns.ask(self.controller(), self.state.conversation, prompt, choice))

    def start_new(self, prompt: str) -> None:
        """Start a new conversation with a question; the open one stays where it is saved."""
        self.state.show(Conversation())
        self.ask(prompt)

    def retry(self, answer: Message) -> None:
        """Answer the question of a failed answer again; a callback."""
        self._start(lambda choice: services().turns.retry(self.controller(), self.state.conversation, answer, choice))

    def _start(self, start: Callable[[Choice], RunningTurn]) -> None:
        self.services = services()
        with kept_errors(self.state):
            if self.services.turns.of(self.state.conversation.id):
                raise BnaError("An answer is still being written.", "Wait for it, or press Stop.")
            start(chosen(self.services.providers)).wait_until_sent(REQUEST_FIRST_S)
            self.state.just_asked = True
