"""What is fetched now: how far it is, how fast, how long still, and how to pause, resume and cancel it."""

import streamlit as st

from controller.stages.models.downloads import CHECKING, DONE, FAILED, UNDER_WAY, WAITING, Download
from controller.stages.models.library import ModelLibrary
from utils.text.markdown import plain
from utils.text.words import size_text
from view.shell.errors import draw_error
from view.stages.models.state import KEY

EVERY_S = 0.5


def draw_downloads(library: ModelLibrary) -> None:
    """Draw the downloads, again and again as long as one is under way."""
    found = library.downloads.all()
    if not found:
        return
    st.header("Downloads", anchor=False)
    if any(download.is_under_way for download in found):
        st.fragment(_draw_moving, run_every=EVERY_S)(library, states(found))
        st.caption("They go on when you close this page.")
    else:
        _draw_all(library)


def states(found: list[Download]) -> list[tuple[str, bool]]:
    """Return what the rest of the page shows of downloads."""
    return [(download.source.key, download.is_under_way) for download in found]


def _draw_moving(library: ModelLibrary, before: list[tuple[str, bool]]) -> None:
    """Draw the downloads alone; the whole page once one has ended."""
    _draw_all(library)
    if states(library.downloads.all()) != before:
        st.rerun()


def _draw_all(library: ModelLibrary) -> None:
    for download in library.downloads.all():
        with st.container(border=True, key=f"{KEY}.download.{download.source.key}"):
            _draw(library, download)


def _draw(library: ModelLibrary, download: Download) -> None:
    """Draw one download. What it is told is read once: it is changed by another thread meanwhile."""
    state, done, size, note = download.state, download.done_bytes, download.size_bytes, download.note
    line = st.container(horizontal=True, vertical_alignment="center")
    line.markdown(f"**{plain(download.source.title)}**", width="stretch")
    if state == DONE:
        line.caption(f":material/check_circle: {size_text(size)}, it is here.", width="content")
    if library.may_change:
        with line:
            _draw_buttons(library, download, state)
    if state == FAILED:
        draw_error(note)
    elif state != DONE:
        st.progress(min(1.0, done / size) if size else 0.0, plain(progress_line(download)))
        if note:
            st.caption(plain(note))


def _draw_buttons(library: ModelLibrary, download: Download, state: str) -> None:
    key, downloads = download.source.key, library.downloads
    if state == DONE:
        st.button("Hide", key=f"{KEY}.hide.{key}", type="tertiary", on_click=downloads.cancel, args=(key,))
        return
    if state in UNDER_WAY:
        st.button("Pause", key=f"{KEY}.pause.{key}", icon=":material/pause:", on_click=downloads.pause, args=(key,))
    else:
        icon = ":material/play_arrow:"
        st.button("Resume", key=f"{KEY}.resume.{key}", icon=icon, on_click=downloads.resume, args=(key,))
    st.button("Cancel", key=f"{KEY}.cancel.{key}", icon=":material/close:", on_click=downloads.cancel, args=(key,))


def progress_line(download: Download) -> str:
    """Return how far a download is, in one line."""
    if download.state == WAITING:
        return "Waits for the one before it."
    if download.state == CHECKING:
        return f"{size_text(download.size_bytes)} · checking that nothing is wrong with it"
    whole = f"{size_text(download.done_bytes)} of {size_text(download.size_bytes)}" if download.size_bytes else ""
    speed = f"{size_text(download.bytes_per_s)}/s" if download.bytes_per_s else ""
    left = duration_text(download.left_s) if download.left_s is not None else ""
    state = "" if speed else download.state
    return " · ".join(filter(None, (state, whole, speed, left)))


def duration_text(left_s: float) -> str:
    """Return about how long something still takes."""
    if left_s < 60:
        return "less than a minute left"
    minutes = round(left_s / 60)
    return f"{minutes} min left" if minutes < 90 else f"{left_s / 3600:.1f} h left"
