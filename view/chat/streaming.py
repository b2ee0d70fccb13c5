"""An answer on the screen while it grows: its thinking, its text in blocks, its tool steps between them.

The page only looks on: the turn runs in a worker (`controller/chat/turns.py`). Text is drawn about 40 times a second.
What can no longer change is left alone in a block of its own, so that an update of a long answer costs no more.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime import exists, get_instance
from streamlit.runtime.scriptrunner import StopException, get_script_run_ctx

from controller.chat.turns import THINKING, RunningTurn
from model.chat.descriptions import thinking_title
from model.chat.message import FAILED, STOPPED, Message
from model.chat.message_parts import ToolStep
from utils.text.markdown import for_display, plain, settled
from view.chat.answer_parts import draw_step
from view.chat.thinking import thinking_box
from view.chat.transcript import avatar_of, message_box
from view.shell.browser import BrowserCommands, note_drawn, page_is_drawn
from view.shell.session import ChatState

THINKING_INTERVAL_S = 0.25  # what is thought grows at a slower pace than the answer


@dataclass(frozen=True)
class StepDrawers:
    """How a stage draws what is its own in an answer that grows, and beside it; `text` makes Markdown of it."""

    details: Callable[[ToolStep], None]
    permission: Callable[[ToolStep, RunningTurn], None]
    beside: Callable[[], None] = lambda: None
    text: Callable[[str], str] = str


class GrowingText:
    """Markdown that grows, in one block after the other."""

    def __init__(self, box: DeltaGenerator, begin: int = 0) -> None:
        self._box = box
        self._slot: DeltaGenerator | None = None
        self._begin = begin
        self._is_new = True
        self._drawn: tuple[str, str] | None = None

    def draw(self, text: str, activity: str = "") -> None:
        """Draw what the text is by now, or what is done while there is none."""
        end = settled(text, self._begin)
        if end - self._begin >= 2000:
            self._in_slot().markdown(for_display(text[self._begin : end]))
            self._slot, self._begin, self._is_new = None, end, False
        rest = text[self._begin :]
        if self._drawn == (rest, activity):
            return
        self._drawn = rest, activity
        if rest:
            self._in_slot().markdown(for_display(rest))
        elif self._is_new and activity:
            self._in_slot().caption(plain(activity))
        elif self._is_new and self._slot:
            self._slot.empty()

    def _in_slot(self) -> DeltaGenerator:
        """Return where the text stands that may still change."""
        self._slot = self._slot or self._box.empty()
        return self._slot


class GrowingThinking:
    """What is thought while an answer is made, in a block that is folded until a person opens it."""

    def __init__(self, box: DeltaGenerator, turn: RunningTurn) -> None:
        self._slot = box.empty()
        self._turn = turn
        self._label = ""
        self._count = 0  # of the blocks that were drawn, each under another label
        self._text: GrowingText | None = None  # None while the block is folded
        self._drawn_at = 0.0

    def draw(self) -> None:
        """Draw what has been thought by now."""
        message = self._turn.answer
        if not message.thinking:
            return
        label = THINKING if self._turn.activity == THINKING else thinking_title(message)
        if is_new := label != self._label:
            self._begin(label)
        if self._text and (is_new or time.monotonic() - self._drawn_at >= THINKING_INTERVAL_S):
            self._text.draw(message.thinking)
            self._drawn_at = time.monotonic()

    def _begin(self, label: str) -> None:
        """Draw the block under another label; where it is open, its text comes anew."""
        with self._slot.container():
            box = thinking_box(self._turn.answer, label, f".{self._count}")
        self._label, self._count = label, self._count + 1
        self._text = GrowingText(box) if box.open else None


class GrowingAnswer:
    """An answer that grows: text, tool steps, and the text behind them."""

    def __init__(self, box: DeltaGenerator, turn: RunningTurn, steps: StepDrawers) -> None:
        self._turn = turn
        self._drawers = steps
        self._thinking = GrowingThinking(box, turn)
        self._place = box.empty()
        self._begin()

    def _begin(self) -> None:
        """Begin with nothing drawn."""
        self._box = self._place.container()
        self._slots: list[tuple[DeltaGenerator, list[object]]] = []
        self._text = GrowingText(self._box)
        self._length = 0

    def draw(self) -> None:
        content, steps = self._turn.answer.content, list(self._turn.answer.tool_steps)
        if len(content) < self._length or len(steps) < len(self._slots):
            self._begin()  # it is written anew
        self._length = len(content)
        self._thinking.draw()
        for step in steps[len(self._slots) :]:
            self._text.draw(content[: step.at])
            self._slots.append((self._box.empty(), []))
            self._text = GrowingText(self._box, step.at)
        for step, (slot, drawn) in zip(steps, self._slots, strict=True):
            self._draw_step(step, slot, drawn)
        is_busy = self._turn.activity == THINKING or (bool(steps) and steps[-1].result is None)
        self._text.draw(self._drawers.text(content), "" if is_busy else self._turn.activity or "…")

    def _draw_step(self, step: ToolStep, slot: DeltaGenerator, drawn: list[object]) -> None:
        """Draw a step unless it stands there as it is."""
        is_asked = self._turn.gate.call_id == step.id
        activity = self._turn.activity if step.result is None else ""
        if drawn == (now := [step.result, is_asked, activity]):
            return
        drawn[:] = now
        with slot.container():
            draw_step(
                step,
                self._drawers.details,
                is_running=True,
                activity="waiting for your permission" if is_asked else activity,
            )
            if is_asked:
                self._drawers.permission(step, self._turn)


UPDATE_INTERVAL_S = 0.025
# After this a connection that broke has been noticed by Streamlit.
DISCONNECT_NOTICED_S = 0.05

TOLD_AT_LATEST_S = 15.0  # by then a browser has told that it has drawn its first page, or it never will

_ENDED = {FAILED: "failed", STOPPED: "was stopped"}


class FollowedTurn:
    """A turn that the page follows: its answer grows in a box.

    The chat input's stop button ends it. The input does not always have that button: not after a reload, a Retry or a
    suggestion, nor when a question was sent while the page was still being drawn. So the page has one of its own, which
    is hidden where the input has it (`view/shell/style.css`).
    """

    def __init__(self, turn: RunningTurn, box: DeltaGenerator, steps: StepDrawers) -> None:
        self._turn = turn
        self._steps = steps
        self._updates = turn.follow(UPDATE_INTERVAL_S)
        with box:
            self._answer = GrowingAnswer(message_box(turn.answer, avatar_of(turn.conversation)), turn, steps)
        self._answer.draw()

    def begin(self) -> None:
        """Follow until the first words have reached the browser, or none have come so far.

        Whatever else a browser has to draw, it draws before them when it comes before them.
        """
        is_drawn = False
        for is_new in self._updates:
            self._answer.draw()
            if is_drawn or not is_new:
                return
            is_drawn = bool(self._turn.answer.content or self._turn.activity)

    def draw_stop(self) -> None:
        """Draw the way to stop."""
        turn = self._turn
        with st.container(key="bna_stop"):
            st.button("Stop", key=f"bna.stop.{turn.answer.id}", icon=":material/stop_circle:", on_click=turn.stop)

    def follow(self, draw_beside: Callable[[], None]) -> None:
        """Draw what comes, and what stands beside it, until the turn has ended."""
        for _ in self._updates:
            self._answer.draw()
            draw_beside()
            self._steps.beside()
            _look_for_clicks()


@contextmanager
def stopping(turn: RunningTurn | None) -> Iterator[None]:
    """End the turn where the person stops the page in this block; where the browser has gone, it goes on."""
    client = _client()
    try:
        # A place of its own, also where nothing runs: else all that stands below would move when the answer has ended,
        # and the browser would make it anew, with what is open there closed.
        with st.container():
            if turn:
                _watch_end(turn)  # first: Stop may come at whatever is drawn here, and then nothing else is drawn
        yield
    except StopException:
        time.sleep(DISCONNECT_NOTICED_S)
        if turn and client is not None and client is _client():
            turn.stop()
        raise


def announcement(answer: Message) -> str:
    """Return what a screen reader says when an answer has ended: once, not for each word."""
    return f"The answer {_ENDED.get(answer.status, 'is finished')}: {answer.content[:300]}"


def announce(state: ChatState, turn: RunningTurn | None) -> None:
    """Let a screen reader hear an answer's end, once; also of one that was there before the page was drawn."""
    messages = state.conversation.messages
    state.is_awaiting |= turn is not None
    if turn is None and state.is_awaiting and messages and messages[-1].role == "assistant":
        BrowserCommands.of_session().say, state.is_awaiting = announcement(messages[-1]), False


