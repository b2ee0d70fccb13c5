"""The page that all stages share, from top to bottom.

`render` is the story: transcript, answer, input, what there is to tell, and the sidebar when the answer has begun. A
stage's view names its slug and overrides what is different.
"""

import time
from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from controller.chat.turns import RunningTurn
from controller.stages import Stage, stage
from model.chat.message import Message
from model.chat.message_parts import ToolStep
from model.errors import ConversationNotFound
from utils.text.markdown import plain
from view.chat import transcript
from view.chat.actions import ChatActions
from view.chat.answer_parts import draw_citations, draw_parts, draw_permission
from view.chat.page_parts import ActionsOfMessages, page_parts
from view.chat.prompt_box import PromptBox
from view.chat.streaming import FollowedTurn, StepDrawers, announce, stopping
from view.chat.transcript import avatar_of
from view.history.sidebar import draw_brand, draw_foot
from view.shell import model_picker
from view.shell.browser import BoxOption, BrowserCommands, note_drawn, page_is_drawn, send_commands
from view.shell.errors import draw_notices
from view.shell.model_picker import draw_model_picker
from view.shell.page import page
from view.shell.services import Services, services
from view.shell.session import FOUND_KEY, ChatState, Inside

# A new run throws away what Streamlit has not sent yet, such as the answer's last words.
SENT_AFTER_S = 0.015
INSIDE_KEY = "bna.inside.switch"
INSIDE_HELP = "Each step of an answer, as it happens, with the code that does it. Nothing of that is saved."


