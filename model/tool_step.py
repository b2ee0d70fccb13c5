"""ToolStep: one call of a tool, as it is kept on the answer that it belongs to."""

from dataclasses import dataclass, field
from typing import Any

from model.possible_numbers import is_count_of

WHY_FAILED = "why"  # in a step's details: what a person is told of a failure, where the model is told something else


@dataclass
class ToolStep:
    """One call of a tool, and its result.

    `arguments` is what the model wrote, JSON if all is well; `ran_with` what ran instead, where a person changed it.
    `at` is the place in the answer's text at which the tool was called, in characters. `round` is the number of the
    request whose answer asked for it; 0 when the stage called the tool before the model was asked.
    `result` is what the model gets to read; None while the tool runs, and for ever when it was interrupted.
    `details` is what only the person sees.
    """

    id: str
    name: str
    label: str = ""  # for the person
    arguments: str = "{}"
    at: int = 0
    round: int = 0
    ran_with: str | None = None
    result: str | None = None
    is_error: bool = False
    duration_s: float | None = None
    token_count: int | None = None
    details: dict[str, Any] = field(default_factory=dict)
    extra: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Take no number that can't be one: a file may come from anywhere."""
        self.at, self.round = max(0, self.at), max(0, self.round)
        if self.token_count is not None and not is_count_of(self.token_count, self.arguments + (self.result or "")):
            self.token_count = None


def step_of(call: Any, at: int) -> ToolStep:
    """Return the step that a `ToolCall` event begins."""
    return ToolStep(call.id, call.name, call.label, call.arguments, at, call.round)


def take_result(steps: list[ToolStep], result: Any) -> None:
    """Put what a `ToolResult` event tells on the step that it belongs to."""
    for step in steps:
        if step.id == result.id:
            step.result, step.is_error, step.duration_s = result.content, result.is_error, result.duration_s
            step.token_count, step.details, step.ran_with = result.token_count, result.details, result.ran_with


def parts_of(text: str, steps: list[ToolStep]) -> list[str | list[ToolStep]]:
    """Return an answer's text and steps in the order in which they came."""
    parts: list[str | list[ToolStep]] = []
    begin = 0
    for step in sorted(steps, key=lambda step: step.at):
        if before := text[begin : step.at]:
            parts.append(before)
            begin = step.at
        if parts and isinstance(parts[-1], list):
            parts[-1].append(step)
        else:
            parts.append([step])
    return [*parts, text[begin:]] if text[begin:] else parts
