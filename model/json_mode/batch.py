"""A batch: one task and many inputs, with the answer or the failure of each, in a small file of its own.

The file is a line of JSON with what is asked, then one line for each answer as it comes, so that a crash costs one row
at most. It leaves out who answers: that is `controller/stages/json_mode/batches.py`.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from model.errors import InputError
from model.store.disk_errors import writing
from utils.files import atomic
from utils.text.untrusted import harmless

MOST_INPUTS = 10_000
MOST_CHARS = 20_000  # of one input


@dataclass(frozen=True)
class Outcome:
    """What became of one input: the answer's text, or why there is none; or both, where it does not fit."""

    index: int
    answer: str = ""
    problem: str = ""


@dataclass
class Batch:
    """What is asked, of which inputs, and what has come by now."""

    task: str
    inputs: list[str]
    options: dict[str, Any] = field(default_factory=dict)
    outcomes: dict[int, Outcome] = field(default_factory=dict)

    @property
    def open_indices(self) -> list[int]:
        """Return which inputs have no good answer yet."""
        return [index for index in range(len(self.inputs)) if not self.is_done(index)]

    def is_done(self, index: int) -> bool:
        """Return whether an input has a good answer."""
        return index in self.outcomes and not self.outcomes[index].problem

    def check(self) -> None:
        """Refuse what can't be asked. Raises: InputError."""
        if not any(text.strip() for text in self.inputs):
            raise InputError("The column is empty.", "Choose another one.")
        if len(self.inputs) > MOST_INPUTS:
            raise InputError(f"These are more than {MOST_INPUTS:,} inputs.", "Split the file.")
        longest = max(range(len(self.inputs)), key=lambda index: len(self.inputs[index]))
        if len(self.inputs[longest]) > MOST_CHARS:
            raise InputError(f"Row {longest + 1} is longer than {MOST_CHARS:,} characters.", "Shorten it.")

    def prompt(self, index: int) -> str:
        """Return the question for an input: the task with the input in the place of {input}, else behind it."""
        text = self.inputs[index]
        if "{input}" in self.task:
            return self.task.replace("{input}", harmless(text))
        return f"{self.task}\n\n{harmless(text)}".strip()


def write_batch(path: Path, batch: Batch) -> None:
    """Write a batch with all that has come by now, whatever its file held before. Raises: StoreUnwritable."""
    head = {"wish": batch.task, "inputs": batch.inputs, "options": batch.options}
    with writing(path):
        atomic.write_private(path, b"".join([_line(head), *(_line(asdict(one)) for one in batch.outcomes.values())]))


def write_outcome(path: Path, outcome: Outcome) -> None:
    """Put down what became of one input, whole or not at all.

    Raises: StoreUnwritable, also when the batch's file is gone: without its first line no other can be read.
    """
    with writing(path), path.open("rb+", buffering=0) as file:
        length = file.seek(0, os.SEEK_END)
        try:
            atomic.append_whole(file, _line(asdict(outcome)), length)
        except OSError:
            file.truncate(length)
            raise


def read_batch(path: Path) -> Batch | None:
    """Return the batch that a file holds; None where there is none, or it is damaged in its first line."""
    try:
        head, *rest = path.read_bytes().splitlines()
        told = json.loads(head)
        batch = Batch(str(told["wish"]), [str(text) for text in told["inputs"]], dict(told["options"]))
    except (OSError, ValueError, LookupError, TypeError):
        return None
    batch.outcomes = {outcome.index: outcome for outcome in _outcomes(rest) if outcome.index < len(batch.inputs)}
    return batch


def _outcomes(lines: Sequence[bytes]) -> Iterator[Outcome]:
    for each in lines:
        try:
            yield Outcome(**json.loads(each))
        except (ValueError, TypeError):
            continue  # half a line, as a crash leaves it: its input is asked again


def _line(content: dict[str, Any]) -> bytes:
    return json.dumps(content).encode() + b"\n"
