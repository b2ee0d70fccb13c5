"""Boxes that open over the page."""

import streamlit as st

from controller.turn import ModelSelection
from model.chat.options import REASONING_EFFORTS, Options
from model.providers.reasoning import may_think
from view.history.export_box import draw_export
from view.history.request_inspector import draw_what_it_saw
from view.shell.errors import shown_errors
from view.shell.model_picker import chosen
from view.shell.page import draw_dialog
from view.shell.services import Services
from view.shell.session import EXPORT, REQUEST, SETTINGS, ChatState

NO_NAMES = {"provider": "", "model_name": ""}


def draw_dialogs(state: ChatState, services: Services) -> None:
    """Draw the box that was asked for in a menu."""
    if saw := next((m for m in state.conversation.messages if m.id == state.dialog_id), None):
        shown = (saw, state.conversation, services)
        draw_dialog(state, REQUEST, draw_what_it_saw, *shown, width="large", icon=":material/visibility:")
    draw_dialog(state, EXPORT, show_export, state, services, icon=":material/download:")
    draw_dialog(state, SETTINGS, show_options, state, services, icon=":material/tune:")


def show_export(state: ChatState, services: Services) -> None:
    """Let a person take a conversation along, while it is there."""
    with shown_errors():
        draw_export(services.conversations.load_conversation(state.dialog_id))


def show_options(state: ChatState, services: Services) -> None:
    """Let a person choose what holds for the whole conversation."""
    options, picked = state.conversation.options, chosen(services.providers)
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
            endpoint_names = kept_names(options, provider_names(services, picked)) if keeps_model else NO_NAMES
            with shown_errors():
                services.changes.choose(state.conversation, **values, **endpoint_names)
                state.close_dialog()
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


def kept_names(options: Options, picked_names: dict[str, str]) -> dict[str, str]:
    """Return who answers in a conversation that keeps to a model: the one it kept to before, else the one picked."""
    if not options.model_name:
        return picked_names
    return {"provider": options.provider, "model_name": options.model_name}


def provider_names(services: Services, picked: ModelSelection) -> dict[str, str]:
    """Return the names of the provider and the model that answer now."""
    provider = picked.provider or services.providers.default
    return {
        "provider": provider.name,
        "model_name": picked.model_name or services.providers.default_model(provider),
    }
