"""What connected servers offer beside tools, above the box: a resource to attach, a prompt to ask.

Nothing is asked of a server before a person opens its offers. A prompt stands in a box first, to be read and changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import streamlit as st

from controller.stages.connections.connection import Connection
from controller.stages.connections.offers import (
    Offers,
    ServerPrompt,
    ServerResource,
    attach_resource,
    offers_of,
    written_prompt,
)
from controller.stages.connections.parts import servers_in
from controller.stages.connections.registry import connections_of
from utils.text.markdown import plain
from view.chat.actions import ChatActions
from view.shell.errors import kept_errors
from view.shell.services import services
from view.shell.session import session_object

KEY = "bna.offers"


@dataclass
class OffersState:
    """What a session knows of its servers' offers, by their name, and the prompt that is being read."""

    offers: dict[str, Offers] = field(default_factory=dict)
    prompt: str = ""


def draw_offers(asker: ChatActions, abilities: Sequence[str]) -> None:
    """Draw what the servers among a conversation's abilities offer."""
    servers = servers_in(list(abilities))
    if not servers:
        return
    state = session_object(f"{KEY}.{services().account.person}", OffersState)
    connections = connections_of(services().resources).named(servers)
    if connections:
        with st.popover("From connections", icon=":material/hub:", key=f"{KEY}.popover"):
            for connection in connections:
                _draw_server(asker, state, connection)
    if state.prompt:
        _draw_prompt(asker, state)


def _draw_server(asker: ChatActions, state: OffersState, connection: Connection) -> None:
    name = connection.row.name
    st.markdown(f"**{plain(name)}**")
    offers = state.offers.get(name)
    label = "Look again" if offers else "Look what it offers"
    st.button(
        label, key=f"{KEY}.look.{name}", icon=":material/search:", on_click=_look, args=(asker, state, connection)
    )
    if offers is None:
        return
    if not offers.resources and not offers.prompts:
        st.caption("It offers tools only.")
    if offers.resources:
        _draw_resources(asker, connection, offers.resources)
    if offers.prompts:
        _draw_prompts(asker, state, connection, offers.prompts)


def _draw_resources(asker: ChatActions, connection: Connection, resources: Sequence[ServerResource]) -> None:
    titles = {one.address: one.title for one in resources}
    key = f"{KEY}.resource.{connection.row.name}"
    st.selectbox(
        "Resource, or its address",
        list(titles),
        key=key,
        format_func=lambda address: titles.get(address, address),
        accept_new_options=True,
        help="A pattern has gaps in braces: type the whole address.",
    )
    st.button(
        "Attach", key=f"{key}.attach", icon=":material/attach_file:", on_click=_attach, args=(asker, connection, key)
    )


def _draw_prompts(
    asker: ChatActions, state: OffersState, connection: Connection, prompts: Sequence[ServerPrompt]
) -> None:
    key = f"{KEY}.prompt.{connection.row.name}"
    number = st.selectbox("Prompt", range(len(prompts)), key=key, format_func=lambda n: prompts[n].title)
    prompt = prompts[number]
    if prompt.about:
        st.caption(plain(prompt.about))
    keys = {field.name: f"{key}.{number}.{place}" for place, field in enumerate(prompt.fields)}
    for field_ in prompt.fields:
        label = plain(field_.name if field_.is_required else f"{field_.name} (optional)")
        st.text_input(label, key=keys[field_.name], help=plain(field_.about) or None)
    write, args = _write, (asker, state, connection, prompt, keys)
    st.button("Write it", key=f"{key}.write", icon=":material/edit_note:", on_click=write, args=args)


def _draw_prompt(asker: ChatActions, state: OffersState) -> None:
    """Draw a prompt that a server wrote, to be read, changed and asked."""
    with st.form(f"{KEY}.written"):
        st.text_area("A server wrote this. Read it before you ask it.", state.prompt, key=f"{KEY}.text", height=200)
        with st.container(horizontal=True):
            st.form_submit_button("Ask", type="primary", on_click=_ask, args=(asker, state))
            st.form_submit_button("Cancel", on_click=_drop, args=(state,))


def _look(asker: ChatActions, state: OffersState, connection: Connection) -> None:
    with kept_errors(asker.state):
        state.offers[connection.row.name] = offers_of(connection)


def _attach(asker: ChatActions, connection: Connection, key: str) -> None:
    with kept_errors(asker.state):
        address, is_temporary = st.session_state[key] or "", asker.state.conversation.is_temporary
        asker.state.attachments += attach_resource(services().resources, connection, address, is_temporary)


def _write(
    asker: ChatActions, state: OffersState, connection: Connection, prompt: ServerPrompt, keys: dict[str, str]
) -> None:
    with kept_errors(asker.state):
        told = {name: str(st.session_state.get(key) or "") for name, key in keys.items()}
        state.prompt = written_prompt(connection, prompt, told)
        st.session_state.pop(f"{KEY}.text", None)


def _ask(asker: ChatActions, state: OffersState) -> None:
    text = st.session_state[f"{KEY}.text"].strip()
    if text and asker.has_asked(text):
        _drop(state)


def _drop(state: OffersState) -> None:
    state.prompt = ""
