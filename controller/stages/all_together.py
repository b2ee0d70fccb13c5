"""Stage 11, All Together: one page with everything.

Adds: nothing of its own, which is the point: it puts the other stages' tools together, as an assistant does, and the
person switches them. Hearing and speaking are beside the turn, as on the page of stage 9.
Leaves out: forms for many inputs at once, which stage 10 has.
"""

from controller.stages import switched_on
from controller.stages.chatbot_with_memory import MemoryController
from controller.stages.combined import ComposedController
from controller.turn import Turn
from model.chat.options import Options

WEB = "web_search"


class AllTogetherController(ComposedController):
    """A conversation with all that there is, as far as it is switched on."""

    slug = "all_together"

    @classmethod
    def chosen(cls, options: Options) -> list[str]:
        """Return what is switched on: at first all, so that it is the same over HTTP and in the terminal."""
        return switched_on(options)

    def suiting(self, turn: Turn, parts: list[MemoryController]) -> list[MemoryController]:
        """Return the parts that suit a question; the web only where somebody has chosen it: it would suit every one."""
        return [part for part in super().suiting(turn, parts) if turn.options.tools or part.slug != WEB]
