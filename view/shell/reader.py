"""Who reads this page: their address and profile, as the session keeps them from the page's beginning."""

from dataclasses import dataclass

import streamlit as st

from controller.services import Services
from model.people.profile import Profile

KEY = "bna.reader"
LONGEST_LABEL = 40


@dataclass(frozen=True)
class Reader:
    """Who reads; `address` is "" where nobody signs in."""

    address: str = ""
    profile: Profile = Profile()

    @property
    def label(self) -> str:
        """Return what stands for them on the page."""
        called = self.profile.name or self.address or "You"
        return called if len(called) <= LONGEST_LABEL else f"{called[: LONGEST_LABEL - 1]}…"


def reader() -> Reader:
    kept: Reader = st.session_state.get(KEY) or Reader()
    return kept


def note_reader(services: Services) -> None:
    """Note who reads, for all that is drawn from now on: their profile is asked for once, and not at every date."""
    st.session_state[KEY] = Reader(services.account.person, services.account.profiles.read())
