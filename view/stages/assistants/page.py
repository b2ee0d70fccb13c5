"""Stage 7 on the screen: assistants as cards, the form for one, and a conversation with the one that is picked."""

import streamlit as st

from controller.stages.assistants.library import assistant_store
from model.assistants.assistant import Assistant
from utils.text.markdown import plain
from view.shell.browser import BoxOption
from view.stages.assistants.actions import KEY, AssistantActions, AssistantAsker, AssistantSession
from view.stages.assistants.cards import abilities_of, draw_assistants, draw_face, draw_missing
from view.stages.assistants.draft_dialog import show_builder
from view.stages.assistants.form import draw_form
from view.stages.combined import ComposedView


class AssistantsView(ComposedView):
    """A conversation with an assistant."""

    slug = "assistants"
    asker_class = AssistantAsker

    def __init__(self) -> None:
        super().__init__()
        self.session = AssistantSession.of_session()
        self.assistant_actions = AssistantActions(self.state, self.session)

    def open_from_url(self) -> None:
        """Open the conversation that the address names, or begin one with the assistant that it names."""
        if "conversation" not in st.query_params:
            self.assistant_actions.pick_named(st.query_params.get("assistant", ""))
        super().open_from_url()

    def draw_suggestions(self) -> None:
        """Draw, where nothing was said yet, the picked assistant, the form, or all assistants."""
        if assistant := self.session.picked_in(self.state.conversation):
            self.draw_picked(assistant)
        elif self.session.edited:
            draw_form(self.session.edited, self.session, self.services)
        else:
            st.title(self.stage.title, anchor=False)
            st.markdown(self.stage.adds)
            draw_assistants(self.assistant_actions, self.session)
        if self.session.is_describing:
            show_builder(self.session, self.services, self.asker.selection())

    def box_options(self) -> list[BoxOption]:
        assistants, _ = assistant_store(self.services.resources).all()
        named = [BoxOption("@", f"@{one.name}", one.about, id=one.id) for one in assistants]
        return [*super().box_options(), *named]

    def pick_assistant(self, assistant_id: str) -> None:
        self.assistant_actions.pick_named(assistant_id)

    def draw_input(self, is_disabled: bool) -> None:
        """Draw the box; below the cards in a place of its own, since at the foot it makes the page begin there."""
        if self.state.conversation.messages or self.session.picked_in(self.state.conversation):
            super().draw_input(is_disabled)
        elif not self.session.edited:
            with st.container():
                super().draw_input(is_disabled)

    def draw_picked(self, assistant: Assistant) -> None:
        """Draw who will answer, with its starters as first questions."""
        draw_face(assistant)
        st.markdown(plain(assistant.about))
        if line := abilities_of(assistant):
            st.caption(line)
        draw_missing(assistant)
        with st.container(key="suggestions"):
            for number, text in enumerate(assistant.starters):
                key = f"{KEY}.starter.{number}"
                st.button(plain(text), key=key, width="stretch", on_click=self.asker.ask, args=(text,))
        leave, icon = self.assistant_actions.leave, ":material/arrow_back:"
        st.button("All assistants", key=f"{KEY}.leave", type="tertiary", icon=icon, on_click=leave)
