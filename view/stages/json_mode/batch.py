"""Many inputs on the screen: a column of a CSV file or pasted lines in, progress, Stop and Resume, and a table out.

The work goes on apart from the page; this only looks on.
"""

from typing import Any

import streamlit as st

from controller.stages import stage
from controller.stages.json_mode.batches import NEW, RunningBatch, batches_of
from model.chat.serialization import to_row
from model.errors import FileTooLarge, InputError
from model.json_mode.batch import Batch
from utils.json_tools.answers import value_in
from utils.reading.csv_tables import as_csv, cell_text, column, columns_of, flat_rows, read_csv
from view.chat.actions import ChatActions
from view.shell.downloads import draw_download
from view.shell.errors import draw_error, kept_errors, shown_errors
from view.shell.services import Services
from view.shell.session import ChatState

KEY = "bna.json_mode.batch"
MAX_MB = 20
UPDATE_S = 1.0
MOST_SHOWN = 200


def draw_batch(state: ChatState, services: Services, asker: ChatActions) -> None:
    if state.conversation.is_temporary:
        st.caption("Rows and answers are saved to the disk, so a temporary chat can't have any.")
        return
    batches = batches_of(services.resources)
    running = batches.of(_id(state))
    if running is None:
        draw_making(state, services, asker)
    elif running.is_running:
        watch(running)
        st.button("Stop", key=f"{KEY}.stop", icon=":material/stop_circle:", on_click=running.stop.set)
    else:
        draw_progress(running)
        draw_ended(running, state, services, asker)


@st.fragment(run_every=UPDATE_S)
def watch(running: RunningBatch) -> None:
    """Draw how far a batch is, again and again until it has ended."""
    draw_progress(running)
    if not running.is_running:
        st.rerun()


def draw_progress(running: RunningBatch) -> None:
    """Draw how many rows are done, and the table by now."""
    batch = running.batch
    failed_count = sum(bool(outcome.problem) for outcome in list(batch.outcomes.values()))
    count, seen_count = len(batch.inputs), len(batch.outcomes)
    failed = f", {failed_count:,} with a problem" if failed_count else ""
    st.progress(seen_count / count, f"{seen_count:,} of {count:,} rows{failed}")
    rows = table_of(batch)
    if rows:
        names = columns_of(rows)
        st.dataframe(
            [{name: cell_text(row.get(name)) for name in names} for row in rows[-MOST_SHOWN:]], hide_index=True
        )
    if len(rows) > MOST_SHOWN:
        st.caption(f"The last {MOST_SHOWN} rows are shown; the download has all.")


def draw_ended(running: RunningBatch, state: ChatState, services: Services, asker: ChatActions) -> None:
    """Draw what can be done with a batch that rests: take it along, go on with it, or begin another."""
    if running.error:
        draw_error(running.error.message, running.error.hint)
    with st.container(horizontal=True):
        if running.batch.open_indices:
            arguments = (running.batch, state, services, asker)
            st.button("Resume", key=f"{KEY}.resume", icon=":material/resume:", on_click=start_batch, args=arguments)
        key = f"{KEY}.download"
        draw_download("Download CSV", key, lambda: "\ufeff" + as_csv(table_of(running.batch)), "answers.csv")
        forget = batches_of(services.resources).forget
        st.button("New inputs", key=f"{KEY}.new", icon=":material/delete:", on_click=forget, args=(_id(state),))


def draw_making(state: ChatState, services: Services, asker: ChatActions) -> None:
    """Draw where the inputs come from, what is asked of each, and the button that begins."""
    task = st.text_area(
        "What to do with each input",
        key=f"{KEY}.wish",
        placeholder="Extract name and age. The input follows this text, or takes the place of {input}.",
    )
    upload = st.file_uploader("A CSV file", type=["csv", "tsv", "txt"], key=f"{KEY}.file", max_upload_size=MAX_MB)
    with shown_errors():
        inputs = draw_column(upload) if upload else draw_lines()
        st.caption("Each row is asked as a separate question, and answered in this chat's schema.")
        batch = Batch(task, inputs, to_row(state.conversation.options))
        label = f"Ask for {len(inputs):,} rows" if inputs else "Ask for all rows"
        arguments = (batch, state, services, asker)
        st.button(label, key=f"{KEY}.start", type="primary", disabled=not inputs, on_click=start_batch, args=arguments)


def draw_lines() -> list[str]:
    text = st.text_area("Or one input per line", key=f"{KEY}.lines")
    return [line.strip() for line in text.splitlines() if line.strip()]


def draw_column(upload: Any) -> list[str]:
    """Draw the choice of a column, and return what stands in it. Raises: InputError."""
    if upload.size > MAX_MB << 20:
        raise FileTooLarge(f"This file is larger than {MAX_MB} MB.", "Split it.")
    try:
        names, rows = read_csv(upload.getvalue())
    except ValueError as error:
        raise InputError(str(error), "Save it as CSV again, or paste the lines.") from error
    name = st.selectbox("Column", names, key=f"{KEY}.column")
    return column(names, rows, name)


def start_batch(batch: Batch, state: ChatState, services: Services, asker: ChatActions) -> None:
    with kept_errors(state):
        asker.take_switches()
        if state.conversation.is_temporary:  # just now; the page tells why there are no rows
            return
        controller = stage("json_mode").build_controller(services.resources)
        batches_of(services.resources).start(_id(state), batch, controller.reply, asker.selection())


def table_of(batch: Batch) -> list[dict[str, Any]]:
    """Return a line for each answer of each input that has been asked, with its problem if it has one."""
    table: list[dict[str, Any]] = []
    for index, outcome in sorted(batch.outcomes.items()):
        try:
            rows = flat_rows(value_in(outcome.answer)) or [{}]
        except ValueError:
            rows = [{"answer": outcome.answer}] if outcome.answer else [{}]
        told = {"problem": outcome.problem} if outcome.problem else {}
        table += [{"row": index + 1, "input": batch.inputs[index], **row, **told} for row in rows]
    return table


def _id(state: ChatState) -> str:
    return state.conversation.id or NEW
