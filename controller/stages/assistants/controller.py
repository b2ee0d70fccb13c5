"""Stage 7, Assistants: each is made for one thing, by its instructions, its tools and its documents.

Adds: an assistant opens a conversation. Its instructions become the conversation's first message, its tools and options
the conversation's options, its documents files of that message; so the conversation goes on as it is, on any page, when
the assistant was changed or is gone.
Leaves out: how several tools work together, which is in `controller/stages/combined.py`.
"""

from controller.stages.combined import ComposedController


class AssistantsController(ComposedController):
    """A conversation with an assistant."""

    slug = "assistants"
