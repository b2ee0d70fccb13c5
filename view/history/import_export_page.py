"""Import and export on the screen: the page that exports all conversations, and imports; one is in `export_box.py`.

An export is made when its button is pressed, not before. An import writes once, at its end: whoever leaves the page
before that has changed nothing.
"""

import time
from functools import partial
from typing import IO

import streamlit as st

from controller.history.export import JSON, export_all, file_reader
from controller.history.importing import import_file
from model.errors import BnaError
from model.transfer.importing import HERE, NOTHING, TAKEN, Report, open_import
from utils.text.markdown import plain
from view.history.export_box import FORMATS, draw_formats
from view.history.sidebar import draw_navigation
from view.shell.dates import reader_zone
from view.shell.downloads import draw_download
from view.shell.errors import draw_error
from view.shell.page import page
from view.shell.services import services

KEY = "bna.take_along"
DRAWN_EVERY_S = 0.2


class TakeAlongView:
    """The page: export all, import, and the report."""

    def render(self) -> None:
        with page("Import and export · bnaGPT"):
            self.services = services()
            with st.sidebar:
                draw_navigation()
            st.title("Import and export", anchor=False)
            self.draw_export_all()
            self.draw_import()

    def draw_export_all(self) -> None:
        """Draw the choice of a format, and the button that downloads all conversations."""
        conversations = self.services.conversations
        count = len(conversations.list_conversations())
        st.header("Export all", anchor=False)
        st.markdown(f"Conversations: {count:,}. All but JSON come as one ZIP file; a thousand PDFs take some minutes.")
        ending, zone = draw_formats(f"{KEY}.format"), reader_zone()
        file_name = f"bnagpt-conversations{ending if ending == JSON else f'-{FORMATS[ending].lower()}.zip'}"
        read = file_reader(self.services.resources.attachments)
        made = partial(export_all, conversations, ending, zone, read)
        draw_download("Export all", f"{KEY}.export_all", made, file_name)

    def draw_import(self) -> None:
        """Draw where a file is given, the button, and what became of the last one."""
        st.header("Import", anchor=False)
        st.markdown("From bnaGPT, ChatGPT (`.zip` or `conversations.json`), Open WebUI and LibreChat.")
        upload = st.file_uploader("File", type=["json", "zip"], key=f"{KEY}.upload")
        path = self.draw_path()
        if st.button("Import", key=f"{KEY}.import", icon=":material/upload:", disabled=not (upload or path.strip())):
            self.take(upload, path)
        if f"{KEY}.report" in st.session_state:
            draw_report(st.session_state[f"{KEY}.report"])

    def draw_path(self) -> str:
        """Draw where the owner of this machine names a file on it; whoever signs in may read none, and gets ""."""
        if self.services.resources.settings.sign_in.kind:
            return ""
        help_text = "An upload is held in memory. A file that is read from its path is not."
        return st.text_input("Or the path of a very large file on this machine", key=f"{KEY}.path", help=help_text)

    def take(self, upload: IO[bytes] | None, path: str) -> None:
        """Import a file, and keep the report for the next runs of the page."""
        st.session_state.pop(f"{KEY}.report", None)
        bar = st.progress(0.0, "Reading …")
        drawn_at = 0.0

        def on_progress(fraction: float, count: int) -> None:
            nonlocal drawn_at
            if time.monotonic() - drawn_at > DRAWN_EVERY_S:
                bar.progress(fraction, f"Reading … {count:,} conversations")
                drawn_at = time.monotonic()

        try:
            with upload or open_import(path) as file:
                st.session_state[f"{KEY}.report"] = import_file(self.services.conversations, file, on_progress)
        except BnaError as error:
            bar.empty()
            draw_error(error.message, error.hint)
        else:
            st.rerun()  # what was drawn above does not know of it yet


def draw_report(report: Report) -> None:
    """Draw what was taken, what was not, and why."""
    told = [f"{report.count(outcome):,} {outcome}" for outcome in (TAKEN, HERE, NOTHING) if report.count(outcome)]
    st.success(f"{', '.join(told)}.".capitalize(), icon=":material/check:")
    if report.damage:
        st.warning(plain(report.damage), icon=":material/info:")
    noted = [row for row in report.rows if row.left_out or row.outcome != TAKEN]
    if noted:
        st.markdown(f"Skipped or incomplete: {len(noted):,}")
        columns = {"Conversation": [row.name for row in noted], "Outcome": [row.outcome for row in noted]}
        st.dataframe(columns | {"Left out": [row.left_out for row in noted]}, hide_index=True)
