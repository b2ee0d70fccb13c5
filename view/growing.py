"""An answer that grows on the screen: its text in blocks, its tool steps between them.

What can no longer change is left alone in a block of its own, so that a long answer costs no more per update than a
short one. Read next: `view/live.py`, which follows a turn with these.
"""

from collections.abc import Callable
from dataclasses import dataclass

from streamlit.delta_generator import DeltaGenerator

from controller.running_turn import RunningTurn
from model.tool_step import ToolStep
from utils.markdown import for_display, plain, settled
from view.tool_steps import draw_step


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

    def draw(self, text: str, activity: str = "") -> None:
        """Draw what the text is by now, or what is done while there is none."""
        end = settled(text, self._begin)
        if end - self._begin >= 2000:
            self._in_slot().markdown(for_display(text[self._begin : end]))
            self._slot, self._begin, self._is_new = None, end, False
        rest = text[self._begin :]
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


class GrowingAnswer:
    """An answer that grows: text, tool steps, and the text behind them."""

    def __init__(self, box: DeltaGenerator, turn: RunningTurn, steps: StepDrawers) -> None:
        self._box = box
        self._turn = turn
        self._drawers = steps
        self._slots: list[tuple[DeltaGenerator, list[object]]] = []
        self._text = GrowingText(box)

    def draw(self) -> None:
        """Draw what the answer is by now."""
        content, steps = self._turn.answer.content, list(self._turn.answer.tool_steps)
        for step in steps[len(self._slots) :]:
            self._text.draw(content[: step.at])
            self._slots.append((self._box.empty(), []))
            self._text = GrowingText(self._box, step.at)
        for step, (slot, drawn) in zip(steps, self._slots, strict=True):
            self._draw_step(step, slot, drawn)
        is_busy = bool(steps) and steps[-1].result is None
        self._text.draw(self._drawers.text(content), "" if is_busy else self._turn.activity or "…")

    def _draw_step(self, step: ToolStep, slot: DeltaGenerator, drawn: list[object]) -> None:
        """Draw a step unless it stands there as it is."""
        is_asked = self._turn.gate.call_id == step.id
        activity = self._turn.activity if step.result is None else ""
        if drawn == (now := [step.result, is_asked, activity]):
            return
        drawn[:] = now
        with slot.container():
            draw_step(step, self._drawers.details, is_running=True, activity="may it run?" if is_asked else activity)
            if is_asked:
                self._drawers.permission(step, self._turn)
