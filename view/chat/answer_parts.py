"""An answer in the transcript: its text, its tool steps, one quiet line each, and its sources.

The same lines are drawn while a turn runs and in a saved conversation. A stage may draw its own details
(`ChatView.draw_step_details`), and its own question before a tool runs (`ChatView.draw_permission`).
"""

import json
import re
from collections.abc import Callable, Mapping
from typing import Literal
from urllib.parse import parse_qsl

import streamlit as st

from controller.chat.turns import RunningTurn
from controller.turn import WRITES
from model.chat.message import STREAMING, Message
from model.chat.message_parts import WHY_FAILED, Citation, ToolStep, parts_of
from utils.text.markdown import blocks, for_display, plain
from utils.text.markdown_parts import pieces
from utils.text.untrusted import unfenced
from view.shell.errors import kept_errors
from view.shell.services import services
from view.shell.session import ChatState

MOST_TITLE = 40


def draw_citations(message: Message) -> None:
    """Draw the sources that an answer names; all of them where it names none."""
    # Of two with one number, as a file made elsewhere may hold them, the text means the first.
    numbered = {citation.number: citation for citation in reversed(message.citations)}
    named = [number for number in sorted(numbered) if f"[{number}]" in message.content]
    if numbered:
        with st.container(horizontal=True, key=f"bna.sources.{message.id}"):
            for number in named or sorted(numbered):
                draw_citation(numbered[number], source_key(message, numbered[number]))


def source_key(message: Message, citation: Citation) -> str:
    """Return the key of a source's button; its number in the text leads there (`view/shell/browser`)."""
    return f"bna-source-{message.id}-{citation.number}"


def draw_citation(citation: Citation, key: str) -> None:
    title = citation.title or citation.address
    short = title if len(title) <= MOST_TITLE else title[: MOST_TITLE - 1] + "…"
    with st.popover(plain(f"{citation.number} · {short}"), type="tertiary", key=key):
        st.markdown(f"**{plain(title)}**")
        if citation.place:
            st.caption(plain(citation.place))
        if citation.address.startswith(("https://", "http://")):
            st.link_button("Open the page", citation.address, icon=":material/open_in_new:")
            st.caption(plain(citation.address))
        elif place := place_in(citation.address):
            go, icon = st.query_params.from_dict, ":material/forum:"
            st.button("Open the conversation", key=f"{key}-open", icon=icon, on_click=go, args=(place,))
        st.text(citation.passage)


def place_in(address: str) -> dict[str, str]:
    """Return which conversation and message an address of our own names; nothing where it is another one."""
    named = dict(parse_qsl(address[1:])) if address.startswith("?") else {}
    return {name: named[name] for name in ("conversation", "message") if name in named}


_MARK = re.compile(
    r"(?P<code>(?<!`)(`+)(?!`).*?(?<!`)\2(?!`))|(?P<link>\[[^][]*\]\([^()]*\))|\[(?P<number>\d{1,3})\](?![(:])"
)


def with_links(text: str, targets: Mapping[int, str]) -> str:
    """Return Markdown in which the number of each source leads to its target."""

    def linked(mark: re.Match[str]) -> str:
        target = targets.get(int(mark["number"] or -1))
        return rf"[\[{mark['number']}\]]({target})" if target else mark[0]

    drawn = (
        piece if kind in ("fence", "indented", "maths") else _MARK.sub(linked, piece)
        for _, kind, piece, _ in pieces(text)
    )
    return "".join(drawn) if targets else text


MOST_SHOWN = 20_000  # characters of a result; the panel “Show request” has all
SHORT = 80  # what a tool was asked, in its line
ICONS = {WRITES: "edit_calendar"}  # of what is asked about
MOST_SAID = 200  # of why it failed

Draw = Callable[[ToolStep], None]


def draw_parts(message: Message, draw_details: Draw) -> None:
    """Draw an answer's text and tool steps in the order in which they came."""
    targets = {citation.number: f"#{source_key(message, citation)}" for citation in message.citations}
    for part in parts_of(message.content, message.tool_steps):
        if isinstance(part, str):
            for block in blocks(with_links(part, targets)):
                st.markdown(for_display(block))
        else:
            for step in part:
                draw_step(step, draw_details, is_running=message.status == STREAMING)