class ChatView:
    """A stage's page."""

    slug: str
    max_upload_mb = 0  # how large attached files may be together; 0 for a stage that takes none
    asker_class: type[ChatActions] = ChatActions
    stage: Stage
    state: ChatState
    asker: ChatActions

    def __init__(self, page: "ChatView | None" = None) -> None:
        """Make a page; with another page, a part of that, which draws there what is its own stage's."""
        if page:
            self.slug, self.stage, self.state, self.asker = page.slug, page.stage, page.state, page.asker
        else:
            self.stage, self.state = stage(self.slug), ChatState.of(self.slug)
            self.asker = self.asker_class(self.stage, self.state)
        self.boxes: list[tuple[Message, DeltaGenerator]] = []  # messages drawn without what can be done with them

    @property
    def services(self) -> Services:
        """Return the services of the person whose page this is."""
        return services()

    def render(self) -> None:
        with page(f"{self.stage.title} · bnaGPT"):
            self.open_from_url()
            turn = self.services.turns.of(self.state.conversation.id)
            self.top = st.container(key="bna_top", horizontal=True, vertical_alignment="center")
            is_early = turn is not None and not page_is_drawn()  # the answer grows once the rest of the page is there
            with stopping(turn):
                newest, draw_older = self.draw_transcript(turn)
                growing = FollowedTurn(turn, newest, self.drawers()) if turn else None
                if growing:
                    growing.begin()  # what follows can wait for what people wait for
                self.draw_heading()
                actions = page_parts().message_actions(self.asker)
                self.draw_actions(actions)
                draw_older()
                self.draw_actions(actions)
                actions.draw_icons()
                has_typed, self.state.has_typed = self.state.has_typed, False
                self.draw_input(is_disabled=turn is not None and not has_typed)
                announce(self.state, turn)
                send_commands(tells_drawn=is_early, options=self.box_options(), pick_assistant=self.pick_assistant)
                if growing:
                    growing.draw_stop()
                with st.sidebar:
                    self.brand = draw_brand()
                    self.draw_sidebar()
                    draw_foot()
                self.draw_notices(turn)
                page_parts().draw_dialogs(self.state, self.services)
                draw_steps = page_parts().draw_inside(self.state, turn)
                if turn and growing and not is_early:
                    growing.follow(draw_steps)
                    self.end(turn)
            if not turn:
                note_drawn()

    def end(self, turn: RunningTurn) -> None:
        """Draw the page once more when a turn has ended, with its error where no answer bears it."""
        self.services.turns.take_error(turn.conversation.id)
        if turn.error and not turn.answer.error:  # else what was told meanwhile stays, such as of the voice
            self.state.error = turn.error
        time.sleep(SENT_AFTER_S)
        st.rerun()

    def open_from_url(self) -> None:
        """Open the conversation that the address names, at the message that it may name."""
        Inside.of_session().is_open |= st.query_params.get("inside") == "1"
        wanted, message_id = st.query_params.get("conversation"), st.query_params.get("message", "")
        if wanted and wanted != self.state.conversation.id:
            try:
                self.state.show(self.services.conversations.load_conversation(wanted))
            except ConversationNotFound:
                self.state.notice = "The chat in this address no longer exists."
        if message_id and wanted == self.state.conversation.id:
            self.state.open_at(message_id)
            BrowserCommands.of_session().show = FOUND_KEY if self.state.found_id else ""
        self.asker.catch_up()
        self.asker.take_temporary()
        self.state.put_in_url()

    def draw_sidebar(self) -> None:
        """Draw what stands beside every conversation."""
        st.session_state[INSIDE_KEY] = Inside.of_session().is_open
        st.toggle("See inside", key=INSIDE_KEY, help=INSIDE_HELP, on_change=self.look_inside)

    def look_inside(self) -> None:
        """Open or close the panel that tells how an answer is made."""
        Inside.of_session().is_open = st.session_state[INSIDE_KEY]
        st.query_params.pop("inside", None)

    def draw_top(self) -> None:
        """Draw what stands above the conversation, in reach wherever one has scrolled to: who answers."""
        with st.popover(plain(self.answering_name()), icon=":material/smart_toy:", type="tertiary", key="bna.picker"):
            draw_model_picker(self.services.providers)

    def answering_name(self) -> str:
        """Return the name of the model that answers."""
        provider, model_name = self.asker.answering()
        return model_name or provider.title

    def draw_transcript(self, turn: RunningTurn | None) -> tuple[DeltaGenerator, Callable[[], None]]:
        """Draw the newest messages, or suggestions where there are none.

        Returns what an answer under way grows in, and what draws the older messages.
        """
        transcript.draw_earlier(self.state)
        messages = [m for m in transcript.shown_messages(self.state) if turn is None or m.id != turn.answer.id]
        suggestions = st.empty()
        if not messages:
            with suggestions.container():
                self.draw_suggestions()
        self.note = st.container()
        return transcript.draw_newest(messages, self.state, self.draw_message)

    def draw_heading(self) -> None:
        """Draw the top: the stage's name, small where there is a conversation; and what is to be said of the model."""
        with self.top:
            if self.state.conversation.messages:
                with st.container(key=f"bna.{self.slug}.stage-small", width="content"):
                    st.title(f"{self.stage.icon} {self.stage.title}", anchor=False)
            self.draw_top()
        with self.note:
            model_picker.draw_note(self.asker.answering()[0])

    def draw_message(self, message: Message) -> None:
        """Draw one message; what can be done with it is drawn later."""
        is_edited = message.id == self.state.editing_id  # then its text stands in the editor, once
        draw_content = self.draw_edited if is_edited else self.draw_content
        if box := transcript.draw_message(message, avatar_of(self.state.conversation), draw_content):
            self.boxes.append((message, box))

    def draw_actions(self, actions: ActionsOfMessages) -> None:
        """Draw what can be done with the messages that were drawn."""
        for message, box in self.boxes:
            with box:
                actions.draw(message)
        self.boxes.clear()

    def draw_edited(self, message: Message) -> None:
        """Draw what stays of a message that is being changed."""
        self.draw_extras(message)
        page_parts().draw_attachments(message.attachments)

    def draw_content(self, message: Message) -> None:
        """Draw what a message says, with its tool steps, pictures, files and sources."""
        draw_parts(message, self.draw_step_details)
        self.draw_extras(message)
        page_parts().draw_attachments(message.attachments)
        draw_citations(message)

    def draw_extras(self, message: Message) -> None:
        """Draw what tools have left under an answer, such as pictures."""
        page_parts().draw_answer_extras(message)

    def growing_text(self, text: str) -> str:
        """Return the Markdown of an answer that grows."""
        return text

    def draw_step_details(self, step: ToolStep) -> None:
        """Draw what only the person sees of a tool step."""
        page_parts().draw_step_details(step)

    def drawers(self) -> StepDrawers:
        """Return how the stage draws what is its own while an answer grows."""
        return StepDrawers(self.draw_step_details, self.draw_permission, text=self.growing_text)

    def draw_permission(self, step: ToolStep, turn: RunningTurn) -> None:
        """Ask whether a tool may run."""
        draw_permission(step, turn, self.state)

    def draw_suggestions(self) -> None:
        """Draw what the stage can do, and first questions as cards."""
        with st.container(key=f"bna.{self.slug}.stage"):
            st.title(self.stage.title, anchor=False)
        st.markdown(self.stage.adds)
        with st.container(key="suggestions"):
            for number, card in enumerate(self.stage.suggestions):
                key, asked = f"bna.{self.slug}.suggestion.{number}", (card.prompt,)
                label = f"**{card.title}** {card.prompt}"
                st.button(label, key=key, icon=card.icon, width="stretch", on_click=self.asker.ask, args=asked)

    def box_options(self) -> list[BoxOption]:
        """Return what “/” offers in the box: the stage's prompts; a stage may have commands, and assistants for “@”."""
        return [BoxOption("/", card.title, card.prompt, card.prompt) for card in self.stage.suggestions]

    def pick_assistant(self, assistant_id: str) -> None:
        """Begin a chat with an assistant; for stages that have some."""

    def draw_input(self, is_disabled: bool) -> None:
        """Draw the box for the next question; while the answer comes, its button stops it."""
        PromptBox(self.asker, self.state, self.max_upload_mb).draw(is_disabled)

    def draw_notices(self, turn: RunningTurn | None) -> None:
        """Draw what there is to tell, once."""
        if turn is None:  # it may have ended before this page was drawn
            self.state.error = self.services.turns.take_error(self.state.conversation.id) or self.state.error
        notices, error = [*self.services.conversations.take_notices(), self.state.notice], self.state.error
        self.state.notice = ""
        draw_notices(self.state, notices)
        if turn:  # the page is drawn again when the answer has ended
            self.state.notice, self.state.error = " ".join(filter(None, notices)), error
