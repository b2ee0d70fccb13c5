"""The box in which a person says what the answers look like: a table of fields, an example, or a JSON Schema.

What is typed stays in the box until it is applied; what can't be used is told there.
"""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from model.errors import BnaError
from model.json_mode import answer_schema
from utils.json_tools.schema_inference import TYPES, fields_of
from view.shell.errors import draw_error
from view.shell.page import draw_dialog
from view.shell.services import Services
from view.shell.session import ChatState

FIELDS, EXAMPLE, SCHEMA, ANY = "Fields", "Example", "JSON Schema", "Any JSON"
KEY = "bna.json_mode.box"
BOX = "Answer format"
HEIGHT = 260
FIRST_FIELD = {"field": "", "type": "text", "required": True, "description": ""}

Read = Callable[[], dict[str, Any]]


def draw_schema_button(state: ChatState, services: Services) -> None:
    """Draw what the answers look like, and the way to change it."""
    label = "Answer schema" if state.conversation.options.answer_schema else "Any JSON. Set a schema…"
    if st.button(label, key="bna.json_mode.schema", icon=":material/schema:", width="stretch"):
        state.open_dialog(BOX)
    draw_dialog(state, BOX, show_schema, state, services, width="medium", icon=":material/schema:")


def show_schema(state: ChatState, services: Services) -> None:
    """Let a person choose the schema of a conversation's answers."""
    schema = state.conversation.options.answer_schema
    fields = fields_of(schema) if schema else [FIRST_FIELD]
    ways: dict[str, Callable[[], Read]] = {
        FIELDS: lambda: draw_fields(fields or [FIRST_FIELD]),
        EXAMPLE: draw_example,
        SCHEMA: lambda: draw_text(schema),
        ANY: draw_any,
    }
    first = SCHEMA if fields is None else FIELDS
    way = st.segmented_control("Define it with", list(ways), default=first, key=f"{KEY}.way", required=True)
    read = ways[str(way or first)]()
    if st.button("Apply", key=f"{KEY}.apply", type="primary"):
        apply(state, services, read)


def apply(state: ChatState, services: Services, read: Read) -> None:
    try:
        services.changes.choose(state.conversation, answer_schema=read())
    except BnaError as error:
        draw_error(error.message, error.hint)
    else:
        state.close_dialog()
        st.rerun()


def draw_fields(rows: list[dict[str, Any]]) -> Read:
    columns: Mapping[str, Any] = {
        "field": st.column_config.TextColumn("Field", max_chars=80),
        "type": st.column_config.SelectboxColumn("Type", options=list(TYPES), default="text", required=True),
        "required": st.column_config.CheckboxColumn("Required", default=True),
        "description": st.column_config.TextColumn("Description", help="What the model should put there"),
    }
    st.caption("One row per field. The empty last row adds a field.")
    edited = st.data_editor(
        rows, key=f"{KEY}.fields", column_config=columns, num_rows="dynamic", hide_index=True, width="stretch"
    )
    return lambda: answer_schema.from_fields(edited)


def draw_example() -> Read:
    text = st.text_area(
        "An example answer", key=f"{KEY}.example", height=HEIGHT, placeholder='{"name": "Ann", "age": 31}'
    )
    return lambda: answer_schema.from_example(text)


def draw_text(schema: dict[str, Any]) -> Read:
    text = st.text_area("JSON Schema", answer_schema.pretty(schema) if schema else "", key=f"{KEY}.text", height=HEIGHT)
    st.caption("References within the schema (#/$defs/…) are followed, others are not. Empty: any JSON.")
    return lambda: answer_schema.from_text(text)


def draw_any() -> Read:
    st.markdown("Answers are any valid JSON. The model chooses the structure.")
    return lambda: answer_schema.ANY
