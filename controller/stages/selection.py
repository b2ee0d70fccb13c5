"""Which stages can be put together, and which of them a conversation has.

It is apart from `controller/stages/combined.py`, read that next, because pages need it, and no page waits for
LlamaIndex.
"""

from controller.stages import STAGES, Stage
from model.chat.options import Options

NONE = "none"  # what a conversation names that shall have none of them
JSON = "json_mode"  # the one part that is a form of the answer and no tool
IMAGES, VOICE = "images", "voice"
SENSES = (IMAGES, VOICE)  # no tools either: what the box takes, and how the answer comes


def abilities() -> list[Stage]:
    return [row for row in STAGES if (row.has_tools or row.slug in (JSON, *SENSES)) and not row.is_composed]


def switches() -> list[Stage]:
    """Return the parts of stage 11 that are switched; pictures and speech are always on there."""
    return [row for row in abilities() if row.slug not in SENSES]


def chosen_stages(options: Options) -> list[str]:
    """Return the slugs of the parts that a conversation names, in the stages' order, without unknown ones."""
    return [row.slug for row in abilities() if row.slug in options.tools]


def switched_on(options: Options) -> list[str]:
    """Return the slugs of stage 11's switches that are on: those that the conversation names, else all but JSON."""
    is_on = options.tools or [row.slug for row in switches() if row.slug != JSON]
    return [row.slug for row in switches() if row.slug in is_on]
