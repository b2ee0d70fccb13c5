"""The page Google: what is connected, into which folder files go, and the way out.

Google sends the person back here, with what it has to tell in the address.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import streamlit as st

from controller.stages.log.diary import open_diary
from controller.stages.log.google import PURPOSES, Google, google_of
from model.errors import BnaError
from model.log.google.drive import Folder
from model.log.google.states import LASTS_S
from utils.text.markdown import plain
from view.history.sidebar import draw_navigation
from view.shell.errors import draw_error, shown_errors
from view.shell.page import page
from view.shell.services import services
from view.shell.session import session_object

KEY = "bna.google"
PAGE = "pages/94_Google.py"
HELP = "https://console.cloud.google.com/apis/credentials"


@dataclass
class GooglePageState:
    """What the page remembers between two drawings: addresses at Google with when they were made."""

    told: str = ""
    problem: tuple[str, str] | None = None
    addresses: dict[str, tuple[str, float]] = field(default_factory=dict)
    folders: list[Folder] | None = None


class GoogleView:
    """One page about one Google account."""

    def render(self) -> None:
        with page("Google · bnaGPT"):
            with st.sidebar:
                draw_navigation()
            st.title("Google", anchor=False)
            self.google: Google = google_of(services().resources)
            self.state = session_object(f"{KEY}.{services().era}.{services().account.person}", GooglePageState)
            self.come_back()
            with shown_errors():
                self.draw()

    def come_back(self) -> None:
        """Take what Google has sent the person back with, once; no address keeps it."""
        told = {name: st.query_params[name] for name in st.query_params}
        if "state" not in told:
            return
        self.do(lambda: f"Connected: {self.google.finish(told).title}.")
        st.query_params.clear()
        self.state.addresses.clear()

    def draw(self) -> None:
        """Draw what is connected; where Google is not set up, how that is done."""
        told, self.state.told = self.state.told, ""
        problem, self.state.problem = self.state.problem, None
        if told:
            st.success(plain(told), icon=":material/check_circle:")
        if problem:
            draw_error(*problem)
        folder = open_diary(services()).folder
        st.markdown(f"The files of each day of the Log are always put into {plain(str(folder))} on this machine.")
        if not self.google.oauth.is_set:
            st.markdown(
                "With a Google account, copies can go to your Drive, and the Log can use your calendar there. Make an"
                f" OAuth client at [console.cloud.google.com]({HELP}), put GOOGLE_CLIENT_ID and GOOGLE_CLIENT_SECRET"
                f" into .env, and start again. Its redirect address is {plain(redirect_uri())}"
            )
            return
        account = self.google.account
        if account.must_sign_in:
            st.warning("Google asks you to sign in again. What waits for it goes on by itself then.")
        self.draw_drive()
        self.draw_calendar()
        if account.is_connected:
            st.header("Disconnect", anchor=False)
            st.caption("bnaGPT forgets the account, and Google what it has allowed. Files in Drive stay there.")
            st.button("Disconnect", key=f"{KEY}.disconnect", icon=":material/link_off:", on_click=self.disconnect)

    def draw_drive(self) -> None:
        """Draw where files go in Drive, and how that is changed."""
        st.header(PURPOSES["drive"].title, anchor=False)
        account = self.google.account
        if not self.google.uploads:
            st.caption("bnaGPT sees only the files that it makes there itself, and the folder that you choose.")
            self.draw_link("drive", "Connect Google Drive", is_first=True)
            return
        of_whom = f" of {plain(account.email)}" if account.email else ""
        name = plain(account.folder_name) or "bnaGPT, which is made with the first file,"
        st.markdown(f"Days that are closed from now on go to the folder {name} in the Drive{of_whom}.")
        if account.must_sign_in:
            self.draw_link("drive", "Sign in again", is_first=True)
            return
        with st.expander("Choose another folder", icon=":material/folder_open:", key=f"{KEY}.folder"):
            self.draw_link("folder", "Pick a folder in Google Drive")
            st.caption("Google lets you pick there where your OAuth client is of the kind “Desktop app”.")
            self.draw_known_folders()
            with st.form(f"{KEY}.new", border=False, clear_on_submit=True):
                box = st.container(horizontal=True, vertical_alignment="bottom")
                box.text_input("New folder", key=f"{KEY}.name", max_chars=100)
                box.form_submit_button("Make it", icon=":material/create_new_folder:", on_click=self.make_folder)

    def draw_known_folders(self) -> None:
        """Draw the folders that bnaGPT sees in Drive, once they are asked for."""
        if self.state.folders is None:
            key, icon = f"{KEY}.list", ":material/folder:"
            st.button("Show the folders that bnaGPT knows", key=key, icon=icon, on_click=self.list_folders)
            return
        for place, folder in enumerate(self.state.folders):
            key, args = f"{KEY}.use.{place}", (folder,)
            st.button(plain(folder.name), key=key, icon=":material/folder:", on_click=self.use_folder, args=args)
        if not self.state.folders:
            st.caption("There is none yet.")

    def draw_calendar(self) -> None:
        """Draw whether the calendar is Google's."""
        st.header(PURPOSES["calendar"].title, anchor=False)
        if not self.google.has_calendar:
            st.caption("The Log then looks into your Google calendar, and writes into it once you have said yes.")
            self.draw_link("calendar", "Connect Google Calendar")
        elif self.google.account.must_sign_in:
            self.draw_link("calendar", "Sign in again for the calendar")
        else:
            st.markdown("The Log's calendar is your Google calendar.")

    def draw_link(self, purpose: str, label: str, is_first: bool = False) -> None:
        """Draw the way to Google, where the person allows something; it leads back to this page."""
        address, made_at_s = self.state.addresses.get(purpose, ("", 0.0))
        if time.monotonic() - made_at_s > LASTS_S / 2 or not address:
            address = self.google.begin(purpose, redirect_uri())
            self.state.addresses[purpose] = (address, time.monotonic())
        icon = ":material/open_in_new:"
        st.link_button(label, address, icon=icon, type="primary" if is_first else "secondary")

    def list_folders(self) -> None:
        def look() -> str:
            self.state.folders = self.google.drive.folders()
            return ""

        self.do(look)

    def use_folder(self, folder: Folder) -> None:
        def use() -> str:
            self.google.use_folder(folder)
            return f"Files go to the folder {folder.name} from now on."

        self.do(use)

    def make_folder(self) -> None:
        self.do(lambda: f"Files go to the folder {self.google.make_folder(st.session_state[f'{KEY}.name']).name}.")
        self.state.folders = None

    def disconnect(self) -> None:
        self.do(lambda: self.google.disconnect() or "Disconnected.")
        self.state.addresses.clear()
        self.state.folders = None

    def do(self, work: Callable[[], str]) -> None:
        """Do something, and keep for the drawing how that went."""
        try:
            self.state.told = work()
        except BnaError as error:
            self.state.problem = (error.message, error.hint)


def redirect_uri() -> str:
    """Return the address of this page, to which Google sends the person back."""
    place = urlsplit(st.context.url or "")
    return urlunsplit((place.scheme, place.netloc, place.path, "", ""))


def draw_google(google: Google, waits: bool) -> None:
    """Draw in the sidebar the way to Google, and what waits for it; nothing where it is not set up."""
    if not google.oauth.is_set:
        return
    with suppress(BnaError):
        if google.account.must_sign_in:
            st.warning("Google asks you to sign in again.", icon=":material/warning:")
        elif waits:
            st.caption(":material/cloud_upload: The upload to Google Drive waits, and is tried again by itself.")
    st.page_link(PAGE, label="Google", icon=":material/cloud:")
