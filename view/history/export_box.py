"""The box that exports: a format, and a button that makes the file once it is pressed."""

from collections.abc import Callable
from datetime import tzinfo

import streamlit as st

from model.chat.conversation import Conversation
from model.transfer.export import as_json, as_markdown, title_of
from utils.files.names import safe_name
from view.shell.dates import reader_zone

MARKDOWN, JSON, PDF = "Markdown", "JSON", "PDF"
FORMATS = {JSON: ".json", MARKDOWN: ".md", PDF: ".pdf"}
HELP = "JSON keeps everything, and Import reads it. Markdown and PDF hold the branch that is shown."
KEY = "bna.export"


def draw_export(conversation: Conversation) -> None:
    """Draw the choice of a format, and the button that downloads one conversation."""
    key = f"{KEY}.{conversation.id}"
    title, chosen = title_of(conversation), draw_formats(f"{key}.format")
    zone = reader_zone()  # the file is made later, where no reader is known

    def made() -> bytes:
        return as_json([(title, conversation)]) if chosen == JSON else made_by(chosen, zone)(title, conversation)

    draw_download("Export", f"{key}.export", made, f"{safe_name(title)}{FORMATS[chosen]}")


def draw_formats(key: str) -> str:
    """Draw the choice of a format, and return it."""
    return st.selectbox("Format", list(FORMATS), key=key, help=HELP)


def draw_download(label: str, key: str, made: Callable[[], bytes], file_name: str) -> None:
    """Draw a button that makes the file once it is pressed."""
    st.download_button(
        label, made, file_name, "application/octet-stream", key=key, icon=":material/download:", on_click="ignore"
    )


def made_by(chosen: str, zone: tzinfo) -> Callable[[str, Conversation], bytes]:
    """Return what makes one conversation's file, with moments in a zone."""
    if chosen == PDF:
        from model.transfer.export_pdf import as_pdf  # 20 MB with its fonts, so not before somebody wants one

        return lambda title, conversation: as_pdf(title, conversation, zone)
    return lambda title, conversation: as_markdown(title, conversation, zone).encode("utf-8", "replace")
