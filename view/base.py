"""The page that all stages share, from top to bottom.

`render` is the story: settings of the page, state, sidebar, transcript, input, answer. A stage's view names its slug
and overrides what is different. Read next: `view/asking.py`, which a question goes through before the page is drawn.
"""

import time
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from controller.running_turn import RunningTurn
from controller.stages import stage
from model.errors import ConversationNotFound
from model.message import Message
from utils.markdown import plain
from view import transcript
from view.actions import MessageActions
from view.asking import Asker
from view.browser import Wishes, draw_wishes
from view.dialogs import show_export, show_options, show_what_it_saw
from view.errors import draw_error, shown_errors
from view.live import announcement, draw_turn
from view.model_picker import chosen, draw_model_picker
from view.services import services
from view.sidebar import draw_navigation
from view.state import ChatState

STYLE = Path(__file__).with_name("style.css")
# A new run throws away what Streamlit has not sent yet, such as the answer's last words.
SENT_AFTER_S = 0.015
ICON = str(Path(__file__).with_name("icon.svg"))


class ChatView:
    """A stage's page."""

    slug: str

    def __init__(self) -> None:
        self.stage = stage(self.slug)
        self.state = ChatState.of(self.slug)
        self.asker = Asker(self.stage, self.state)

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
            newest = self.draw_transcript(turn)
            has_typed, self.state.has_typed = self.state.has_typed, False
            self.draw_input(is_disabled=turn is not None and not has_typed)
            self.draw_notices()
            draw_wishes()
            self.draw_dialogs()
            if turn:
                draw_turn(turn, newest, needs_stop=not has_typed)
                self.state.error = None if turn.answer.error else turn.error
                Wishes.of_session().say = announcement(turn.answer)
                time.sleep(SENT_AFTER_S)
                st.rerun()

    def open_from_url(self) -> None:
        """Open the conversation that the address names."""
        wanted = st.query_params.get("conversation")
        if wanted and wanted != self.state.conversation.id:
            try:
                turn = self.services.turns.of(wanted)
                self.state.show(turn.conversation if turn else self.services.store.find(wanted))
            except ConversationNotFound:
                self.state.notice = "The conversation that this address names is gone."
        self.asker.catch_up()
        self.state.put_in_url()

    def draw_sidebar(self) -> None:
        """Draw what stands beside every conversation."""
        draw_model_picker(self.services.providers)

    def draw_transcript(self, turn: RunningTurn | None) -> DeltaGenerator:
        """Draw the messages, or suggestions where there are none; an answer under way grows in what this returns."""
        transcript.draw_earlier(self.state)
        messages = [m for m in transcript.shown_messages(self.state) if turn is None or m is not turn.answer]
        if messages:
            st.caption(f"{self.stage.icon} {self.stage.title}")
        else:
            self.draw_suggestions()
        self.actions = MessageActions(self.asker, self.services.changes)
        return transcript.draw_messages(messages, self.state, self.draw_message)

    def draw_message(self, message: Message) -> None:
        """Draw one message, and what can be done with it."""
        transcript.draw_message(message, self.actions.draw)

    def draw_dialogs(self) -> None:
        """Open what was asked for in a menu."""
        saw_id, self.state.saw_id = self.state.saw_id, ""
        if saw := next((m for m in self.state.conversation.messages if m.id == saw_id), None):
            show_what_it_saw(saw, self.state.conversation, self.services)
        exporting_id, self.state.exporting_id = self.state.exporting_id, ""
        if exporting_id:
            show_export(self.services.store.find(exporting_id))
        is_choosing, self.state.is_choosing = self.state.is_choosing, False
        if is_choosing:
            show_options(self.state, self.services, chosen(self.services.providers))

    def draw_suggestions(self) -> None:
        """Draw what the stage can do, as three first questions."""
        st.header(self.stage.title, anchor=False)
        st.markdown(self.stage.adds)
        with st.container(key="suggestions"):
            for number, text in enumerate(self.stage.suggestions):
                key = f"bna.{self.slug}.suggestion.{number}"
                st.button(text, key=key, width="stretch", on_click=self.asker.ask, args=(text,))

    def draw_input(self, is_disabled: bool) -> None:
        """Draw the box for the next question; while the answer comes, its button stops it."""
        key = f"bna.{self.slug}.prompt"
        st.chat_input(
            "Ask anything",
            key=key,
            submit_mode="stop",
            disabled=is_disabled,
            on_submit=self.asker.submit,
            args=(key,),
        )

    def draw_notices(self) -> None:
        """Draw what there is to tell, once."""
        for notice in [*self.services.journal.take_notices(), self.state.notice]:
            if notice:
                st.warning(plain(notice), icon=":material/info:")
        if self.state.error:
            draw_error(self.state.error.message, self.state.error.hint)
        self.state.notice, self.state.error = "", None
