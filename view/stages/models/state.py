"""What the page Models remembers between two drawings."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from controller.stages.models.library import Listing
from model.errors import BnaError
from view.shell.errors import draw_problem

KEY = "bna.models"


@dataclass
class ModelsPageState:
    """What went wrong, by the place where it is told, and what the repository has that was asked for."""

    problems: dict[str, str] = field(default_factory=dict)
    listing: Listing | None = None

    @contextmanager
    def kept(self, place: str) -> Iterator[None]:
        """Keep an error of this block for the page to draw in its place."""
        try:
            yield
        except BnaError as error:
            self.problems[place] = f"{error.message} {error.hint}".strip()

    def draw_problem(self, place: str) -> None:
        """Draw what went wrong at a place, once."""
        draw_problem(self.problems.pop(place, ""))
