"""Asking on the page that has everything: with the tools that are switched on when the question is sent."""

from controller.abilities import SENSES, switched_on
from view.composed_asking import ComposedAsker
from view.services import services
from view.tool_switches import take_over


class AllAsker(ComposedAsker):
    """Starts turns with everything."""

    is_aloud_at_first = False

    def abilities(self) -> list[str]:
        """Return what is switched on; pictures and speech always are."""
        return [*switched_on(self.state.conversation.options), *SENSES]

    def submit(self, key: str) -> None:
        """Ask what was typed, with the tools that are switched on now."""
        take_over(self.state, services().changes)
        super().submit(key)
