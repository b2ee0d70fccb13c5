"""Which stages can be put together, and which of them a conversation has.

It is apart from `controller/composed.py`, read that next, because pages need it, and no page waits for LlamaIndex.
"""

from controller.stages import STAGES, Stage
from model.options import Options

NONE = "none"  # what a conversation names that shall have none of them
JSON = "json_mode"  # the one part that is a form of the answer and no tool


def abilities() -> list[Stage]:
    """Return the stages that can be put together."""
    return [row for row in STAGES if (row.has_tools or row.slug == JSON) and not row.is_composed]


def chosen(options: Options) -> list[str]:
    """Return the slugs of the parts that a conversation names, in the stages' order, without unknown ones."""
    return [row.slug for row in abilities() if row.slug in options.tools]


def switched_on(options: Options) -> list[str]:
    """Return the slugs of stage 11's parts: those that the conversation names, else all but answers in JSON."""
    return chosen(options) if options.tools else [row.slug for row in abilities() if row.slug != JSON]
