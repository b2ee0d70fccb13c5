"""Stage 7 on the screen: assistants as cards, the form for one, and a conversation with the one that is picked.

Read next: `view/assistant_desk.py`, what the buttons do; then `view/composed.py`.
"""

import streamlit as st

from controller.assistant_drafts import MOST_DESCRIPTION, drafted
from controller.assistants import missing
from model.assistant import Assistant
from model.errors import BnaError
from utils.markdown import plain
from view.assistant_desk import KEY, AssistantAsker, Desk, DeskActions
from view.assistant_form import draw_form
from view.assistant_gallery import abilities_of, draw_face, draw_gallery
from view.composed import ComposedView
from view.errors import draw_error


class AssistantsView(ComposedView):
    """A conversation with an assistant."""

    slug = "assistants"

    def __init__(self) -> None:
        super().__init__()
        self.asker = AssistantAsker(self.stage, self.state)
        self.desk = Desk.of_session()
        self.actions_of_desk = DeskActions(self.state, self.desk)

    def draw_suggestions(self) -> None:
        """Draw, where nothing was said yet, the picked assistant, the form, or all assistants."""
        if assistant := self.desk.picked_in(self.state.conversation):
            self.draw_picked(assistant)
        elif self.desk.edited:
            draw_form(self.desk.edited, self.desk, self.services)
        else:
            st.header(self.stage.title, anchor=False)
            st.markdown(self.stage.adds)
            draw_gallery(self.actions_of_desk, self.desk)
        is_describing, self.desk.is_describing = self.desk.is_describing, False
        if is_describing:
            self.show_description()

    def draw_input(self, is_disabled: bool) -> None:
        """Draw the box; below the cards in a place of its own, since at the foot it makes the page begin there."""
        if self.state.conversation.messages or self.desk.picked_in(self.state.conversation):
            super().draw_input(is_disabled)
        elif not self.desk.edited:
            with st.container():
                super().draw_input(is_disabled)

    def draw_picked(self, assistant: Assistant) -> None:
        """Draw who will answer, with its starters as first questions."""
        draw_face(assistant)
        st.markdown(plain(assistant.about))
        st.caption(abilities_of(assistant))
        for sentence in missing(assistant, self.services.providers):
            st.caption(f":material/warning: {plain(sentence)}")
        with st.container(key="suggestions"):
            for number, text in enumerate(assistant.starters):
                key = f"{KEY}.starter.{number}"
                st.button(plain(text), key=key, width="stretch", on_click=self.asker.ask, args=(text,))
        leave, icon = self.actions_of_desk.leave, ":material/arrow_back:"
        st.button("All assistants", key=f"{KEY}.leave", type="tertiary", icon=icon, on_click=leave)

    @st.dialog("Describe an assistant", icon=":material/magic_button:")
    def show_description(self) -> None:
        """Let the model draft an assistant, which then stands in the form."""
        with st.form(f"{KEY}.description", border=False):
            text = st.text_area(
                "What shall it do?",
                max_chars=MOST_DESCRIPTION,
                key=f"{KEY}.described",
                placeholder="It plans simple dinners for two, and writes the shopping list.",
            )
            is_wanted = st.form_submit_button("Draft it", type="primary")
        if is_wanted:
            self.draft(text)

    def draft(self, description: str) -> None:
        """Draw how the draft grows, then open the form with it."""
        line = st.empty()
        drafts = drafted(self.services.providers, description, self.asker.choice())
        try:
            while True:
                line.caption(f"Writing the draft: {next(drafts):,} characters…")
        except StopIteration as done:
            self.desk.edit(done.value)
            st.rerun()
        except BnaError as error:
            draw_error(error.message, error.hint)
