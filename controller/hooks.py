"""What a stage with tools may override: each hook does nothing until a stage has something for it."""

from collections.abc import Iterator

from controller.tool_runner import ToolRunner
from controller.tools import Tool
from controller.turn import Turn
from model.event import Event


class StageHooks:
    """The places in a turn where a stage does what is its own."""

    def tools(self, turn: Turn) -> list[Tool]:
        """Return the tools that the agent may use in this turn; later stages have some."""
        del turn
        return []

    def suits(self, turn: Turn) -> bool:
        """Tell whether the tools fit a question, where those of several stages could, and the model can't choose."""
        del turn
        return True

    def before_answer(self, turn: Turn, runner: ToolRunner) -> None:
        """Look something up before the model is asked, with `runner.call`; later stages do.

        The results stand in front of the question. Models that can't call tools get theirs only here.
        """

    def own_words(self, turn: Turn) -> str:
        """Return an answer that needs no model, from what was looked up; "" where the model is asked."""
        del turn
        return ""

    def leaves_to_tools(self, turn: Turn) -> frozenset[str]:
        """Return which rules of `controller/by_rule.py` do not count here, because a tool does better."""
        del turn
        return frozenset()

    def after_answer(self, turn: Turn) -> Iterator[Event]:
        """Yield what comes behind an answer, such as its sources; later stages do."""
        del turn
        yield from ()
