"""The page Settings: theme and dates for everybody; keys, who answers and what is asked first for who runs bnaGPT."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from controller.llm.providers import Providers
from controller.people.own_settings import change, may_change
from model.errors import BnaError
from settings import Settings
from view.history.sidebar import draw_navigation
from view.people.provider_keys import ProviderKeys
from view.people.theme import draw_theme
from view.shell.errors import draw_error
from view.shell.page import page
from view.shell.services import services

KEY = "bna.settings"
TITLES = {
    "embedded": "By the model on this computer",
    "all": "By whichever model answers",
    "none": "From the first words of the chat",
}


class SettingsView:
    """One page about what is set."""

    def render(self) -> None:
        with page("Settings · bnaGPT"):
            with st.sidebar:
                draw_navigation()
            st.title("Settings", anchor=False)
            st.header("Look", anchor=False)
            draw_theme()
            you = "Your name, time zone and language of dates"
            st.page_link("pages/92_You.py", label=you, icon=":material/person:")
            providers = services().providers
            if may_change(providers.settings):
                ProviderKeys(providers).draw()
                ChatSettings(providers).draw()
            else:
                st.caption("Keys, and what holds for everybody here, are set by whoever runs bnaGPT, in `.env`.")


class ChatSettings:
    """Who answers, how chats get their titles, and whether tools ask first."""

    def __init__(self, providers: Providers) -> None:
        self.providers = providers
        self.settings: Settings = providers.settings

    def draw(self) -> None:
        st.header("Who answers", anchor=False)
        with st.form(f"{KEY}.answers", border=False):
            self.draw_provider()
            st.form_submit_button("Save", type="primary", icon=":material/save:", on_click=self.save_who_answers)
        st.header("Chats", anchor=False)
        self.draw_titles()
        self.draw_permission()
        if problem := st.session_state.pop(f"{KEY}.problem", None):
            draw_error(*problem)

    def draw_provider(self) -> None:
        """Draw the provider and the model of new chats; the model picker of a chat says otherwise."""
        rows = {row.name: row.title for row in self.providers.offered()}
        names = ["", *rows]
        chosen = self.settings.llm_provider
        st.selectbox(
            "Provider of new chats",
            names,
            index=names.index(chosen) if chosen in names else 0,
            format_func=lambda name: rows.get(name, "The first with a key"),
            key=f"{KEY}.LLM_PROVIDER",
            **self.fixed("LLM_PROVIDER"),
        )
        st.text_input(
            "Model",
            self.settings.llm_model,
            key=f"{KEY}.LLM_MODEL",
            placeholder="The provider's default",
            **self.fixed("LLM_MODEL"),
        )

    def draw_titles(self) -> None:
        names = list(TITLES)
        st.selectbox(
            "Titles of chats",
            names,
            index=names.index(self.settings.auto_titles),
            format_func=TITLES.__getitem__,
            key=f"{KEY}.AUTO_TITLES",
            on_change=lambda: self.save({"AUTO_TITLES": st.session_state[f"{KEY}.AUTO_TITLES"]}),
            **self.fixed("AUTO_TITLES"),
        )

    def draw_permission(self) -> None:
        st.toggle(
            "Ask before any tool runs, in every chat",
            self.settings.ask_before_tools,
            key=f"{KEY}.ASK_BEFORE_TOOLS",
            on_change=lambda: self.save(
                {"ASK_BEFORE_TOOLS": "yes" if st.session_state[f"{KEY}.ASK_BEFORE_TOOLS"] else "no"}
            ),
            **self.fixed("ASK_BEFORE_TOOLS"),
        )

    def fixed(self, name: str) -> dict[str, Any]:
        """Return what tells of a field whose variable the environment sets; nothing where it can be changed."""
        return {"disabled": True, "help": in_environment(name)} if name in self.settings.fixed else {}

    def save_who_answers(self) -> None:
        names = [name for name in ("LLM_PROVIDER", "LLM_MODEL") if name not in self.settings.fixed]
        self.save({name: st.session_state[f"{KEY}.{name}"] or "" for name in names})

    def save(self, values: Mapping[str, str]) -> None:
        """Keep values; why that can't be is told at the next drawing."""
        try:
            change(self.settings, values)
        except BnaError as error:
            st.session_state[f"{KEY}.problem"] = (error.message, error.hint)
            return
        st.toast("Saved.", icon=":material/check:")


def in_environment(name: str) -> str:
    return f"`{name}` is set in the environment, which wins over `.env`: change it there."
