"""What tools have left for the person, on every page: details of a step, and extras under the answer, such as pictures.

Each stage names its extra in its row of `STAGES`, so that no page knows of it; its code is loaded when one is drawn.
"""

from typing import Any

import streamlit as st

from controller.stages import STAGES
from model.chat.message import Message
from model.chat.message_parts import ToolStep
from model.errors import BnaError
from utils.files.names import numbered_name
from utils.sandbox.report import Table, checked_table
from utils.text.markdown import plain
from view.shell.services import services


def draw_answer_extras(message: Message, without: str = "") -> None:
    """Draw what tools have left for an answer; `without` names a stage whose page draws its own."""
    left = {name for step in message.tool_steps for name in (step.name, *step.details)}
    for row in STAGES:
        if row.answer_extra and row.slug != without and row.answer_extra.left_by in left:
            row.answer_extra.load()(message)


def draw_step_details(step: ToolStep) -> None:
    """Draw what only the person sees of a step: tables, pictures and short texts; anything else is left out.

    What stands under the answer is not drawn here too.
    """
    if any(row.answer_extra and row.answer_extra.left_by == step.name for row in STAGES):
        return
    for name, value in step.details.items():
        if isinstance(value, str):
            st.caption(plain(f"{name.replace('_', ' ').capitalize()}: {value}"))
        # A tool may leave the number of rows out.
        if isinstance(value, dict) and (table := checked_table({"row_count": 0} | value)):
            draw_table(table)
        if isinstance(value, dict) and str(value.get("media_type", "")).startswith("image/"):
            _draw_picture(value)


def draw_table(table: Table) -> None:
    """Draw a table, and say so where there is more of it."""
    names = _distinct(table["columns"])
    st.dataframe([dict(zip(names, row, strict=True)) for row in table["rows"]], hide_index=True)
    if table["row_count"] > len(table["rows"]):
        st.caption(f"The first {len(table['rows'])} of {table['row_count']:,} rows.")


def _distinct(names: list[str]) -> list[str]:
    """Return names none of which is there twice."""
    distinct: dict[str, None] = {}
    for name in names:
        distinct[numbered_name(name, distinct)] = None
    return list(distinct)


def _draw_picture(picture: dict[str, Any]) -> None:
    try:
        st.image(services().resources.attachments.path(str(picture.get("sha256"))).read_bytes())
    except BnaError as error:
        st.caption(plain(error.message))
