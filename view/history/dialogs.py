"""Boxes that open over the page."""

import streamlit as st

from controller.turn import ModelSelection
from model.chat.conversation import Conversation
from model.chat.message import Message
from model.chat.options import REASONING_EFFORTS, Options
from model.providers.reasoning import may_think
from view.history.export_box import draw_export
from view.history.request_inspector import draw_what_it_saw
from view.shell.errors import kept_errors
from view.shell.model_picker import chosen
from view.shell.services import Services
from view.shell.session import ChatState


def draw_dialogs(state: ChatState, services: Services) -> None:
    """Open what was asked for in a menu."""
    saw_id, state.saw_id = state.saw_id, ""
    if saw := next((m for m in state.conversation.messages if m.id == saw_id), None):
        show_what_it_saw(saw, state.conversation, services)
    exporting_id, state.exporting_id = state.exporting_id, ""
    if exporting_id:
        show_export(services.conversations.load_conversation(exporting_id))
    is_choosing, state.is_choosing = state.is_choosing, False
    if is_choosing:
        show_options(state, services, chosen(services.providers))


@st.dialog("Request", width="large", icon=":material/visibility:")
def show_what_it_saw(answer: Message, conversation: Conversation, services: Services) -> None:
    """Show what was sent for an answer, and what that took."""
    draw_what_it_saw(answer, conversation, services)


@st.dialog("Export", icon=":material/download:")
def show_export(conversation: Conversation) -> None:
    """Let a person take a conversation along."""
    draw_export(conversation)


@st.dialog("Chat settings", icon=":material/tune:")
def show_options(state: ChatState, services: Services, picked: ModelSelection) -> None:
    """Let a person choose what holds for the whole conversation; `picked` is who answers now."""
    options = state.conversation.options
    with st.form("bna.options", border=False):
        values = {
            "instructions": st.text_area(
                "Custom instructions",
                options.instructions,
                placeholder="What should the model always keep in mind?",
                height=160,
            ),
            "temperature": st.number_input(
                "Temperature", 0.0, 2.0, options.temperature, step=0.1, placeholder="The provider's default"
            ),
            "max_tokens": st.number_input(
                "Maximum answer length (tokens)", 1, None, options.max_tokens, placeholder="The provider's default"
            ),
            "tells_time": st.toggle(
                "Tell the model the date, the time and when each message was sent", options.tells_time
            ),
            "is_summarised": st.toggle(
                "Summarise messages that no longer fit the context window", options.is_summarised
            ),
        }
        values |= draw_effort(options, options.model_name or provider_names(services, picked)["model_name"])
        keeps_model = st.toggle("Always use the current model in this chat", bool(options.model_name))
        if st.form_submit_button("Apply", type="primary"):
            endpoint_names = provider_names(services, picked) if keeps_model else {"provider": "", "model_name": ""}
            with kept_errors(state):
                services.changes.choose(state.conversation, **values, **endpoint_names)
            st.rerun()


def draw_effort(options: Options, model_name: str) -> dict[str, str]:
    """Draw how much the model thinks before it answers, unless it is known not to; return what was chosen."""
    effort = options.reasoning_effort
    if not effort and not may_think(model_name):
        return {}
    chosen_effort = st.selectbox(
        "Thinking effort",
        REASONING_EFFORTS,
        index=REASONING_EFFORTS.index(effort) if effort in REASONING_EFFORTS else 0,
        format_func=lambda name: name.capitalize() or "The model's default",
        help="How much the model thinks before it answers. Models that can't think ignore it.",
    )
    return {"reasoning_effort": chosen_effort}


def provider_names(services: Services, picked: ModelSelection) -> dict[str, str]:
    """Return the names of the provider and the model that answer now."""
    provider = picked.provider or services.providers.default
    return {
        "provider": provider.name,
        "model_name": picked.model_name or services.providers.default_model(provider),
    }
