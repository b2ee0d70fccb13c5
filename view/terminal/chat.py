"""Asking in the terminal, and following the answer.

Turns run in `controller/chat/turns.py`, as those of the pages do: the question is on disk before the request leaves.
"""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType

from controller.chat.controller import ChatController
from controller.chat.turns import RunningTurn
from controller.history.inside import kept_trace
from controller.history.tracing import new_trace
from controller.stages import controller_of
from controller.turn import TurnControl
from model.chat.conversation import Conversation
from model.chat.descriptions import can_go_on
from model.chat.events import Started
from model.chat.message import COMPLETE, STOPPED
from model.chat.message_parts import ToolStep
from model.errors import InputError
from utils.threads.stop import CancellationToken
from utils.threads.trace import Span, Trace
from view.terminal.answer import Growing
from view.terminal.inside import span_as_line
from view.terminal.screen import ALWAYS, NO, Screen
from view.terminal.session import TerminalState

UPDATE_INTERVAL_S = 0.05


class TerminalChat:
    """Starts turns in the conversation that a terminal has open, and draws them."""

    def __init__(self, state: TerminalState, screen: Screen) -> None:
        self.state, self.screen = state, screen
        self.was_stopped = self.is_inside = False
        self.traces: dict[str, Trace] = {}  # of the newest turn, by its answer's id

    def ask(self, prompt: str) -> None:
        """Ask, and show the answer as it comes. Raises: BnaError; the question is kept."""
        if not self.state.stage.has_memory:
            self.state.conversation = Conversation(is_temporary=True)
        files = self.state.attachments
        self.show(lambda control: control.ask(self.state.conversation, prompt, files))
        self.state.attachments = []

    def retry(self) -> None:
        """Ask for the last answer again; one that was whole stays beside the new one.

        Raises: BnaError; InputError when there is no answer yet.
        """
        answer = self.state.last_answer
        if answer is None or self.state.conversation.question_of(answer) is None:
            raise InputError("There is no answer yet.", "Ask something first.")

        def again(control: ChatController) -> Started:
            begin = control.regenerate if answer.status == COMPLETE else control.retry
            return begin(self.state.conversation, answer)

        self.show(again)

    def go_on(self) -> None:
        """Let the model go on with an answer that was broken off.

        Raises: BnaError; InputError when the last answer is whole.
        """
        answer = self.state.last_answer
        if answer is None or not can_go_on(answer):
            raise InputError("The last answer is whole.", "/retry asks for another.")
        self.show(lambda control: control.go_on(self.state.conversation, answer))

    def show(self, begin: Callable[[ChatController], Started]) -> None:
        """Run a turn, and draw it until it has ended; Ctrl-C stops the answer.

        Raises: BnaError; KeyboardInterrupt at a second Ctrl-C, when the turn does not end by itself.
        """
        controller = self.state.stage.build_controller(self.state.services.resources)
        services, selection = self.state.services, self.state.selection
        control = TurnControl(trace=new_trace(services.providers.settings) if self.is_inside else None)
        with interrupt_stops(control.stop):
            opened = self.state.conversation
            turn = services.turns.start(controller, opened, lambda: begin(controller), selection, control)
            self.traces = {turn.answer.id: control.trace} if control.trace else {}
            with self.screen.answer(turn.answer) as growing:
                self.follow(turn, growing)
        self.was_stopped = turn.answer.status == STOPPED
        self.screen.ended(turn.answer, self.state.conversation)
        if turn.error:
            raise turn.error

    def follow(self, turn: RunningTurn, growing: Growing) -> None:
        """Draw a turn to its end; ask where a tool waits for a yes."""
        told_count = 0
        for _ in turn.follow(UPDATE_INTERVAL_S):
            steps = turn.control.trace.spans[told_count:] if turn.control.trace else []
            self.tell_steps(steps, told_count)
            told_count += len(steps)
            growing.draw(turn.activity)
            if call_id := turn.gate.call_id:
                growing.pause()
                is_given = self.ask_permission(turn, call_id)
                growing.go_on()
                turn.gate.answer(call_id, is_given)

    def tell_steps(self, steps: Sequence[Span], told_count: int = 0) -> None:
        """Print a line for each step, behind so many that were told."""
        for number, step in enumerate(steps, told_count + 1):
            self.screen.note(span_as_line(number, step))

    def story(self) -> list[Span]:
        """Return the steps of the last answer; where nobody looked, what is kept of it.

        Raises: InputError when there is no answer yet.
        """
        if (answer := self.state.last_answer) is None:
            raise InputError("There is no answer yet.", "Ask something first.")
        if traced := self.traces.get(answer.id):
            return traced.spans
        stage = controller_of(answer.stage)
        return kept_trace(self.state.services, stage, self.state.conversation, answer).spans

    def ask_permission(self, turn: RunningTurn, call_id: str) -> bool:
        """Ask whether a tool may run; Ctrl-C says no, and stops the answer."""
        step = next((step for step in turn.answer.tool_steps if step.id == call_id), None)
        question, is_sending = _question(step, turn.gate.reason), bool(turn.gate.reason)
        try:
            with interrupt_calls(signal.default_int_handler):  # it has to break off the reading of a line
                said = self.screen.permission(question, with_always=is_sending)
        except KeyboardInterrupt:
            turn.stop()
            return False
        if said == ALWAYS:
            turn.gate.let_always()
            self.state.services.changes.choose(
                turn.conversation, **turn.conversation.options.allowing(turn.gate.option)
            )
        return said != NO


@contextmanager
def interrupt_stops(stop: CancellationToken) -> Iterator[None]:
    """Let Ctrl-C set this token; a second one raises KeyboardInterrupt, as it does elsewhere.

    The first raises nothing, for what is raised while Python runs a destructor is lost.
    """

    def interrupt(number: int, frame: FrameType | None) -> None:
        if stop.is_set:
            signal.default_int_handler(number, frame)
        stop.set()

    with interrupt_calls(interrupt):
        yield


@contextmanager
def interrupt_calls(handler: Callable[[int, FrameType | None], object]) -> Iterator[None]:
    """Let Ctrl-C call this handler."""
    before = signal.signal(signal.SIGINT, handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _question(step: ToolStep | None, reason: str) -> str:
    """Return what is asked before a tool runs, with all that would leave this machine."""
    what = f"Run {step.label or step.name} {step.arguments}?" if step else "Run it?"
    return f"{reason} {what}".strip()
