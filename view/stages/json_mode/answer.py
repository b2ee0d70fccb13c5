"""One JSON answer on the screen: as a tree, a table, CSV or text, with what does not fit, and to take along.

Nothing of it is read as Markdown or HTML.
"""

import json
from collections.abc import Callable
from textwrap import wrap
from typing import Any

import streamlit as st

from model.chat.message import Message
from model.json_mode.answer_schema import problems
from utils.json_tools.answers import value_in
from utils.reading.csv_tables import as_csv, cell_text, columns_of, flat_rows
from utils.text.markdown import plain
from view.shell.downloads import draw_download

TREE, TABLE, CSV, TEXT = "Tree", "Table", "CSV", "Text"
CODE_WIDTH = 72  # characters; code does not break by itself
FENCE = "`" * 8  # longer than any that stands in an answer
MOST_DRAWN = 200_000  # characters; what is longer is shown as the beginning of its text
KEY = "bna.json_mode"


def draw_json_answer(message: Message, schema: dict[str, Any]) -> None:
    try:
        value = value_in(message.content)
    except ValueError:
        st.code(message.content[:MOST_DRAWN], language=None, wrap_lines=True)
    else:
        is_long = len(message.content) > MOST_DRAWN
        draw = _draw_text if is_long else _DRAWERS[_chosen(message)]
        draw(value)
        _draw_downloads(message, value)
    draw_problems(message.content, schema)


def _chosen(message: Message) -> str:
    key = f"{KEY}.form.{message.id}"
    picked = st.segmented_control(
        "Shown as", list(_DRAWERS), default=TREE, key=key, label_visibility="collapsed", required=True
    )
    return str(picked or TREE)


def _draw_tree(value: Any) -> None:
    # A tree has branches: of a lone text or number there are none.
    if isinstance(value, dict | list):
        st.json(value, expanded=3)
    else:
        _draw_text(value)


def _draw_table(value: Any) -> None:
    rows = flat_rows(value)
    names = columns_of(rows)
    st.dataframe([{name: cell_text(row.get(name)) for name in names} for row in rows], hide_index=True)


def _draw_csv(value: Any) -> None:
    st.code(as_csv(flat_rows(value)), language=None)


def _draw_text(value: Any) -> None:
    st.code(_pretty(value)[:MOST_DRAWN], language="json", wrap_lines=True)


_DRAWERS: dict[str, Callable[[Any], None]] = {TREE: _draw_tree, TABLE: _draw_table, CSV: _draw_csv, TEXT: _draw_text}


def _draw_downloads(message: Message, value: Any) -> None:
    """Draw the buttons that make a file once they are pressed; Text has a button to copy."""
    made: dict[str, tuple[Callable[[], str], str]] = {
        "JSON": (lambda: _pretty(value), "answer.json"),
        "CSV": (lambda: "\ufeff" + as_csv(flat_rows(value)), "answer.csv"),  # Excel needs the mark to see UTF-8
    }
    with st.container(horizontal=True):
        for label, (make, name) in made.items():
            draw_download(label, f"{KEY}.{label}.{message.id}", make, name, is_quiet=True)


def draw_problems(answer: str, schema: dict[str, Any]) -> None:
    if found := problems(answer, schema):
        lines = "\n".join(f"- {plain(str(problem))}" for problem in found)
        st.warning(f"This answer does not fit the schema.\n\n{lines}", icon=":material/rule:")


def as_code(text: str) -> str:
    lines = [part for line in text.splitlines() for part in wrap(line, CODE_WIDTH, drop_whitespace=False) or [""]]
    return "\n".join((f"{FENCE}json", *lines, FENCE)) if text else ""


def _pretty(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)