def _watch_end(turn: RunningTurn) -> None:
    """Draw the page once more when the turn has ended: a run that was stopped can draw nothing itself.

    Seldom where the browser is drawing its first page (`page_is_drawn`), since each look is an update.
    """
    st.fragment(_draw_when_ended, run_every=0.25 if page_is_drawn() else TOLD_AT_LATEST_S / 5)(turn, time.monotonic())


def _draw_when_ended(turn: RunningTurn, began_at: float) -> None:
    is_late = not page_is_drawn() and time.monotonic() > began_at + TOLD_AT_LATEST_S
    if is_late:
        note_drawn()
    if turn.has_ended or is_late:
        st.rerun()


def _look_for_clicks() -> None:
    """Let Streamlit stop the script where the person has clicked: it looks at each use of the session.

    It also looks when something is drawn, but a browser that has much to draw would never come to an end of that.
    """
    st.session_state.get("bna.clicks")


def _client() -> object | None:
    """Return the connection to this page's browser.

    Streamlit stops a script for two reasons: the person pressed Stop, or the browser has gone. In the second case
    the connection is another or none, and the answer goes on. (A third, a click elsewhere, would look the same if
    `runner.fastReruns` were on.)
    """
    context = get_script_run_ctx()
    return get_instance().get_client(context.session_id) if exists() and context else None
