"""Another answer from another model: a choice of those at hand, under the answer that is to be given anew."""

import streamlit as st

from controller.turn import ModelSelection
from model.chat.message import Message
from model.errors import BnaError
from view.chat.actions import ChatActions
from view.shell.errors import kept_errors
from view.shell.model_picker import at_hand, draw_ways
from view.shell.services import services


def draw_another_model(asker: ChatActions, answer: Message) -> None:
    """Draw the models that can answer beside the one that did, and the button that asks the one that is picked."""
    own = (answer.provider, answer.model_name)
    others = [
        one for one in at_hand(services().providers) if one.provider and (one.provider.name, one.model_name) != own
    ]
    if not others:
        st.caption("No other model is at hand.")
        draw_ways()
        st.button("Cancel", key=f"bna.another.cancel.{answer.id}", on_click=_close, args=(asker,))
        return
    with st.form(f"bna.another.{answer.id}"):
        key = f"bna.another.model.{answer.id}"
        st.selectbox("Which model shall answer?", range(len(others)), format_func=lambda n: _title(others[n]), key=key)
        with st.container(horizontal=True):
            st.form_submit_button("Regenerate", type="primary", on_click=_ask, args=(asker, answer, others, key))
            st.form_submit_button("Cancel", on_click=_close, args=(asker,))


def _title(selection: ModelSelection) -> str:
    return f"{selection.provider.title if selection.provider else ''} · {selection.model_name}"


def _ask(asker: ChatActions, answer: Message, others: list[ModelSelection], key: str) -> None:
    with kept_errors(asker.state):
        if services().turns.of(asker.state.conversation.id):
            raise BnaError("An answer is still being written.", "Wait for it, or press Stop.")
        _close(asker)
        asker.regenerate(answer, others[st.session_state[key]])


def _close(asker: ChatActions) -> None:
    asker.state.answering_anew_id = ""
