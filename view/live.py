"""An answer on the screen while it grows.

The page only looks on: the turn runs in a worker (`controller/turns.py`). Text is drawn about 40 times a second.
"""

import time

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import StopException, get_script_run_ctx

from controller.running_turn import RunningTurn
from controller.titles import Titles
from model.message import FAILED, STOPPED, Message
from view.browser import Wishes
from view.growing import GrowingAnswer, StepDrawers
from view.opening import face_of
from view.state import ChatState
from view.transcript import message_box

UPDATE_INTERVAL_S = 0.025
# After this a connection that broke has been noticed by Streamlit.
DISCONNECT_NOTICED_S = 0.05

_ENDED = {FAILED: "failed", STOPPED: "was stopped"}


def draw_turn(turn: RunningTurn, box: DeltaGenerator, steps: StepDrawers) -> None:
    """Follow a turn to its end, in a box.

    The chat input's stop button ends it. The input does not always have that button: not after a reload, a Retry or a
    suggestion, nor when a question was sent while the page was still being drawn. So the page has one of its own, which
    is hidden where the input has it (`view/style.css`).
    """
    client = _client()
    with box:
        growing = GrowingAnswer(message_box(turn.answer, face_of(turn.conversation)), turn, steps)
    st.button("Stop", key=f"bna.stop.{turn.answer.id}", icon=":material/stop_circle:", on_click=turn.stop)
    growing.draw()
    pulse = st.empty()
    _watch_end(turn)
    try:
        for _ in turn.follow(UPDATE_INTERVAL_S):
            growing.draw()
            steps.beside()
            pulse.empty()  # Streamlit looks for clicks only when something is drawn
    except StopException:
        time.sleep(DISCONNECT_NOTICED_S)
        if client is not None and client is _client():
            turn.stop()
        raise


def announcement(answer: Message) -> str:
    """Return what a screen reader says when an answer has ended: once, not for each word."""
    return f"The answer {_ENDED.get(answer.status, 'is finished')}: {answer.content[:300]}"


def announce(state: ChatState, turn: RunningTurn | None) -> None:
    """Let a screen reader hear an answer's end, once; also of one that was there before the page was drawn."""
    wishes, messages = Wishes.of_session(), state.conversation.messages
    state.is_awaiting |= turn is not None
    if turn is None and state.is_awaiting and messages and messages[-1].role == "assistant":
        wishes.say, state.is_awaiting = announcement(messages[-1]), False


@st.fragment(run_every=0.25)
def _watch_end(turn: RunningTurn) -> None:
    """Draw the page once more when the turn has ended: a run that was stopped can draw nothing itself."""
    if turn.has_ended:
        st.rerun()


def _client() -> object | None:
    """Return the connection to this page's browser.

    Streamlit stops a script for two reasons: the person pressed Stop, or the browser has gone. In the second case
    the connection is another or none, and the answer goes on. (A third, a click elsewhere, would look the same if
    `runner.fastReruns` were on.)
    """
    context = get_script_run_ctx()
    return get_instance().get_client(context.session_id) if exists() and context else None


@st.fragment(run_every=0.5)
def draw_title_watch(titles: Titles, conversation_id: str | None) -> None:
    """Draw the page once more when a title has been made."""
    if not titles.is_pending(conversation_id):
        st.rerun()
