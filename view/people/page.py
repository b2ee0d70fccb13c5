"""The page You, from top to bottom: profile, connections, API keys, export, and the end of it all."""

from datetime import datetime
from functools import cache
from zoneinfo import available_timezones

import streamlit as st
from babel import Locale

from controller.llm.providers import Providers
from controller.stages import services_asked
from model.errors import BnaError
from model.people.profile import LONGEST, Profile
from utils.text.markdown import plain
from view.history.sidebar import draw_navigation
from view.people.deletion import draw_deleted, draw_deletion
from view.people.keys import draw_keys
from view.shell.dates import full, locale_named, reader_zone
from view.shell.downloads import draw_download
from view.shell.errors import draw_error, shown_errors
from view.shell.page import page
from view.shell.reader import note_reader, reader
from view.shell.services import Services, services

KEY = "bna.you"
BROWSERS = "As in this browser"
# Any other can be typed in.
LANGUAGES = (
    *("ar", "bg", "bn", "ca", "cs", "da", "de-AT", "de-CH", "de-DE", "el", "en-AU", "en-CA", "en-GB", "en-IE", "en-IN"),
    *("en-US", "es-ES", "es-MX", "et", "fa", "fi", "fr-CA", "fr-CH", "fr-FR", "he", "hi", "hr", "hu", "id", "is", "it"),
    *("ja", "ko", "lt", "lv", "nb", "nl-BE", "nl-NL", "pl", "pt-BR", "pt-PT", "ro", "ru", "sk", "sl", "sr", "sv", "th"),
    *("tr", "uk", "vi", "zh-CN", "zh-TW"),
)


class YouView:
    """One page about one person."""

    def render(self) -> None:
        with page("You · bnaGPT"):
            self.services = services()
            with st.sidebar:
                draw_navigation()
            st.title("You", anchor=False)
            if reader().address:
                st.caption(f"Signed in as {plain(reader().address)}")
            draw_deleted()
            ProfileForm(self.services).draw()
            draw_connections(self.services)
            if self.services.account.person:
                draw_keys(self.services.account)
            self.draw_export()
            with shown_errors():
                draw_deletion(self.services)

    def draw_export(self) -> None:
        """Draw the button that makes one file of everything."""
        st.header("Export everything", anchor=False)
        st.markdown(
            "One ZIP with all conversations, which Import reads, what you attached, what was made, your assistants and "
            "your profile. It is made when you press the button."
        )
        draw_download("Export everything", f"{KEY}.export", self.services.account.export, "bnagpt-everything.zip")


class ProfileForm:
    """Name, time zone and language."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.profiles = services.account.profiles
        # Fields of their own after everything was deleted: the browser would keep what stood in the old ones.
        self.key = f"{KEY}.{services.era}"

    def draw(self) -> None:
        """Draw the fields, what is wrong with them, and how a time looks now."""
        profile = self.profiles.read()
        if self.profiles.problem:
            st.warning(self.profiles.problem, icon=":material/info:")
        if profile.time_zone and not profile.zone:
            told = f"“{profile.time_zone}” is no time zone that is known here, so that of the browser is used."
            st.warning(plain(told), icon=":material/info:")
        with st.form(f"{self.key}.profile", border=False):
            st.text_input("Name", profile.name, max_chars=LONGEST, key=f"{self.key}.name", placeholder=reader().address)
            self.draw_zone(profile)
            self.draw_language(profile)
            st.form_submit_button("Save", type="primary", icon=":material/save:", on_click=self.save)
        if problem := st.session_state.pop(f"{self.key}.problem", ""):
            draw_error(problem)
        st.caption(f"A time looks like this: {plain(full(datetime.now(reader_zone())))}")

    def draw_zone(self, profile: Profile) -> None:
        names = ["", *zones()]
        st.selectbox(
            "Time zone",
            names,
            index=names.index(profile.time_zone) if profile.time_zone in names else 0,
            format_func=lambda name: name.replace("_", " ") or BROWSERS,
            key=f"{self.key}.zone",
            help="For the times on the pages, the days of Usage, and the time that a model is told.",
        )

    def draw_language(self, profile: Profile) -> None:
        names = list(dict.fromkeys(["", *LANGUAGES, *([profile.language] if locale_named(profile.language) else [])]))
        st.selectbox(
            "Language of dates",
            names,
            index=names.index(profile.language) if profile.language in names else 0,
            format_func=language_title,
            accept_new_options=True,
            key=f"{self.key}.language",
            help="Only dates and times are written in it. Any tag can be typed in, such as de-LI.",
        )

    def save(self) -> None:
        """Keep what the fields say."""
        name, zone, language = (st.session_state[f"{self.key}.{field}"] or "" for field in ("name", "zone", "language"))
        if language and not locale_named(language):
            st.session_state[f"{self.key}.problem"] = (
                f"“{language}” is no language that is known here, such as de or en-GB."
            )
            return
        try:
            self.profiles.keep(Profile(name, zone, language))
        except BnaError as error:
            st.session_state[f"{self.key}.problem"] = f"{error.message} {error.hint}".strip()
            return
        note_reader(self.services)
        st.toast("Saved.", icon=":material/check:")


@cache
def zones() -> list[str]:
    """Return the time zones that are places, and UTC."""
    return ["UTC", *sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/"))]


@cache
def language_title(tag: str) -> str:
    """Return a language in its own words, with its tag."""
    found: Locale | None = locale_named(tag)
    called = (found.get_display_name() or "") if found else ""
    return f"{called[:1].upper()}{called[1:]} ({tag})" if called else tag or BROWSERS


def draw_connections(services: Services) -> None:
    """Draw who answers, and whom the stages ask; never a part of a key."""
    st.header("Connections", anchor=False)
    providers = services.providers
    rows = [provider_row(providers, provider.name) for provider in providers.offered()]
    st.table(rows, border="horizontal", hide_index=True)
    asked = [[f"**{plain(title)}**", plain(told)] for title, told in services_asked(services.resources).items()]
    st.table(asked, border="horizontal", hide_index=True, hide_header=True)
    st.caption("Keys and addresses are set in `.env`, by whoever runs bnaGPT.")


def provider_row(providers: Providers, name: str) -> dict[str, str]:
    """Return what is told of a provider: its model, and whether it has a key."""
    provider = providers.named(name)
    has_key = bool(provider.key_variable and provider.key_variable in providers.settings.provider_values)
    key = "Set" if has_key else "Missing" if provider.needs_key else "Not needed"
    model = providers.default_model(provider) or "Chosen when asked"
    return {"Provider": plain(provider.title), "Model": plain(model), "Key": key}
