"""Stage 12, Log: an assistant that lives with a person from day to day.

Adds: its parts, which are abilities for other stages, too, each in a folder of its own.
"""

from controller.stages import chosen_abilities, stage
from controller.stages.combined import ComposedController
from model.chat.options import Options


def abilities_of(options: Options) -> list[str]:
    """Return the slugs of what a day's conversation has: what it names, else all of the Log's own parts."""
    return chosen_abilities(options) if options.tools else [part.slug for part in stage("log").parts]


class LogController(ComposedController):
    """A day's conversation."""

    slug = "log"

    @classmethod
    def chosen(cls, options: Options) -> list[str]:
        return abilities_of(options)
