"""An answer that grows on the screen: what is thought before it, its text in blocks, its tool steps between them.

What can no longer change is left alone in a block of its own, so that a long answer costs no more per update than a
short one.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass

from streamlit.delta_generator import DeltaGenerator

from controller.running_turn import THINKING, RunningTurn
from model.thinking import thinking_title
from model.tool_step import ToolStep
from utils.markdown import for_display, plain, settled
from view.thinking import thinking_box
from view.tool_steps import draw_step

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
        """Draw what the answer is by now."""
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
            draw_step(step, self._drawers.details, is_running=True, activity="may it run?" if is_asked else activity)
            if is_asked:
                self._drawers.permission(step, self._turn)
