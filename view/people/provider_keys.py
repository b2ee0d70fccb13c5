"""The providers' keys: which are set, a new one, one small request with it, and its end. None is ever shown again."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import streamlit as st

from controller.llm.providers import Providers
from controller.people.own_settings import ask_for_a_word, change
from model.errors import BnaError
from model.providers.provider import PROVIDERS, Provider
from utils.text.markdown import plain
from view.shell.errors import draw_error
from view.shell.session import session_object

KEY = "bna.settings.keys"
ABOUT = (
    "With a key, the models of a provider answer. It is kept in `.env` on this machine, goes to that provider alone,"
    " and is not shown again. It counts at once."
)


@dataclass
class Told:
    """What there is to say of a provider, beside its row."""

    text: str
    hint: str = ""
    is_problem: bool = False


@dataclass
class ProviderKeysState:
    """What the page remembers between two drawings; never a key."""

    open_name: str = ""  # whose form is open
    asked_name: str = ""  # who shall be asked for a word while the page is drawn
    told: dict[str, Told] = field(default_factory=dict)


class ProviderKeys:
    """A row for each provider that wants a key, and for a server of one's own."""

    def __init__(self, providers: Providers) -> None:
        self.providers = providers
        self.settings = providers.settings
        self.state = session_object(KEY, ProviderKeysState)

    def draw(self) -> None:
        st.header("Keys", anchor=False)
        st.markdown(ABOUT)
        with st.container(border=True):
            for row in PROVIDERS:
                if row.has_key:
                    with st.container(key=f"{KEY}.{row.name}", gap="small"):
                        self.draw_row(row)

    def draw_row(self, row: Provider) -> None:
        """Draw a provider's state, what can be done with it, its form, and what it said last."""
        is_set = self.value(row.key_variable if row.needs_key else row.base_url_variable) != ""
        fixed = [name for name in names_of(row) if name in self.settings.fixed]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{plain(row.title)}**", width="stretch")
            if is_set:
                st.badge("Set", icon=":material/check:", color="green")
            self.draw_buttons(row, is_set, bool(fixed))
        if fixed:
            named = " and ".join(f"`{name}`" for name in fixed)
            st.caption(f"{named} {'is' if len(fixed) == 1 else 'are'} set in the environment, which wins over `.env`.")
        elif self.state.open_name == row.name:
            self.draw_form(row)
        if self.state.asked_name == row.name:
            self.state.asked_name = ""
            with st.spinner(f"Asking {plain(row.title)}…"), self.kept(row):
                self.state.told[row.name] = Told(ask_for_a_word(self.providers, row))
        if told := self.state.told.get(row.name):
            draw_told(told)

    def draw_buttons(self, row: Provider, is_set: bool, is_fixed: bool) -> None:
        named = "key" if row.needs_key else "address"
        if is_set:
            self.draw_button("Test", f"Ask {row.title} for one word", "network_check", self.ask, row)
        if is_fixed:
            return
        if is_set:
            self.draw_button("Change", f"Another {named} for {row.title}", "edit", self.toggle, row)
            self.draw_button("Remove", f"Take the {named} of {row.title} out of .env", "delete", self.remove, row)
        else:
            self.draw_button(f"Add {named}", f"Let models of {row.title} answer", "add", self.toggle, row)

    def draw_button(self, label: str, told: str, icon: str, do: object, row: Provider) -> None:
        st.button(
            label,
            key=f"{KEY}.{label.partition(' ')[0]}.{row.name}",
            help=told,
            icon=f":material/{icon}:",
            type="tertiary",
            on_click=do,  # type: ignore[arg-type]
            args=(row,),
        )

    def draw_form(self, row: Provider) -> None:
        """Draw the fields for a key; it leaves the session as soon as it was taken."""
        with st.form(f"{KEY}.form.{row.name}", border=False, clear_on_submit=True):
            if row.needs_address:
                address = self.value(row.base_url_variable)
                st.text_input(
                    "Address",
                    "" if "@" in address else address,  # it may hold a password
                    key=f"{KEY}.{row.base_url_variable}",
                    placeholder="http://127.0.0.1:8000/v1",
                )
            st.text_input(
                f"Key of {row.title}" if row.needs_key else "Key, if it wants one",
                type="password",
                key=f"{KEY}.{row.key_variable}",
                autocomplete="off",
            )
            st.form_submit_button("Save and test", type="primary", on_click=self.save, args=(row,))
        if row.key_page:
            st.caption(f"A key is made at [{row.key_page.removeprefix('https://')}]({row.key_page}).")

    def value(self, name: str) -> str:
        return self.settings.provider_values.get(name, "")

    def toggle(self, row: Provider) -> None:
        """Open a provider's form, or close it."""
        self.state.open_name = "" if self.state.open_name == row.name else row.name
        self.state.told.pop(row.name, None)

    def ask(self, row: Provider) -> None:
        self.state.told.pop(row.name, None)
        self.state.asked_name = row.name

    def save(self, row: Provider) -> None:
        """Keep what was typed; an empty key leaves the one that is there."""
        typed = {name: st.session_state.get(f"{KEY}.{name}") or "" for name in names_of(row)}
        st.session_state[f"{KEY}.{row.key_variable}"] = ""
        values = {name: value for name, value in typed.items() if value.strip()}
        if not values:
            self.state.told[row.name] = Told("There is no key in the box.", is_problem=True)
            return
        with self.kept(row):
            change(self.settings, values)
            self.state.open_name = ""
            self.ask(row)

    def remove(self, row: Provider) -> None:
        with self.kept(row):
            change(self.settings, dict.fromkeys(names_of(row), ""))
            self.state.told[row.name] = Told("Removed.")

    @contextmanager
    def kept(self, row: Provider) -> Iterator[None]:
        """Keep an error of this block for the provider's row."""
        try:
            yield
        except BnaError as error:
            self.state.told[row.name] = Told(error.message, error.hint, is_problem=True)


def names_of(row: Provider) -> list[str]:
    """Return the variables that a provider's row on the page is about."""
    return [row.key_variable] if row.needs_key else [row.base_url_variable, row.key_variable]


def draw_told(told: Told) -> None:
    if told.is_problem:
        draw_error(told.text, told.hint)
    else:
        st.success(plain(told.text), icon=":material/check_circle:")
