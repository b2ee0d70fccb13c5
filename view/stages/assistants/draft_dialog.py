"""The box in which a person describes an assistant, and the model drafts it; the draft then stands in the form."""

import streamlit as st

from controller.stages.assistants.drafting import MOST_DESCRIPTION, drafted
from controller.turn import ModelSelection
from model.errors import BnaError
from view.shell.errors import draw_error
from view.shell.services import Services
from view.stages.assistants.actions import KEY, AssistantSession


def close_draft() -> None:
    """Close the box; also called when the person does."""
    AssistantSession.of_session().is_describing = False


@st.dialog("Describe an assistant", icon=":material/magic_button:", on_dismiss=close_draft)
def show_builder(session: AssistantSession, services: Services, selection: ModelSelection) -> None:
    """Let a person describe an assistant; `selection` is the model that drafts it."""
    with st.form(f"{KEY}.description", border=False):
        text = st.text_area(
            "What should it do?",
            max_chars=MOST_DESCRIPTION,
            key=f"{KEY}.described",
            placeholder="It plans simple dinners for two, and writes the shopping list.",
        )
        is_wanted = st.form_submit_button("Draft it", type="primary")
    if is_wanted:
        draft(text, session, services, selection)


def draft(description: str, session: AssistantSession, services: Services, selection: ModelSelection) -> None:
    """Draw how the draft grows, then open the form with it; whoever closes the box ends it."""
    line = st.empty()
    line.caption("The model is starting…")
    drafts = drafted(services.resources, description, selection)
    try:
        while True:
            line.caption(f"Writing the draft: {next(drafts):,} characters…")
    except StopIteration as done:
        close_draft()
        session.edit(done.value)
        st.rerun()
    except BnaError as error:
        line.empty()
        draw_error(error.message, error.hint)
    finally:
        drafts.close()