def draw_step(step: ToolStep, draw_details: Draw, is_running: bool = False, activity: str = "") -> None:
    """Draw one step, closed."""
    is_waiting = step.result is None
    state: Literal["running", "complete", "error"] = "error" if step.is_error or is_waiting else "complete"
    label = label_of(step, is_running, activity)
    box = st.status(label, state="running" if is_running and is_waiting else state, type="compact")
    with box.container():  # the box itself would be marked as done at the end of the block
        for name, value in arguments_of(step).items():
            st.caption(plain(name))
            st.code(value, language=None, wrap_lines=True)
        draw_details(step)
        if step.result:
            st.caption("Result")
            st.code(step.result[:MOST_SHOWN], language=None, wrap_lines=True)


def label_of(step: ToolStep, is_running: bool, activity: str) -> str:
    """Return a step in one line: the tool, what it was asked, and what it does or how it ended; a failure says why."""
    if step.result is not None:
        ending = _short(_reason(_why(step)), MOST_SAID) if step.is_error else f"{step.duration_s or 0:.1f} s"
    else:
        ending = (activity or "running…") if is_running else "interrupted"
    asked = _short(" ".join(filter(_is_told, arguments_of(step).values())), SHORT)
    return " · ".join(plain(part) for part in (step.label or step.name, asked, ending) if part)


def _reason(result: str) -> str:
    """Return why a step failed: of a traceback the last line, which says it."""
    lines = [line for line in result.splitlines() if line.strip()]
    is_traceback = any(line.startswith("Traceback (most recent call last)") for line in lines)
    return lines[-1] if is_traceback else result


def _is_told(value: str) -> bool:
    """Whether an argument says something in one line; a drawing's source does not."""
    return not value.lstrip().startswith("<")


def _why(step: ToolStep) -> str:
    """Return why a step failed, as a person is told."""
    return str(step.details.get(WHY_FAILED) or unfenced(step.result or ""))


def _short(text: str, limit: int) -> str:
    """Return a text on one line, cut where it is longer than the limit."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


def arguments_of(step: ToolStep) -> dict[str, str]:
    """Return what ran by its name, as text; what the model wrote where that is no JSON."""
    raw = step.ran_with if step.ran_with is not None else step.arguments
    try:
        arguments = json.loads(raw)
    except (ValueError, RecursionError):
        arguments = None
    if not isinstance(arguments, dict):
        return {"Arguments": raw}
    return {name: value if isinstance(value, str) else json.dumps(value) for name, value in arguments.items()}


def draw_permission(step: ToolStep, turn: RunningTurn, state: ChatState) -> None:
    """Ask whether a tool may run; where just this call needs a yes, say why, and offer to ask no more."""
    if reason := turn.gate.reason:
        icon = ICONS.get(turn.gate.option, "hub" if turn.gate.can_be_for_good else "outbox")
        st.caption(f":material/{icon}: {plain(reason)}")
    for name, value in arguments_of(step).items():
        st.caption(plain(name))
        st.code(value, language=None, wrap_lines=True)
    buttons = st.container(horizontal=True)
    answer, key = turn.gate.answer, f"bna.gate.%s.{step.id}"
    buttons.button("Allow", key=key % "yes", type="primary", on_click=answer, args=(step.id, True))
    if reason:
        buttons.button("Always in this conversation", key=key % "always", on_click=_always, args=(step, turn, state))
    if reason and turn.gate.can_be_for_good:
        key_of_all, allowed = key % "for_good", (step.id, True, None, True)
        buttons.button("Always, everywhere", key=key_of_all, on_click=answer, args=allowed)
    buttons.button("Don't allow", key=key % "no", on_click=answer, args=(step.id, False))


def _always(step: ToolStep, turn: RunningTurn, state: ChatState) -> None:
    """Let tools do in this conversation what is asked about, from now on, and this one too."""
    with kept_errors(state):
        services().changes.choose(turn.conversation, **turn.conversation.options.allowing(turn.gate.option))
        turn.gate.let_always()
        turn.gate.answer(step.id, True)
