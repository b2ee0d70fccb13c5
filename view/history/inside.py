"""See inside: the panel beside the chat in which a turn tells its story, each step with the code that did it.

It draws as things happen: a step when it has ended, and below all what is being done now. A step's details are sent to
the browser when a person opens it.
"""

import json
from collections.abc import Callable
from functools import partial

import streamlit as st

from controller.chat.turns import RunningTurn
from controller.history.inside import curl_of, kept_trace, stop_of
from controller.stages import controller_of
from model.chat.message import Message
from utils.text.markdown import plain
from utils.threads.trace import Span, Trace
from view.shell.services import services
from view.shell.session import ChatState, Inside

MOST_SHOWN = 20_000  # characters of a detail
MOST_IN_LINE = 100
EMPTY = "Ask something: each step of the answer stands here as it happens, with the code that does it."
UNSEEN = "Nobody looked when this answer began. When it has ended, what is kept of it stands here."
KEPT = "Nobody looked while this answer was made. This is what is kept with it."


def draw_inside(state: ChatState, turn: RunningTurn | None) -> Callable[[], None]:
    """Draw the panel where it is open; return what draws the steps that have come since."""
    inside = Inside.of_session()
    if not inside.is_open:
        return lambda: None
    with st.container(key="bna_inside"):
        st.header("See inside", anchor=False)
        said = [message for message in state.conversation.messages if message.role == "assistant"]
        newest = turn.answer if turn else next(reversed(said), None)
        answer = next((message for message in said if message.id == inside.answer_id), newest)
        if answer is None:
            st.caption(EMPTY)
            return lambda: None
        question = state.conversation.question_of(answer)
        st.caption(plain(f"The answer to: {question.content[:200]}" if question else "An answer without a question"))
        is_running = turn is not None and turn.answer.id == answer.id
        trace = turn.control.trace if turn and is_running else inside.traces.get(answer.id)
        if trace is None:
            st.caption(UNSEEN if is_running else KEPT)
            kept = partial(kept_trace, services(), controller_of(answer.stage), state.conversation, answer)
            trace = Trace() if is_running else kept()
        story = Story(trace, answer)
    story.draw()
    return story.draw


class Story:
    """The steps of one answer on the page."""

    def __init__(self, trace: Trace, answer: Message) -> None:
        self._trace, self._answer = trace, answer
        self._box, self._now, self._count, self._told = st.container(), st.empty(), 0, ""
        self._key_variable = services().providers.named(answer.provider).key_variable

    def draw(self) -> None:
        """Draw the steps that have ended since the last look, and what is being done now."""
        with self._box:
            for span in self._trace.spans[self._count :]:
                self._count += 1
                self._draw_step(span)
        now = " · ".join(self._trace.running[-1:])
        if now != self._told:
            self._told = now
            self._now.caption(plain(f"Now: {now} …") if now else "")

    def _draw_step(self, span: Span) -> None:
        at = "" if span.at_s is None else f"+{_ms(span.at_s)}"
        times = " · ".join(filter(None, (at, "" if span.took_s is None else f"took {_ms(span.took_s)}")))
        label = f"{self._count}. **{plain(span.title)}**" + (f" · {plain(times)}" if times else "")
        step = st.expander(label, key=f"bna.inside.{self._answer.id}.{self._count}", type="compact", on_change="rerun")
        if step.open:
            with step:
                draw_details(span, self._key_variable)


def draw_details(span: Span, key_variable: str) -> None:
    """Draw what a step had in hand, and the function that did it; as text, since a stranger may have said it."""
    for name, value in span.details.items():
        is_short = len(value) <= MOST_IN_LINE and "\n" not in value and value[:1] not in ("{", "[")
        label = plain(name.replace("_", " ").capitalize())
        st.caption(f"{label}: {plain(value)}" if is_short else label)
        if is_short:
            continue
        st.code(_indented(value)[:MOST_SHOWN], language="json" if value[:1] in ("{", "[") else None, wrap_lines=True)
    if {"address", "body"} <= span.details.keys():
        st.caption("The same as a command")
        st.code(curl_of(span, key_variable), language=None)
    st.markdown(plain(span.docstring))
    thread = f" · thread {span.thread}" if span.at_s is not None else ""
    st.caption(plain(f"{span.function} · {span.file}, line {span.line}{thread}"))
    st.code(span.source, language="python")
    if stop := stop_of(span):
        with st.popover(plain(f"Tour: {stop.title}"), icon=":material/map:"):
            st.markdown(stop.text)


def _indented(value: str) -> str:
    """Return JSON in many lines, and other text as it is."""
    try:
        return json.dumps(json.loads(value), ensure_ascii=False, indent=2) if value[:1] in ("{", "[") else value
    except (ValueError, RecursionError):
        return value


def _ms(seconds: float) -> str:
    return f"{1000 * seconds:,.{1 if seconds < 0.01 else 0}f} ms"
