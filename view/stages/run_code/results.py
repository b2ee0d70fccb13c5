"""What code gave, under the answer: notes, tables, pictures, and files to take along.

It stands in the conversation file, which may come from anywhere, so nothing is taken for what it says it is.
"""

from functools import partial
from typing import Any

import streamlit as st

from controller.stages.run_code.tool import NAME
from model.chat.message import Message
from model.chat.message_parts import ToolStep
from model.errors import BnaError
from utils.pictures.decode import picture_type
from utils.sandbox.report import checked_table
from utils.text.markdown import plain
from utils.text.untrusted import unfenced
from view.chat.answer_parts import arguments_of
from view.chat.attachments import size
from view.chat.tool_results import draw_table
from view.shell.downloads import draw_download
from view.shell.services import services

MOST_SHOWN = 1_500  # characters; the opened step has more


def code_of(step: ToolStep) -> str:
    """Return the code of a step; empty where its arguments hold none."""
    return arguments_of(step).get("code", "")


def draw_results(message: Message) -> None:
    """Draw what all steps of a message gave.

    A small model, whose code ran before it was asked, may well say something else: so the result is shown beside it.
    """
    for number, step in enumerate(step for step in message.tool_steps if step.name == NAME):
        given = unfenced(step.result or "")[:MOST_SHOWN]
        if step.round == 0 and given and given not in message.content:
            st.code(given, language=None, wrap_lines=True)
        if isinstance(note := step.details.get("note"), str) and note not in message.content:
            st.caption(f":material/info: {plain(note)}")
        if table := checked_table(step.details.get("table")):
            draw_table(table)
        files = step.details.get("files")
        for place, file in enumerate(files if isinstance(files, list) else []):
            if isinstance(file, dict):
                _draw_file(file, f"bna.file.{message.id}.{number}.{place}")


def _draw_file(file: dict[str, Any], key: str) -> None:
    """Draw a picture, and a button that saves a file; one that is gone is told."""
    name = str(file.get("name", "file"))
    try:
        path = services().resources.attachments.path(str(file.get("sha256")))
    except BnaError as error:
        st.caption(plain(f"{name}: {error.message}"))
        return
    if str(file.get("media_type", "")).startswith("image/") and picture_type(data := path.read_bytes()):
        st.image(data)
    label = f"{plain(name)} · {size(path.stat().st_size)}"
    draw_download(label, key, partial(path.read_bytes), name, is_quiet=True)
