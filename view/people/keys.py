"""A person's keys of the HTTP API: what is known of each, a new one, and an end to each."""

import streamlit as st

from controller.people.account import Account
from controller.people.keys import KnownKey
from model.errors import BnaError
from utils.text.markdown import plain
from view.shell.dates import day, local_time
from view.shell.errors import draw_error

KEY = "bna.you.keys"


def draw_keys(account: Account) -> None:
    """Draw the keys, and the one that was just made, which is shown only now."""
    st.header("API keys", anchor=False)
    st.markdown("With a key, a program asks the HTTP API for you: `Authorization: Bearer …`. Only its hash is kept.")
    if problem := st.session_state.pop(f"{KEY}.problem", ""):
        draw_error(problem)
    if new := st.session_state.pop(f"{KEY}.new", ""):
        st.success("Copy the new key now: it is not shown again.", icon=":material/key:")
        st.code(new, language=None)
    for key in account.keys():
        draw_key(account, key)
    st.button("Make a key", key=f"{KEY}.make", icon=":material/add:", on_click=make, args=(account,))


def draw_key(account: Account, key: KnownKey) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        local = local_time(key.made_at)
        made = f"made on {day(local.date())}" if local else "made before dates were noted"
        st.markdown(f"`{key.digest[:8]}` {plain(made)}", help="The beginning of its hash, not of the key.")
        button_key = f"{KEY}.revoke.{key.digest}"
        st.button("Revoke", key=button_key, icon=":material/delete:", on_click=revoke, args=(account, key))


def make(account: Account) -> None:
    """Make a key, for the next drawing to show."""
    try:
        st.session_state[f"{KEY}.new"] = account.make_key()
    except BnaError as error:
        st.session_state[f"{KEY}.problem"] = f"{error.message} {error.hint}".strip()


def revoke(account: Account, key: KnownKey) -> None:
    """Let a key open nothing any more."""
    try:
        account.revoke_key(key.digest)
    except BnaError as error:
        st.session_state[f"{KEY}.problem"] = f"{error.message} {error.hint}".strip()
