"""The services of the person whose page this is, out of one running app for all.

What a page remembers is in `view/shell/session.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from controller.services import App, Services
from model.errors import AllDeleted
from settings import Settings, SignIn

__all__ = ["AppParts", "Services", "app_parts", "provide_app", "services", "the_app"]

ERA_KEY = "bna.era"


@dataclass(frozen=True)
class AppParts:
    """How the app is built, and who looks at it; `view/pages.py` provides it."""

    build_app: Callable[[], App]
    find_person: Callable[[SignIn], str]  # who looks at the page
    draw_sign_in: Callable[[Settings], None]  # the way in for somebody who is not let in


_provided: list[AppParts] = []


def provide_app(parts: AppParts) -> None:
    """Let all pages of this process have these parts."""
    _provided[:] = [parts]


def app_parts() -> AppParts:
    return _provided[0]


@st.cache_resource(show_spinner=False)
def the_app() -> App:
    """Return the running app; the first call builds it."""
    return app_parts().build_app()


def services() -> Services:
    """Return the services of the person whose page this is.

    Raises: NotSignedIn, SignInUnreachable; AllDeleted, once, where the person has deleted everything at another page:
    what this session remembers must not be saved anew.
    """
    app = the_app()
    found = app.services_of(app_parts().find_person(app.settings.sign_in))
    if st.session_state.setdefault(ERA_KEY, found.era) != found.era:
        st.session_state.clear()
        raise AllDeleted()
    return found
