"""Stage 6 on the screen: an editor for code, and what came of it under each answer."""

import json
from collections.abc import Iterator
from itertools import count

import streamlit as st

from controller.chat.turns import RunningTurn
from controller.stages.run_code.tool import NAME, sandboxes_of
from model.chat.message import Message
from model.chat.message_parts import ToolStep
from utils.text.code_blocks import fenced
from view.shell.browser import BrowserCommands
from view.stages.chatbot_with_memory import ChatbotWithMemoryView
from view.stages.run_code.results import code_of

EDITOR_HEIGHT_PX = 200
EDITOR_KEY = "code_editor"
ABOUT = {
    "monty": "A small Python with no packages; `make analysis` brings numpy, pandas and plots.",
    "wasi": "Python with numpy, pandas, scipy, sklearn and matplotlib.",
}


class RunCodeView(ChatbotWithMemoryView):
    """A conversation whose agent runs code."""

    slug = "run_code"
    max_upload_mb = 25
    keys: Iterator[str] = iter(())  # for what is drawn in the steps of one message

    def draw_content(self, message: Message) -> None:
        """Draw what a message says, with a key for each way into the editor."""
        self.number_steps(message)
        super().draw_content(message)

    def number_steps(self, message: Message) -> None:
        """Begin with the keys of a message's steps: their ids may come from anywhere, and be there twice."""
        self.keys = (f"bna.{self.slug}.edit.{message.id}.{number}" for number in count())

    def draw_step_details(self, step: ToolStep) -> None:
        """Draw the way into the editor; the results stand under the answer."""
        if step.name != NAME:
            super().draw_step_details(step)
        elif self.turn is None and (code := code_of(step)):
            key = next(self.keys)
            st.button("Edit and run", key=key, icon=":material/edit:", on_click=self.open_editor, args=(code,))

    def draw_permission(self, step: ToolStep, turn: RunningTurn) -> None:
        """Ask whether code may run, and let it be changed first."""
        if step.name != NAME:
            super().draw_permission(step, turn)
            return
        key = f"bna.{self.slug}.allow.{step.id}"
        with st.form(f"{key}.form", border=False):
            st.text_area("May this run? You can change it first.", code_of(step), EDITOR_HEIGHT_PX, key=f"{key}.code")
            with st.container(horizontal=True):
                st.form_submit_button("Allow", type="primary", on_click=self.allow, args=(step, turn, f"{key}.code"))
                st.form_submit_button("Don't allow", on_click=turn.gate.answer, args=(step.id, False))

    def allow(self, step: ToolStep, turn: RunningTurn, key: str) -> None:
        code = st.session_state[key]
        arguments = None if code == code_of(step) else json.dumps({"code": code}, ensure_ascii=False)
        turn.gate.answer(step.id, True, arguments)

    def draw_input(self, is_disabled: bool) -> None:
        """Draw the editor above the box for the next question."""
        self.draw_code()
        super().draw_input(is_disabled)

    def draw_code(self) -> None:
        if self.state.code is None:
            self.draw_write()
        else:
            self.draw_editor(self.state.code)

    def draw_write(self) -> None:
        key = f"bna.{self.slug}.write"
        st.button("Write code", key=key, icon=":material/edit_note:", type="tertiary", on_click=self.open_editor)

    def draw_editor(self, code: str) -> None:
        key = f"bna.{self.slug}.editor.{self.state.code_number}.code"
        with st.container(key=EDITOR_KEY), st.form(f"bna.{self.slug}.editor"):
            st.text_area("Python", code, EDITOR_HEIGHT_PX, key=key)
            with st.container(horizontal=True):
                is_busy = self.turn is not None
                st.form_submit_button("Run", type="primary", on_click=self.run, args=(key,), disabled=is_busy)
                st.form_submit_button("Close", on_click=self.close_editor)
            st.caption(ABOUT[sandboxes_of(self.services.resources).engine])

    def open_editor(self, code: str = "") -> None:
        self.state.code = code
        self.state.code_number += 1
        BrowserCommands.of_session().show = EDITOR_KEY

    def close_editor(self) -> None:
        self.state.code = None

    def run(self, key: str) -> None:
        """Run what stands in the editor: a message that is nothing but code is run as it is."""
        code = st.session_state[key]
        if code.strip() and self.asker.has_asked(fenced(code, "python")):
            self.close_editor()  # the results come in the conversation, and “Edit and run” brings the code back

    @property
    def turn(self) -> RunningTurn | None:
        return self.services.turns.of(self.state.conversation.id)
