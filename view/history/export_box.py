"""The box that exports: a format, and a button that makes the file once it is pressed."""

from functools import partial

import streamlit as st

from controller.history.export import HTML, JSON, MARKDOWN, PDF, export_conversation, file_reader, fitting_ending
from model.chat.conversation import Conversation
from model.chat.titles import title_of
from utils.files.names import safe_name
from view.shell.dates import reader_zone
from view.shell.downloads import draw_download
from view.shell.services import services

FORMATS = {JSON: "JSON", MARKDOWN: "Markdown", HTML: "HTML", PDF: "PDF"}
HELP = (
    "JSON keeps everything, and Import reads it. The others hold the branch that is shown, with its pictures; Markdown"
    " with pictures comes as a ZIP."
)
KEY = "bna.export"


def draw_export(conversation: Conversation) -> None:
    """Draw the choice of a format, and the button that downloads one conversation."""
    key = f"{KEY}.{conversation.id}"
    title, ending = title_of(conversation), draw_formats(f"{key}.format")
    # The file is made later, where no reader is known.
    read = file_reader(services().resources.attachments)
    ending = fitting_ending(conversation, ending)
    made = partial(export_conversation, title, conversation, ending, reader_zone(), read)
    draw_download("Export", f"{key}.export", made, f"{safe_name(title)}{ending}")


def draw_formats(key: str) -> str:
    """Draw the choice of a format, and return the ending of its files."""
    return st.selectbox("Format", FORMATS, format_func=FORMATS.__getitem__, key=key, help=HELP)
