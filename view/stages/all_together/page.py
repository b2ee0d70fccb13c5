"""Stage 11 on the screen: all that the other pages have, with a switch for each tool."""

from collections.abc import Callable
from functools import partial

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from controller.chat.turns import RunningTurn
from controller.stages import JSON, NONE, SENSES, switched_on
from controller.stages.assistants.library import assistant_store
from controller.stages.image_generation.client import image_endpoint
from model.chat.conversation import Conversation
from model.pictures.picture import Picture
from utils.text.markdown import plain
from view.chat.page import ChatView
from view.shell.browser import BoxOption
from view.shell.errors import kept_errors
from view.shell.services import services
from view.stages.all_together.switches import draw_switches, take_over
from view.stages.assistants.actions import AssistantAsker
from view.stages.assistants.page import AssistantsView
from view.stages.combined import CODE
from view.stages.image_generation.forms import PICTURE_COMMANDS, PictureForms, draw_open_form, draw_tools
from view.stages.image_generation.gallery import draw_gallery
from view.stages.json_mode.schema_dialog import draw_schema_button


class AllAsker(AssistantAsker):
    """Starts turns with everything."""

    is_aloud_at_first = False

    def abilities(self) -> list[str]:
        """Return what is switched on; pictures and speech always are."""
        return [*switched_on(self.state.conversation.options), *SENSES]

    def take_switches(self) -> None:
        """Take over which tools are switched on, too."""
        take_over(self.state, services().changes)
        super().take_switches()


PICTURES, WEB = "image_generation", "web_search"


class AllTogetherView(AssistantsView):
    """A conversation with everything."""

    slug = "all_together"
    asker_class = AllAsker

    def __init__(self) -> None:
        super().__init__()
        self.pictures = PictureForms.of_session()

    def draw_transcript(self, turn: RunningTurn | None) -> tuple[DeltaGenerator, Callable[[], None]]:
        """Draw the conversation; a new one begins with its tools switched on."""
        if not (opened := self.state.conversation).messages and not opened.options.tools:
            self.begin(opened)
        return super().draw_transcript(turn)

    def begin(self, conversation: Conversation) -> None:
        """Switch off the web where the model can't choose among tools, and all for an assistant without tools."""
        if self.session.picked_in(conversation):
            conversation.choose(tools=[NONE])
        elif not self.asker.answering()[0].has_tools:
            conversation.choose(tools=[slug for slug in switched_on(conversation.options) if slug != WEB])

    def box_options(self) -> list[BoxOption]:
        return [*PICTURE_COMMANDS, *super().box_options()]

    def draw_suggestions(self) -> None:
        """Draw the assistant that is picked, or first questions and the assistants there are."""
        if assistant := self.session.picked_in(self.state.conversation):
            self.draw_picked(assistant)
            return
        ChatView.draw_suggestions(self)
        assistants, _ = assistant_store(self.services.resources).all()
        with st.popover("Begin with an assistant", icon=":material/support_agent:"):
            for one in assistants:
                key, pick = f"bna.{self.slug}.pick.{one.id}", partial(self.assistant_actions.pick, one)
                st.button(plain(f"{one.emoji} {one.name}"), key=key, width="stretch", on_click=pick, type="tertiary")

    def draw_options(self) -> None:
        """Draw the schema too, where answers are JSON."""
        if self.has(JSON):
            draw_schema_button(self.state, self.services)
        super().draw_options()

    def draw_input(self, is_disabled: bool) -> None:
        """Draw the switches, the forms that are open, and the box."""
        self.draw_blindness()
        by_hand = self.draw_by_hand if self.has(CODE) or self.has(PICTURES) else None
        draw_switches(self.state, self.services.changes, by_hand)
        if self.has(CODE) and self.state.code is not None:
            self.code.draw_editor(self.state.code)
        if self.has(PICTURES):
            draw_open_form(self.pictures, self.asker.has_asked, is_disabled)
        self.draw_box(is_disabled)
        draw_gallery(self.state, self.edit)

    def draw_by_hand(self) -> None:
        """Draw what opens the editor, the forms for pictures, and the gallery."""
        if self.has(CODE):
            self.code.draw_write()
        if self.has(PICTURES):
            draw_tools(self.pictures, self.state, image_endpoint(self.services.providers) is not None)

    def edit(self, picture: Picture) -> None:
        with kept_errors(self.state):
            self.pictures.open_for(picture)
