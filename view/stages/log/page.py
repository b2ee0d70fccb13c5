"""Stage 12 on the screen: a conversation for each day."""

from controller.stages.log.controller import abilities_of
from view.stages.combined import ComposedAsker, ComposedView


class LogAsker(ComposedAsker):
    """Starts turns in a day's conversation."""

    def abilities(self) -> list[str]:
        return abilities_of(self.state.conversation.options)


class LogView(ComposedView):
    """The Log."""

    slug = "log"
    asker_class = LogAsker
