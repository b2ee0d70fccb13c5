"""Asking: what happens between a click or an Enter and the request.

These are callbacks: Streamlit runs them before it draws the page, so the request has left while the page is made.
"""

from collections.abc import Callable
from contextlib import suppress

import streamlit as st

from controller.base import ChatController, Choice
from controller.running_turn import RunningTurn
from controller.stages import Stage
from model.conversation import Conversation
from model.errors import StoreError
from model.message import Message
from view.errors import kept_errors
from view.model_picker import chosen
from view.services import services
from view.state import ChatState

# The request is made first, for so long at most; then the page is drawn.
REQUEST_FIRST_S = 0.03


class Asker:
    """Starts turns in the conversation that a page shows."""

    def __init__(self, stage: Stage, state: ChatState) -> None:
        self.stage = stage
        self.state = state

    def submit(self, key: str) -> None:
        """Ask what was typed into the box with this key; what can't be asked now stays in the box."""
        prompt = st.session_state[key]
        self.ask(prompt)
        self.state.has_typed = self.state.error is None
        if self.state.error and prompt.strip():
            st.session_state[key] = prompt

    def ask(self, prompt: str) -> None:
        """Ask a question."""
        turns = services().turns
        self._start(lambda choice: turns.ask(self._controller(), self.state.conversation, prompt, choice))

    def start_new(self, prompt: str) -> None:
        """Ask a question in a new conversation; the open one stays where it is saved."""
        self.state.show(Conversation())
        self.ask(prompt)

    def retry(self, answer: Message) -> None:
        """Ask the question of a failed answer again."""
        turns = services().turns
        self._start(lambda choice: turns.retry(self._controller(), self.state.conversation, answer, choice))

    def catch_up(self) -> None:
        """Take over what other tabs have said in the open conversation, if anything on disk has changed."""
        opened, journal, turns = self.state.conversation, services().journal, services().turns
        if turn := turns.of(opened.id):
            self.state.conversation = turn.conversation
        elif opened.id and self.state.seen_stamp != (stamp := journal.stamp()):
            self.state.seen_stamp = stamp
            with suppress(StoreError):
                known = {message.id for message in opened.messages}
                opened.messages += [m for m in journal.find(opened.id).messages if m.id not in known]

    def _controller(self) -> ChatController:
        return self.stage.build_controller(services().providers)

    def _start(self, start: Callable[[Choice], RunningTurn]) -> None:
        with kept_errors(self.state):
            self.catch_up()
            start(chosen(services().providers)).wait_until_sent(REQUEST_FIRST_S)
