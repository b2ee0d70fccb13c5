"""Which stages can be put together, and which of them a conversation has.

It is apart from `controller/composed.py`, read that next, because pages need it, and no page waits for LlamaIndex.
"""

from controller.stages import STAGES, Stage
from model.options import Options

JSON = "json_mode"  # the one part that is a form of the answer and no tool


def abilities() -> list[Stage]:
    """Return the stages that can be put together."""
    return [row for row in STAGES if (row.has_tools or row.slug == JSON) and not row.is_composed]


def chosen(options: Options) -> list[str]:
    """Return the slugs of the parts that a conversation names, in the stages' order, without unknown ones."""
    return [row.slug for row in abilities() if row.slug in options.tools]
