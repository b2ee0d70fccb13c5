"""Authentication on the pages: who looks at this page, by what the browser's connection or Streamlit's login tells."""

import time
from typing import NamedTuple

import streamlit as st

from controller.people.identity import ACCESS_HEADER, let_in, person_of_tokens
from controller.people.tokens import address_in
from controller.services import OWNER
from model.errors import NotSignedIn
from settings import Settings, SignIn
from view.shell.errors import draw_problem

PERSON_KEY = "bna.person"
VERIFIED_KEY = "bna.verified"
VERIFIED_S = 10.0  # for so long a token is believed once more


class Verified(NamedTuple):
    """The tokens that a page brought, and whom they stand for."""

    tokens: list[str]
    person: str
    until_s: float  # on the monotonic clock


def person_of_page(sign_in: SignIn) -> str:
    """Return who looks at this page. A session stays one person's: for anybody else it is emptied, and begins anew.

    Raises: NotSignedIn, SignInUnreachable.
    """
    if not sign_in.kind:
        return OWNER
    try:
        person = _signed_in(sign_in)
        if st.session_state.setdefault(PERSON_KEY, person) != person:
            raise NotSignedIn()  # what runs now may hold something of the person before
    except NotSignedIn:
        st.session_state.clear()
        raise
    return person


def _signed_in(sign_in: SignIn) -> str:
    if sign_in.kind == "oidc":
        return let_in(sign_in, address_in(st.user.to_dict() if st.user.is_logged_in else {}))
    return _verified(sign_in, st.context.headers.get_all(ACCESS_HEADER))


def _verified(sign_in: SignIn, tokens: list[str]) -> str:
    """Return whom the page's token stands for: a page asks a hundred times, and its token may end while it is drawn."""
    kept: Verified | None = st.session_state.get(VERIFIED_KEY)
    if kept is None or kept.tokens != tokens or time.monotonic() >= kept.until_s:
        st.session_state.pop(VERIFIED_KEY, None)
        kept = Verified(tokens, person_of_tokens(sign_in, tokens), time.monotonic() + VERIFIED_S)
        st.session_state[VERIFIED_KEY] = kept
    return kept.person


def draw_sign_in(settings: Settings) -> None:
    """Draw the way in for somebody who is not let in."""
    with st.container(key="bna_sign_in"):
        st.title("bnaGPT")
    if settings.sign_in.kind == "locked":
        draw_problem(settings.sign_in.problem)  # the others are no business of whoever comes by
    elif settings.sign_in.kind == "cloudflare":
        st.write("Sign in to use bnaGPT. If you have signed in, your address may not be let in here.")
    elif st.user.is_logged_in:
        st.write("Your address is not let in here.")
        st.button("Sign in as somebody else", on_click=st.logout)
    else:
        st.write("Sign in to use bnaGPT.")
        st.button("Sign in", type="primary", on_click=st.login)
